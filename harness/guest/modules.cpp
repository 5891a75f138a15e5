// SPDX-License-Identifier: MIT
#include "harness/guest/modules.h"

#include <sys/syscall.h>

#include <cerrno>
#include <fstream>

#include <fcntl.h>
#include <unistd.h>

#include "harness/device/unique_fd.h"

namespace vexfs::parity::guest {

int insert_module(const std::string& path, const std::string& params) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno;
  if (::syscall(SYS_finit_module, fd.get(), params.c_str(), 0) == 0 || errno == EEXIST) return 0;
  return errno;
}

int remove_module(const std::string& name) {
  return ::syscall(SYS_delete_module, name.c_str(), O_NONBLOCK) == 0 ? 0 : errno;
}

std::vector<std::string> loaded_modules() {
  std::vector<std::string> names;
  std::ifstream list("/proc/modules");
  for (std::string line; std::getline(list, line);) names.push_back(line.substr(0, line.find(' ')));
  return names;
}

}  // namespace vexfs::parity::guest
