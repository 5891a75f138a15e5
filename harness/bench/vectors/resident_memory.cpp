// SPDX-License-Identifier: MIT
#include "harness/bench/vectors/resident_memory.h"

#include <sys/wait.h>

#include <fstream>

#include <malloc.h>
#include <unistd.h>

namespace vexfs::parity {
namespace {

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

std::uint64_t resident_growth(const std::function<void(std::function<void()> measure)>& work) {
  int ends[2];
  if (pipe(ends) != 0) return 0;
  const pid_t child = fork();
  if (child == 0) {
    malloc_trim(0);  // free memory that is still resident would be used again and not count
    const std::uint64_t before = resident_bytes();
    work([&] {
      const std::uint64_t growth = resident_bytes() - before;
      _exit(write(ends[1], &growth, sizeof growth) == sizeof growth ? 0 : 1);
    });
    _exit(1);
  }
  close(ends[1]);
  std::uint64_t growth = 0;
  if (read(ends[0], &growth, sizeof growth) != sizeof growth) growth = 0;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return growth;
}

}  // namespace vexfs::parity
