// SPDX-License-Identifier: MIT
// A mount under many processes at once, and under mappings: afterwards the volume is sound, the
// tree is what it was before the unmount, and the module leaves nothing behind.
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

constexpr std::uint64_t kBlocks = 4096;
constexpr auto kPatience = std::chrono::minutes(4);  // the guest may be emulated on a busy host

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

std::vector<std::uint8_t> program() {
  std::ifstream file(PARITY_STORM, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Storm : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    target_ = environment("PARITY_TEST_TARGET", "kmod");
    const auto image = vm::find_image(PARITY_IMAGES, environment("PARITY_TEST_KERNEL", ""));
    if (!image) throw std::runtime_error(image.error().message);
    vm::GuestOptions options;
    options.image = *image;
    options.cpus = 2;
    options.work_dir = std::filesystem::temp_directory_path() / fmt::format("storm-{}", ::getpid());
    options.volume_size = kBlocks * 4096;
    options.reuse_state = false;
    auto guest = vm::Guest::boot(options);
    if (!guest) throw std::runtime_error(guest.error().message);
    guest_ = std::move(*guest);
    if (target_ == "kmod") must({{"kind", "insmod"}, {"path", "/vexfs.ko"}});
    must({{"kind", "write_file"},
          {"path", "/storm"},
          {"mode", 0755},
          {"data", json::binary(program())}});
  }
  static void TearDownTestSuite() {
    const auto work_dir =
        std::filesystem::temp_directory_path() / fmt::format("storm-{}", ::getpid());
    guest_.reset();
    std::filesystem::remove_all(work_dir);
  }

  // Small transactions: closing and reclaim run all the time. A log that holds more than the cache
  // may: under data=journal blocks go home before the checkpoint.
  void SetUp() override {
    VolumeOptions options;
    options.blocks = kBlocks;
    options.inodes = 256;
    options.tx_units = 24;
    options.unit_extents = 2;
    options.log_blocks = 2048;
    const auto fresh = fresh_volume(options);
    ASSERT_TRUE(fresh) << fresh.error();
    ASSERT_TRUE(guest_->disk().set_volume(*fresh));
  }
  static json must(json request) {
    auto reply = guest_->must(std::move(request), kPatience);
    if (!reply) throw std::runtime_error(reply.error().message);
    return *reply;
  }
  static void mount(const std::string& data) {
    must({{"kind", "mount"},
          {"target", target_},
          {"device", "/dev/vda"},
          {"dir", "/mnt"},
          {"options", "commit=1,cache=1,data=" + data}});
  }
  static void unmount() { must({{"kind", "umount"}, {"dir", "/mnt"}}); }
  // Standard output of /storm.
  static std::string run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "/storm");
    const json reply = must({{"kind", "run"}, {"argv", arguments}});
    const auto& complaint = reply.at("stderr").get_binary();
    EXPECT_EQ(reply.value("exit_code", -1), 0)
        << arguments[1] << ": " << std::string(complaint.begin(), complaint.end());
    const auto& output = reply.at("stdout").get_binary();
    return {output.begin(), output.end()};
  }
  static void expect_sound_volume() {
    const auto content = guest_->disk().volume();
    ASSERT_TRUE(content) << content.error().message;
    const auto failure = check_volume(content->bytes(), target_);
    EXPECT_FALSE(failure) << fmt::format("{}", fmt::join(failure->lines, "\n"));
  }
  static std::string kernel_log() {
    return must({{"kind", "dmesg"}}).at("text").get<std::string>();
  }
  // Unmounts, checks the volume and reads the tree once more.
  static void expect_tree_survives_unmount(const std::string& data) {
    const std::string before = run({"digest", "/mnt"});
    unmount();
    expect_sound_volume();
    mount(data);
    EXPECT_EQ(run({"digest", "/mnt"}), before);
    unmount();
  }

  inline static std::unique_ptr<vm::Guest> guest_;
  inline static std::string target_;
};

TEST_F(Storm, MappingsBehaveAsOnAnyFilesystem) {
  mount("ordered");
  run({"mappings", "/mnt"});
  expect_tree_survives_unmount("ordered");
}

// The module would not see such stores in time for the log. The kernel does not let a FUSE mount
// refuse them; their pages come back as writes.
TEST_F(Storm, UnderDataJournalTheModuleRefusesStoresThroughSharedMappings) {
  mount("journal");
  run({target_ == "kmod" ? "refused-mappings" : "mappings", "/mnt"});
  expect_tree_survives_unmount("journal");
}

TEST_F(Storm, ManyProcessesLeaveASoundVolume) {
  mount("ordered");
  run({"storm", "/mnt", "6", "150", "1"});
  expect_tree_survives_unmount("ordered");
}

TEST_F(Storm, ManyProcessesUnderDataJournalLeaveASoundVolume) {
  mount("journal");
  run({"storm", "/mnt", "4", "100", "2"});
  expect_tree_survives_unmount("journal");
}

TEST_F(Storm, ManyProcessesInCollectionsLeaveASoundVolume) {
  mount("ordered");
  run({"vectors", "/mnt", "5", "120", "3"});
  expect_tree_survives_unmount("ordered");
}

// Of a line "name value" in /.vexfs/stats.
std::uint64_t value_in(const std::string& stats, const std::string& name) {
  const auto at = stats.find("\n" + name + " ");
  return at == std::string::npos ? 0 : std::stoull(stats.substr(at + name.size() + 2));
}

TEST_F(Storm, ImagesBeyondTheCacheGiveTheirBytesBack) {
  if (target_ != "kmod") GTEST_SKIP() << "images are the module's";
  mount("journal");
  const std::string content(300 * 4096, 'c');
  must({{"kind", "write_file"}, {"path", "/mnt/a"}, {"data", content}});
  must({{"kind", "write_file"}, {"path", "/mnt/b"}, {"data", content}});
  const json reply = must({{"kind", "read_file"}, {"path", "/mnt/.vexfs/stats"}});
  const auto& bytes = reply.at("data").get_binary();
  const std::string stats(bytes.begin(), bytes.end());
  EXPECT_GE(value_in(stats, "images"), 600U) << stats;
  EXPECT_LE(value_in(stats, "images_in_memory"), 300U) << stats;  // cache=1 is 256 of them
  expect_tree_survives_unmount("journal");
}

TEST_F(Storm, TheKernelHasNothingToComplainAbout) {
  if (target_ == "kmod")
    must({{"kind", "rmmod"}, {"name", "vexfs"}});  // with inodes left: a warning
  const std::string log = kernel_log();
  for (const char* sign : {"WARNING:", "BUG:", "Busy inodes", "Objects remaining", "hung_task",
                           "blocked for more than", "corrupt volume"}) {
    EXPECT_EQ(log.find(sign), std::string::npos) << sign << "\n" << log;
  }
}

}  // namespace
}  // namespace vexfs::parity
