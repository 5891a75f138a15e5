// SPDX-License-Identifier: MIT
#include "harness/malformed/examine.h"

#include <sys/stat.h>

#include <cerrno>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "fuse/core/volume.h"
#include "harness/lockstep/compare.h"
#include "harness/scenario/error_name.h"
#include "harness/scenario/scenario_codec.h"
#include "harness/target/core_volume.h"
#include "harness/target/image_device.h"
#include "harness/target/image_disk.h"
#include "harness/target/posix_step.h"
#include "reference/model/volume.h"

namespace vexfs::parity {
namespace {

constexpr std::size_t kMostNodes = 400;        // a damaged tree may lead in circles
constexpr std::uint64_t kReadBytes = 1 << 18;  // of each file's start; its end is read, too
constexpr std::uint64_t kEndBytes = 8192;

// Both sides of one mounted volume, asked in turn.
class Pair {
 public:
  Pair(posix::InodeVolume& reference, posix::InodeVolume& engine, Examination& result)
      : reference_(reference), engine_(engine), result_(result) {}

  bool agree() const { return result_.disagreement.empty(); }

  // From now on both are used and neither may crash, but answers may differ.
  void stop_comparing() { comparing_ = false; }

  // The common answer; nothing once they disagree.
  std::optional<Outcome> ask(Operation operation) {
    if (!agree()) return std::nullopt;
    const Step step{std::move(operation), {}, {}};
    Outcome expected = reference_.execute(step);
    const Outcome got = engine_.execute(step);
    ++result_.operations;
    result_.damage_met |= expected.error == EUCLEAN;
    if (expected == got || !comparing_) return expected;
    const bool one_met_damage = (expected.error == EUCLEAN) != (got.error == EUCLEAN);
    const bool reads = std::holds_alternative<Read>(step.operation) ||
                       std::holds_alternative<Readdir>(step.operation);
    if (one_met_damage && reads) {
      result_.met_by_one = true;
      return std::nullopt;
    }
    const auto json = write_value(step);
    result_.disagreement.push_back(json.dump());
    result_.signature = json.value("op", std::string());
    for (const FieldDifference& field : differences(expected, got)) {
      result_.signature += fmt::format(" {}", field.field);
      if (field.field == "errno") {
        result_.signature +=
            fmt::format(" {}/{}", error_name(expected.error), error_name(got.error));
      }
      result_.disagreement.push_back(
          fmt::format("{}: reference {} / core {}", field.field, field.left, field.right));
    }
    return std::nullopt;
  }

 private:
  PosixSession reference_;
  PosixSession engine_;
  Examination& result_;
  bool comparing_ = true;
};

// Lists and reads everything below the root.
class Walk {
 public:
  explicit Walk(Pair& pair) : pair_(pair) {}

  void directory(const std::string& path) {
    const auto listed = pair_.ask(Readdir{{path.empty() ? "/" : path}});
    if (!listed || !listed->names) return;
    for (const DirectoryEntry& entry : *listed->names) {
      if (entry.name == "." || entry.name == ".." || ++nodes_ > kMostNodes) continue;
      node(path + "/" + entry.name);
    }
  }

  const std::vector<std::string>& files() const { return files_; }

 private:
  void node(const std::string& path) {
    const auto stat = pair_.ask(Stat{{path}, false});
    if (!stat || !stat->stat) return;
    switch (stat->stat->mode & S_IFMT) {
      case S_IFDIR:
        if (seen_.insert(stat->stat->ino).second) directory(path);
        break;
      case S_IFREG:
        read(path, stat->stat->size);
        files_.push_back(path);
        break;
      case S_IFLNK:
        pair_.ask(Readlink{{path}});
        break;
      default:
        break;
    }
  }

  void read(const std::string& path, std::int64_t size) {
    const auto opened = pair_.ask(Open{"r", {path}, {OpenFlags::kReadOnly}, {0}});
    if (!opened || opened->error != 0) return;
    pair_.ask(Read{"r", 0, kReadBytes});
    if (size > static_cast<std::int64_t>(kReadBytes)) {
      pair_.ask(Read{"r", size - static_cast<std::int64_t>(kEndBytes), 2 * kEndBytes});
    }
    pair_.ask(Close{"r"});
  }

  Pair& pair_;
  std::set<std::uint64_t> seen_;
  std::vector<std::string> files_;
  std::size_t nodes_ = 0;
};

// Uses the allocators, directories, the log and the event ring.
void change(Pair& pair, const std::vector<std::string>& files) {
  pair.ask(Mkdir{{"/a new directory"}, {0755}});
  pair.ask(Open{
      "w", {"/a new file"}, {std::uint32_t{OpenFlags::kReadWrite} | OpenFlags::kCreate}, {0644}});
  pair.ask(Write{"w", 0, PrngFill{3, 9000}});
  pair.ask(Fsync{"w"});
  if (!files.empty()) {
    pair.ask(Truncate{{files.front()}, 1});
    pair.ask(Rename{{files.front()}, {"/a new directory/moved"}, {}});
    pair.ask(Unlink{{files.back()}});
  }
  pair.ask(Control{"sync"});
  pair.ask(Symlink{{std::string(300, 'x')}, {"/a new link"}});
  pair.ask(Close{"w"});
  pair.ask(Control{"checkpoint"});
}

void use(posix::InodeVolume& reference, posix::InodeVolume& engine, bool read_only,
         Examination& result) {
  Pair pair(reference, engine, result);
  pair.ask(Statfs{{"/"}});
  pair.ask(Stat{{"/"}, true});
  Walk walk(pair);
  walk.directory("");
  pair.ask(Events{});
  // How much of a file with a damaged mapping a removal frees before it meets the damage depends on
  // what it reads first, which docs/format.md leaves open.
  if (result.damage_met || result.met_by_one) pair.stop_comparing();
  if (!read_only) change(pair, walk.files());
  pair.ask(Statfs{{"/"}});
}

std::string word_for(int error) { return error == 0 ? "ok" : std::string(error_name(error)); }

}  // namespace

Examination examine(const Image& volume, bool read_only) {
  Examination result;
  Image of_reference = volume;
  Image of_engine = volume;
  auto reference =
      model::Volume::mount(std::make_unique<ImageDisk>(of_reference), {.read_only = read_only});
  core::MountOptions options;
  options.commit_seconds = 0;
  options.manual_clock = true;
  options.read_only = read_only;
  auto engine = core::Volume::open(std::make_unique<ImageDevice>(of_engine), options);
  const int expected = reference ? 0 : reference.error();
  const int got = engine ? 0 : engine.error().number;
  if (expected != got) {
    result.signature = fmt::format("mount {}/{}", word_for(expected), word_for(got));
    result.disagreement.push_back(fmt::format("mount: reference {} / core {} {}",
                                              word_for(expected), word_for(got),
                                              engine ? "" : engine.error().message));
    return result;
  }
  result.refused = !reference;
  if (result.refused) return result;
  {
    CoreVolume adapter(**engine);
    use(**reference, adapter, read_only, result);
  }
  if (!result.disagreement.empty()) return result;
  (*reference)->unmount();
  const auto ended = (*engine)->unmount();
  if (!ended) {
    result.signature = "unmount " + word_for(ended.error());
    result.disagreement.push_back("unmount: reference ok / core " + word_for(ended.error()));
  }
  if (result.damage_met || result.met_by_one) return result;
  result.bytes_differ =
      compare_images(of_reference, of_engine, false, "core", FailureKind::kVolume).has_value();
  return result;
}

}  // namespace vexfs::parity
