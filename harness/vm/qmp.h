// SPDX-License-Identifier: MIT
// QEMU's machine protocol: JSON commands and answers, a line each.
#pragma once

#include <chrono>
#include <expected>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/device/error.h"
#include "harness/device/unique_fd.h"

namespace vexfs::parity::vm {

// Used by one thread at a time. Events that QEMU sends in between are dropped.
class Qmp {
 public:
  explicit Qmp(UniqueFd socket) : socket_(std::move(socket)) {}

  // Returns the command's "return" value. Fails with QEMU's own description, when QEMU has ended,
  // or when `patience` ends.
  std::expected<nlohmann::json, InfraError> execute(
      const std::string& command, const nlohmann::json& arguments = nlohmann::json::object(),
      std::chrono::milliseconds patience = std::chrono::seconds(20));

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  std::expected<nlohmann::json, InfraError> send_and_wait(const std::string& command,
                                                          const nlohmann::json& arguments,
                                                          Deadline deadline);
  std::expected<nlohmann::json, InfraError> read_message(Deadline deadline);

  UniqueFd socket_;
  bool negotiated_ = false;
  std::string input_;
};

}  // namespace vexfs::parity::vm
