// SPDX-License-Identifier: MIT
// The serial console of one machine: kept in a file, and judged.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "harness/vm/console_signs.h"

namespace vexfs::parity::vm {

class Console {
 public:
  // `file` gets the whole text.
  explicit Console(const std::filesystem::path& file) : file_(file, std::ios::binary) {}

  // Reads what a non-blocking socket holds. False at its end.
  bool drain(int socket);

  const std::optional<ConsoleSign>& sign() const { return sign_; }
  std::string tail(std::size_t lines) const { return vm::tail(text_, lines); }
  bool empty() const { return text_.empty(); }

 private:
  void append(std::string_view text);

  std::ofstream file_;
  std::string text_;  // the last part of it
  std::optional<ConsoleSign> sign_;
};

}  // namespace vexfs::parity::vm
