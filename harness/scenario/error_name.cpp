// SPDX-License-Identifier: MIT
#include "harness/scenario/error_name.h"

#include <cerrno>
#include <charconv>

#include <string.h>

namespace vexfs::parity {
namespace {

constexpr int kMostErrors = 4096;  // the kernel's MAX_ERRNO is 4095

const char* known_name(int error) {
  // glibc calls EOPNOTSUPP by its synonym; manual pages of filesystems do not.
  return error == EOPNOTSUPP ? "EOPNOTSUPP" : strerrorname_np(error);
}

}  // namespace

std::string error_name(int error) {
  if (error == 0) return "ok";
  const char* name = known_name(error);
  return name != nullptr ? name : "E" + std::to_string(error);
}

std::optional<int> error_number(std::string_view name) {
  if (name == "ok") return 0;
  for (int error = 1; error < kMostErrors; ++error) {
    const char* known = known_name(error);
    if (known != nullptr && name == known) return error;
  }
  int error = 0;
  if (name.size() < 2 || name[0] != 'E') return std::nullopt;
  const auto [end, fault] = std::from_chars(name.data() + 1, name.data() + name.size(), error);
  const bool whole = fault == std::errc() && end == name.data() + name.size();
  return whole && error > 0 && error < kMostErrors ? std::optional(error) : std::nullopt;
}

}  // namespace vexfs::parity
