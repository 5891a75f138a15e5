// SPDX-License-Identifier: MIT
// How many small operations the engine does a second, in memory: vexfs_core_speed prints it, by the
// clock on the wall and by processor time (the one to look at on a busy machine).
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "fuse/core/tests/test_volume.h"

namespace {

using namespace vexfs::core;
using vexfs::core::testing::Image;

template <typename Operation>
void measure(const char* name, int count, Operation operation) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t processor = std::clock();
  for (int i = 0; i < count; ++i) {
    if (!operation(i)) {
      std::fprintf(stderr, "%s failed at %d\n", name, i);
      std::exit(1);
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double busy = static_cast<double>(std::clock() - processor) / CLOCKS_PER_SEC;
  std::printf("%-24s %10.0f operations/s, %10.0f by processor time\n", name, count / took.count(),
              count / busy);
}

}  // namespace

int main() {
  constexpr int kCount = 100000;
  Image image = vexfs::core::testing::make_image(
      {"--blocks 262144", "--inodes 200000", "--log-blocks 16384"});
  MountOptions options = vexfs::core::testing::manual();
  auto opened = Volume::open(std::make_unique<MemoryDevice>(image), options);
  if (!opened) return 1;
  Volume& volume = **opened;
  const auto name = [](int i) { return "file" + std::to_string(i); };
  std::vector<InodeNumber> files(kCount);
  const std::vector<std::byte> block(4096, std::byte{7});
  measure("create", kCount, [&](int i) {
    const auto made = volume.mknod(VEXFS_ROOT_INO, name(i), {.mode = 0100644});
    if (made) files[static_cast<size_t>(i)] = made->ino;
    return made.has_value();
  });
  measure("lookup", kCount,
          [&](int i) { return volume.lookup(VEXFS_ROOT_INO, name(i)).has_value(); });
  measure("getattr", kCount,
          [&](int i) { return volume.getattr(files[static_cast<size_t>(i)]).has_value(); });
  measure("write 4 KiB, new block", kCount, [&](int i) {
    return volume.write(files[static_cast<size_t>(i)], 0, block, false).has_value();
  });
  measure("chmod", kCount, [&](int i) {
    return volume.setattr(files[static_cast<size_t>(i)], {.mode = 0600}).has_value();
  });
  measure("rename", kCount, [&](int i) {
    return volume.rename(VEXFS_ROOT_INO, name(i), VEXFS_ROOT_INO, "r" + name(i), 0).has_value();
  });
  measure("unlink", kCount,
          [&](int i) { return volume.unlink(VEXFS_ROOT_INO, "r" + name(i)).has_value(); });
  return volume.unmount() ? 0 : 1;
}
