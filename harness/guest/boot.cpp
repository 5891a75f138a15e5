// SPDX-License-Identifier: MIT
#include "harness/guest/boot.h"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "harness/guest/execute_as.h"
#include "harness/guest/kernel_log.h"
#include "harness/guest/modules.h"

namespace vexfs::parity::guest {
namespace {

void mount_system(const char* type, const char* dir) {
  ::mkdir(dir, 0755);
  // EBUSY: the kernel has mounted devtmpfs itself.
  if (::mount(type, dir, type, 0, nullptr) != 0 && errno != EBUSY) {
    log_warning(std::string("mount ") + type + ": " + std::strerror(errno));
  }
}

// Each line: the path of a module file and, after a space, its parameters.
void load_listed_modules() {
  std::ifstream list("/modules.list");
  if (!list) log_warning("/modules.list is missing: no modules are loaded");
  for (std::string line; std::getline(list, line);) {
    if (line.empty()) continue;
    const auto space = line.find(' ');
    const auto path = line.substr(0, space);
    const auto params = space == std::string::npos ? std::string() : line.substr(space + 1);
    const int error = insert_module(path, params);
    if (error != 0) log_warning("insmod " + path + ": " + std::strerror(error));
  }
}

void set_kernel(const char* name, const char* value) {
  std::ofstream(std::string("/proc/sys/kernel/") + name) << value;
}

}  // namespace

void set_up_system() {
  mount_system("proc", "/proc");
  mount_system("sysfs", "/sys");
  mount_system("devtmpfs", "/dev");
  mount_system("tmpfs", "/tmp");
  load_listed_modules();
  // A task that waits without a chance to be killed for this long is reported on the console.
  set_kernel("hung_task_timeout_secs", "15");
  switch_off_link_policies();
  // Scenarios open many files and map nothing large.
  const rlimit files{65536, 65536};
  ::setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace vexfs::parity::guest
