// SPDX-License-Identifier: MIT
#include "tools/vexctl/failure.h"

#include <cstring>

#include <fmt/format.h>

namespace vexfs::ctl {

std::string errno_name(int error) {
  const char* name = ::strerrorname_np(error);
  return name == nullptr ? fmt::format("{}", error) : name;
}

Failure system_failure(const std::string& what, int error) {
  return {fmt::format("{}: {} ({})", what, std::strerror(error), errno_name(error))};
}

}  // namespace vexfs::ctl
