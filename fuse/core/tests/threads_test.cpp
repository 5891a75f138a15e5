// SPDX-License-Identifier: MIT
// Many callers at once: changes one at a time, reads beside each other, sync points sharing
// flushes. For TSan too.
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "fuse/core/tests/test_volume.h"

namespace vexfs::core::testing {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 150;

/** One caller's life in a directory of its own. */
void live(Volume& volume, int number, std::atomic<int>& failures) {
  const std::string home = "home" + std::to_string(number);
  const auto directory = volume.mkdir(VEXFS_ROOT_INO, home, {.mode = 0755});
  if (!directory) {
    ++failures;
    return;
  }
  for (int round = 0; round < kRounds; ++round) {
    const std::string name = "file" + std::to_string(round % 7);
    const auto file = volume.create(directory->ino, name, {.mode = 0644});
    if (!file) {
      ++failures;
      continue;
    }
    const std::string text(static_cast<size_t>(100 + round * 30), static_cast<char>('a' + number));
    const auto written = volume.write(file->ino, 0, std::as_bytes(std::span(text)), false);
    std::string back(text.size(), '?');
    const auto got = volume.read(file->ino, 0, std::as_writable_bytes(std::span(back)));
    if (!written || !got || back != text) ++failures;
    if (round % 10 == 0 && !volume.fsync(file->ino)) ++failures;
    if (!volume.readdir(directory->ino, 0, true, [](const DirectoryEntry&) { return true; })) {
      ++failures;
    }
    if (!volume.unlink(directory->ino, name)) ++failures;
    volume.release(file->ino);
  }
}

TEST(Threads, EachSeesItsOwnAndTheVolumeIsWhole) {
  MountOptions options = manual();
  options.commit_seconds = 1;
  options.cache_bytes = 1 << 20;
  Image image = make_image({"--blocks 4096", "--inodes 256"});
  auto volume = mount(image, options);
  std::atomic<int> failures = 0;
  std::atomic<bool> done = false;
  std::thread watcher([&] {
    std::vector<std::byte> bytes(4096);
    while (!done) {
      const uint64_t head = volume->wait_events(0, std::chrono::milliseconds(5));
      (void)volume->read_events(head > 4096 ? head - 4096 : 0, bytes);
      (void)volume->lookup(VEXFS_ROOT_INO, "home1");
      (void)volume->statfs();
      (void)volume->stats();
    }
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] { live(*volume, i, failures); });
  }
  for (std::thread& thread : threads) thread.join();
  done = true;
  watcher.join();
  EXPECT_EQ(failures, 0);
  ASSERT_EQ(error_of(volume->unmount()), 0);
  EXPECT_EQ(fsck(image), "");
}

}  // namespace
}  // namespace vexfs::core::testing
