// SPDX-License-Identifier: MIT
// What the agent does for each kind of request (see agent.h), apart from the transport.
#pragma once

#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "harness/guest/mounts.h"

namespace vexfs::parity::guest {

// Used by one thread; only the diagnosis may be asked for from any.
class Commands {
 public:
  // `pause`: for steps, see session.h.
  explicit Commands(Pause pause = [](std::size_t) {}) : pause_(std::move(pause)) {}

  // The reply without its id. A request that cannot be understood is answered with EINVAL and the
  // reason. Does not throw.
  nlohmann::json execute(const nlohmann::json& request);

  // The requests that say what the kernel is doing: show_tasks and dmesg.
  static bool is_diagnosis(const std::string& kind);
  static nlohmann::json diagnose(const std::string& kind);

 private:
  nlohmann::json dispatch(const nlohmann::json& request);
  nlohmann::json mount(const nlohmann::json& request);
  nlohmann::json steps(const nlohmann::json& request, const Pause& pause);
  nlohmann::json segment(const nlohmann::json& request, const Pause& pause);
  nlohmann::json record(nlohmann::json request);

  Pause pause_;
  Mounts mounts_;
};

}  // namespace vexfs::parity::guest
