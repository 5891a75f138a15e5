// SPDX-License-Identifier: MIT
// Collections through the kernel module and through vexfs-fuse in one guest: the same answers, the
// same files, the same volume to the last byte, before and after a remount.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/lockstep/compare.h"
#include "harness/lockstep/fresh_volume.h"
#include "harness/vm/guest.h"

namespace vexfs::parity {
namespace {

using nlohmann::json;

constexpr std::uint64_t kBlocks = 2048;
constexpr int kStackKib = 64;  // of the daemon: vectors are not to need the megabytes of a process
constexpr auto kPatience = std::chrono::minutes(4);  // the guest may be emulated on a busy host

// What a mount answered, and the volume that it left.
struct MountRun {
  std::string made, again;
  std::vector<std::byte> volume;
};

class Collections : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const char* family = std::getenv("PARITY_TEST_KERNEL");
    const auto image = vm::find_image(PARITY_IMAGES, family == nullptr ? "" : family);
    if (!image) throw std::runtime_error(image.error().message);
    vm::GuestOptions options;
    options.image = *image;
    options.work_dir = work_dir();
    options.volume_size = kBlocks * 4096;
    options.reuse_state = false;
    auto guest = vm::Guest::boot(options);
    if (!guest) throw std::runtime_error(guest.error().message);
    guest_ = std::move(*guest);
    must({{"kind", "insmod"}, {"path", "/vexfs.ko"}});
    bring(PARITY_DOORS_PROBE, "/doors");
    bring(PARITY_FILES_PROBE, "/files");
  }
  static void TearDownTestSuite() {
    guest_.reset();
    std::filesystem::remove_all(work_dir());
  }
  static std::filesystem::path work_dir() {
    return std::filesystem::temp_directory_path() / fmt::format("doors-{}", ::getpid());
  }
  static json must(json request) {
    auto reply = guest_->must(std::move(request), kPatience);
    if (!reply) throw std::runtime_error(reply.error().message);
    return *reply;
  }
  static void bring(const char* program, const char* path) {
    std::ifstream file(program, std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
    must({{"kind", "write_file"}, {"path", path}, {"mode", 0755}, {"data", json::binary(bytes)}});
  }
  static std::string probe(const std::string& target, const std::string& program,
                           const std::string& what) {
    must({{"kind", "mount"},
          {"target", target},
          {"device", "/dev/vda"},
          {"dir", "/mnt"},
          {"options", "clock=manual,strict,commit=0"},
          {"stack_kib", kStackKib}});
    const json reply = must({{"kind", "run"}, {"argv", {program, what, "/mnt"}}});
    EXPECT_EQ(reply.value("exit_code", -1), 0);
    must({{"kind", "umount"}, {"dir", "/mnt"}});
    const auto& output = reply.at("stdout").get_binary();
    return {output.begin(), output.end()};
  }
  static MountRun run(const std::string& target, const std::string& program) {
    VolumeOptions options;
    options.blocks = kBlocks;
    options.inodes = 64;
    const auto fresh = fresh_volume(options);
    if (!fresh) throw std::runtime_error(fresh.error());
    EXPECT_TRUE(guest_->disk().set_volume(*fresh));
    MountRun result;
    result.made = probe(target, program, "make");
    result.again = probe(target, program, "show");
    const auto content = guest_->disk().volume();
    if (!content) throw std::runtime_error(content.error().message);
    result.volume = content->bytes();
    return result;
  }

  inline static std::unique_ptr<vm::Guest> guest_;
};

// The first line in which they differ, with both versions of it.
std::string first_difference(const std::string& a, const std::string& b) {
  const auto at = static_cast<std::size_t>(
      std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
  const auto begin = at == 0 ? 0 : a.rfind('\n', at - 1) + 1;
  const auto before = begin < 2 ? 0 : a.rfind('\n', begin - 2) + 1;
  return fmt::format("module:\n{}\nvexfs-fuse:\n{}", a.substr(before, a.find('\n', at) - before),
                     b.substr(std::min(before, b.size()), b.find('\n', at) - before));
}

TEST_F(Collections, TheModuleAnswersAndWritesAsVexfsFuseDoes) {
  const MountRun module = run("kmod", "/doors");
  const std::string log = must({{"kind", "dmesg"}}).at("text");
  EXPECT_EQ(log.find("corrupt volume"), std::string::npos);
  const MountRun fuse = run("fuse", "/doors");
  EXPECT_TRUE(module.made.ends_with(module.again)) << "a remount changes answers";
  EXPECT_TRUE(module.made == fuse.made) << first_difference(module.made, fuse.made);
  EXPECT_TRUE(module.again == fuse.again) << first_difference(module.again, fuse.again);
  const auto differs =
      std::mismatch(module.volume.begin(), module.volume.end(), fuse.volume.begin()).first;
  EXPECT_EQ(differs, module.volume.end()) << "block " << (differs - module.volume.begin()) / 4096;
  const auto unsound = check_volume(module.volume, "kmod");
  EXPECT_FALSE(unsound) << fmt::format("{}", fmt::join(unsound->lines, "\n"));
  EXPECT_GT(module.again.size(), 50000U) << module.again;
}

TEST_F(Collections, AreCompactedAndHaveVectorsOfFilesAsThePageSays) {
  const MountRun module = run("kmod", "/files");
  const std::string log = must({{"kind", "dmesg"}}).at("text");
  EXPECT_EQ(log.find("corrupt volume"), std::string::npos) << log;
  EXPECT_EQ(module.made.find("WRONG"), std::string::npos) << module.made;
  EXPECT_EQ(module.again.find("WRONG"), std::string::npos) << module.again;
  EXPECT_TRUE(module.made.ends_with(module.again)) << "a remount changes answers";
  const auto unsound = check_volume(module.volume, "kmod");
  EXPECT_FALSE(unsound) << fmt::format("{}", fmt::join(unsound->lines, "\n"));
  EXPECT_GT(module.again.size(), 50000U) << module.again;
}

}  // namespace
}  // namespace vexfs::parity
