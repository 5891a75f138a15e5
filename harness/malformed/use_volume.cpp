// SPDX-License-Identifier: MIT
#include "harness/malformed/use_volume.h"

#include <sys/stat.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "reference/tools/fsck/check_volume.h"

namespace vexfs::parity {
namespace {

constexpr std::uint64_t kReadBytes = 1 << 18;  // of each file's start; its end is read, too
constexpr std::uint64_t kEndBytes = 8192;

// Lists and reads everything below the root.
class Walk {
 public:
  Walk(const Ask& ask, std::size_t most_nodes) : ask_(ask), most_nodes_(most_nodes) {}

  void directory(const std::string& path) {
    const auto listed = ask_(Readdir{{path.empty() ? "/" : path}});
    if (!listed || !listed->names) return;
    for (const DirectoryEntry& entry : *listed->names) {
      if (entry.name == "." || entry.name == ".." || ++nodes_ > most_nodes_) continue;
      node(path + "/" + entry.name);
    }
  }

  const std::vector<std::string>& files() const { return files_; }

 private:
  void node(const std::string& path) {
    const auto stat = ask_(Stat{{path}, false});
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
        ask_(Readlink{{path}});
        break;
      default:
        break;
    }
  }

  void read(const std::string& path, std::int64_t size) {
    const auto opened = ask_(Open{"r", {path}, {OpenFlags::kReadOnly}, {0}});
    if (!opened || opened->error != 0) return;
    ask_(Read{"r", 0, kReadBytes});
    if (size > static_cast<std::int64_t>(kReadBytes)) {
      ask_(Read{"r", size - static_cast<std::int64_t>(kEndBytes), 2 * kEndBytes});
    }
    ask_(Close{"r"});
  }

  const Ask& ask_;
  std::size_t most_nodes_;
  std::set<std::uint64_t> seen_;
  std::vector<std::string> files_;
  std::size_t nodes_ = 0;
};

}  // namespace

void change_volume(const Ask& ask, const std::vector<std::string>& files) {
  ask(Mkdir{{"/a new directory"}, {0755}});
  ask(Open{
      "w", {"/a new file"}, {std::uint32_t{OpenFlags::kReadWrite} | OpenFlags::kCreate}, {0644}});
  ask(Write{"w", 0, PrngFill{3, 9000}});
  ask(Fsync{"w"});
  if (!files.empty()) {
    ask(Truncate{{files.front()}, 1});
    ask(Rename{{files.front()}, {"/a new directory/moved"}, {}});
    ask(Unlink{{files.back()}});
  }
  ask(Control{"sync"});
  ask(Symlink{{std::string(300, 'x')}, {"/a new link"}});
  ask(Close{"w"});
  ask(Control{"checkpoint"});
  ask(Statfs{{"/"}});
}

Laid laid_down(std::span<const std::byte> volume) {
  const tools::Findings found = tools::check_volume(volume);
  if (found.clean()) return Laid::kAll;
  const bool shared = std::ranges::any_of(found.all(), [](const tools::Finding& finding) {
    return finding.rule.starts_with("bitmap.") || finding.rule.ends_with(".shared");
  });
  return shared ? Laid::kReads : Laid::kAnswers;
}

std::vector<std::string> walk_volume(const Ask& ask, std::size_t most_nodes) {
  ask(Statfs{{"/"}});
  ask(Stat{{"/"}, true});
  Walk walk(ask, most_nodes);
  walk.directory("");
  ask(Events{});
  return walk.files();
}

}  // namespace vexfs::parity
