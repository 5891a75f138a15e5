// SPDX-License-Identifier: MIT
// vexctl as people use it, on both mounts of a guest; and the shell's example of docs/api.md.
#include "harness/vm/guest.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/lockstep/fresh_volume.h"

namespace vexfs::parity {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr std::uint64_t kBlocks = 2048;
constexpr int kStackKib = 64;  // of the daemon: vectors are not to need the megabytes of a process
constexpr auto kPatience = std::chrono::minutes(4);  // the guest may be emulated on a busy host

struct Ran {
  int exit = -1;
  std::string output, errors;
};

class Vexctl : public testing::TestWithParam<const char*> {
 protected:
  static void SetUpTestSuite() {
    const auto image = vm::find_image(VEXCTL_IMAGES, "");
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
  }
  static void TearDownTestSuite() {
    guest_.reset();
    std::filesystem::remove_all(work_dir());
  }
  void SetUp() override {
    VolumeOptions options;
    options.blocks = kBlocks;
    options.inodes = 64;
    const auto fresh = fresh_volume(options);
    ASSERT_TRUE(fresh) << fresh.error();
    ASSERT_TRUE(guest_->disk().set_volume(*fresh));
    must({{"kind", "mount"},
          {"target", GetParam()},
          {"device", "/dev/vda"},
          {"dir", "/mnt"},
          {"options", "clock=manual,commit=0"},
          {"stack_kib", kStackKib}});
  }
  void TearDown() override { must({{"kind", "umount"}, {"dir", "/mnt"}}); }

  static std::filesystem::path work_dir() {
    return std::filesystem::temp_directory_path() / fmt::format("vexctl-{}", ::getpid());
  }
  static json must(json request) {
    auto reply = guest_->must(std::move(request), kPatience);
    if (!reply) throw std::runtime_error(reply.error().message);
    return *reply;
  }
  static void write(const std::string& path, const std::string& content) {
    must({{"kind", "write_file"}, {"path", path}, {"data", content}});
  }
  // A line for the guest's shell.
  static Ran sh(const std::string& line) {
    const json reply = must({{"kind", "run"}, {"argv", {"/bin/sh", "-c", line}}});
    const auto text = [&](const char* key) {
      const auto& bytes = reply.at(key).get_binary();
      return std::string(bytes.begin(), bytes.end());
    };
    return {reply.value("exit_code", -1), text("stdout"), text("stderr")};
  }
  // What a line prints; it must succeed.
  static std::string output(const std::string& line) {
    const Ran ran = sh(line);
    EXPECT_EQ(ran.exit, 0) << line << "\n" << ran.errors;
    return ran.output;
  }

  inline static std::unique_ptr<vm::Guest> guest_;
};

TEST_P(Vexctl, ACollectionFromItsCreationToItsEnd) {
  output("vexctl create /mnt/c --dim 2 --metric l2");
  EXPECT_EQ(output("vexctl list /mnt"), "/mnt/c  dim 2 f32 l2  0 vectors\n");
  write("/rows.jsonl",
        "{\"id\":3,\"vector\":[0,0]}\n{\"id\":4,\"vector\":[3,4]}\n{\"id\":5,\"vector\":[0,1]}\n");
  EXPECT_EQ(output("vexctl import /mnt/c /rows.jsonl"),
            "3 vectors imported, 0 of them replaced one\n");
  output("vexctl put /mnt/c 9 '[0.5, 0]'");
  EXPECT_EQ(output("vexctl count /mnt/c"), "4\n");
  EXPECT_EQ(output("vexctl search /mnt/c '[0, 0]' -k 2"), "         3  0\n         9  0.25\n");
  EXPECT_EQ(output("vexctl search /mnt/c --like 4 --filter 3-5 --exact --json"),
            "{\"query\":0,\"answers\":[{\"id\":4,\"distance\":0},{\"id\":5,\"distance\":18},"
            "{\"id\":3,\"distance\":25}]}\n");
  EXPECT_EQ(output("vexctl get /mnt/c 9 3"),
            "{\"id\":9,\"vector\":[0.5,0]}\n{\"id\":3,\"vector\":[0,0]}\n");
  EXPECT_EQ(output("vexctl delete /mnt/c 3 7"), "1 of 2 deleted\n");
  EXPECT_EQ(output("vexctl search /mnt/c '[0, 0]' -k 1"), "         9  0.25\n");
  output("vexctl sync /mnt/c && vexctl checkpoint /mnt");
  const auto events = output("vexctl events /mnt --json");
  EXPECT_THAT(events, HasSubstr("\"type\":\"SetXattr\""));
  EXPECT_THAT(events, HasSubstr("\"type\":\"VectorDelete\""));
  EXPECT_THAT(output("vexctl stats /mnt --json"), HasSubstr("\"checkpoints\":"));
  EXPECT_THAT(output("vexctl info /mnt/c"), HasSubstr("live             3\n"));
  output("vexctl drop /mnt/c");
  EXPECT_EQ(output("vexctl list /mnt"), "");
}

// A follower prints what becomes durable after it has begun.
TEST_P(Vexctl, EventsAreFollowed) {
  const auto lines = output(
      "sh -c 'echo $$ >/pid; exec vexctl events /mnt --follow --json' | {\n"
      "  vexctl create /mnt/c --dim 2\n"
      "  vexctl sync /mnt\n"
      "  read -r first; read -r second; read -r pid </pid; kill $pid\n"
      "  echo \"$first\"; echo \"$second\"\n"
      "}");
  EXPECT_THAT(lines, HasSubstr("\"type\":\"Mkdir\""));
  EXPECT_THAT(lines, HasSubstr("\"type\":\"SetXattr\""));
}

// More than a batch of the import and of the export, and more visits than one part of a search.
TEST_P(Vexctl, ManyVectorsGoInAndComeOutAgain) {
  output("vexctl create /mnt/c --dim 3 --type i8 --m 4 --ef-construction 10");
  std::string rows;
  for (int i = 0; i < 1100; i++) {
    rows += fmt::format("[{},{},{}]\n", i % 100 - 50, i / 100 * 9 - 50, i % 7);
  }
  write("/rows.jsonl", rows);
  output("vexctl import /mnt/c /rows.jsonl --first-id 0");
  output("vexctl export /mnt/c /out.npy --ids /ids.npy");
  EXPECT_EQ(output("vexctl import /mnt/c /out.npy --ids /ids.npy"),
            "1100 vectors imported, 1100 of them replaced one\n");
  const auto near = output("vexctl search /mnt/c --like 7 -k 3");
  EXPECT_THAT(near, testing::StartsWith("         7  0\n"));
  EXPECT_EQ(output("vexctl search /mnt/c --like 7 -k 3 --max-visits 20"), near);
}

TEST_P(Vexctl, AnImportThatStopsSaysHowToGoOn) {
  output("vexctl create /mnt/c --dim 1 --m 4 --ef-construction 10");
  std::string rows;
  for (int i = 0; i < 1500; i++) rows += i == 1300 ? "[oops]\n" : fmt::format("[{}]\n", i);
  write("/rows.jsonl", rows);
  const Ran ran = sh("vexctl import /mnt/c /rows.jsonl --first-id 7");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.errors, HasSubstr("line 1301"));
  EXPECT_THAT(ran.errors, HasSubstr("1024 vectors were imported"));
  EXPECT_THAT(ran.errors, HasSubstr("/rows.jsonl --first-id 7 --skip 1024\n"));
  rows.replace(rows.find("oops"), 4, "1300");
  write("/rows.jsonl", rows);
  EXPECT_EQ(output("vexctl import /mnt/c /rows.jsonl --first-id 7 --skip 1024"),
            "476 vectors imported, 0 of them replaced one\n");
  EXPECT_EQ(output("vexctl get /mnt/c 1306-1307"),
            "{\"id\":1306,\"vector\":[1299]}\n{\"id\":1307,\"vector\":[1300]}\n");
}

TEST_P(Vexctl, WhatCannotBeDoneIsExplained) {
  const auto refused = [](const std::string& line, int exit, const std::string& why) {
    const Ran ran = sh(line);
    EXPECT_EQ(ran.exit, exit) << line;
    EXPECT_THAT(ran.errors, HasSubstr(why)) << line;
  };
  refused("vexctl count /mnt", 1, "/mnt is not a collection: make it one with");
  refused("vexctl create /tmp/c --dim 2", 1, "it is not on a mounted VexFS");
  refused("vexctl stats /tmp", 1, "is not on VexFS");
  refused("vexctl create /mnt/c --dim 2 --type i8 --metric cosine", 1, "(EINVAL)");
  refused("vexctl list /mnt/c", 1, "(ENOENT)");  // nothing is left of the attempt
  refused("vexctl search", 2, "DIR is required");
  output("vexctl create /mnt/c --dim 2 --metric cosine");
  refused("vexctl create /mnt/c --dim 2", 1, "it is one already");
  refused("vexctl put /mnt/c 1 '[0, 0]'", 1, "no direction");
  refused("vexctl put /mnt/c 1 '[1, 2, 3]'", 1, "it has 3 elements, but the collection's have 2");
  refused("vexctl put /mnt/c 9223372036854775809 '[1, 2]'", 1, "is that of a file's vector");
  refused("vexctl get /mnt/c 5", 1, "/mnt/c has no vector 5");
  refused("vexctl search /mnt/c --like 5", 1, "/mnt/c has no vector 5");
  refused("vexctl search /mnt/c", 2, "one query");
  output("vexctl sync /mnt");
  refused("vexctl events /mnt --from 64", 1, "no event begins at position 64");
}

TEST_P(Vexctl, AFileWithAVectorIsFoundByItsName) {
  output("vexctl create /mnt/c --dim 2 && vexctl put /mnt/c 1 '[5, 5]'");
  write("/mnt/c/notes", "text");
  output("vexctl attach /mnt/c/notes '[1, 2]'");
  const auto found = output("vexctl search /mnt/c '[1, 1]' -k 2");
  EXPECT_THAT(found, HasSubstr("  1  notes\n"));
  EXPECT_THAT(found, HasSubstr("         1  32\n"));
  EXPECT_THAT(output("vexctl search /mnt/c '[1, 1]' -k 1 --json"),
              HasSubstr("\"distance\":1,\"file\":\"notes\"}"));
  output("vexctl detach /mnt/c/notes && vexctl compact /mnt/c");
  EXPECT_EQ(output("vexctl search /mnt/c '[1, 1]' -k 2"), "         1  32\n");
  EXPECT_THAT(sh("vexctl detach /mnt/c/notes").errors, HasSubstr("it has no vector"));
}

// The block after the heading that has this language, without its fences.
std::string block_of_page(const std::string& heading, const std::string& language) {
  std::ifstream file(VEXFS_API_PAGE);
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  const auto fence = page.find("\n```" + language + "\n", page.find("\n## " + heading + "\n"));
  const auto begin = page.find('\n', fence + 1) + 1;
  return page.substr(begin, page.find("\n```", begin) + 1 - begin);
}

TEST_P(Vexctl, TheShellsExampleSaysWhatThePagePromises) {
  output("vexctl create /mnt/points --dim 2");
  output("vexctl put /mnt/points 1 '[1, 0]' && vexctl put /mnt/points 2 '[0, 1]'");
  output("vexctl put /mnt/points 3 '[2, 0]'");
  EXPECT_EQ(output(block_of_page("From the shell", "sh")), block_of_page("From the shell", "text"));
}

INSTANTIATE_TEST_SUITE_P(Mounts, Vexctl, testing::Values("fuse", "kmod"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace vexfs::parity
