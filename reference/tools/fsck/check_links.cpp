// SPDX-License-Identifier: MIT
// The tree as a whole: link counts, parents, orphans, what the root reaches.
#include <sys/stat.h>

#include "reference/tools/fsck/check_context.h"

namespace vexfs::tools {
namespace {

class LinkCheck {
 public:
  LinkCheck(CheckContext& context, std::uint64_t number)
      : context_(context), number_(number), facts_(context.inodes[number]) {}

  void run() {
    if (number_ == VEXFS_ROOT_INO) check_root();
    check_orphan();
    check_nlink();
    if (S_ISDIR(facts_.inode.mode) && facts_.inode.nlink != 0) check_parent();
  }

 private:
  template <typename Expected, typename Actual>
  void error(std::string_view rule, std::string_view field, const Expected& expected,
             const Actual& actual) {
    context_.error(rule, fmt::format("inode {}{}{}", number_, kPathStep, field), expected, actual);
  }

  void check_root() {
    if (!S_ISDIR(facts_.inode.mode)) {
      error("root.mode", "mode", "a directory", fmt::format("{:07o}", facts_.inode.mode));
    }
    if (facts_.inode.home != VEXFS_ROOT_INO) error("root.home", "home", 1, facts_.inode.home);
    if (facts_.names != 0) error("root.named", "names", "no record for the root", facts_.names);
  }

  void check_orphan() {
    const bool is_orphan = context_.is_orphan(number_);
    const bool is_truncating = (facts_.inode.flags & VEXFS_INODE_TRUNCATING) != 0;
    if (is_orphan && facts_.inode.nlink != 0 && !is_truncating) {
      error("orphan.linked", "orphan bit", "clear: it has links and is not being truncated", "set");
    }
    if (!is_orphan && facts_.inode.nlink == 0) {
      error("orphan.missing", "orphan bit", "set, because nlink is 0", "clear");
    }
    if (is_orphan && context_.is_clean()) {
      error("orphan.clean", "orphan bit", "clear, because the volume is marked clean", "set");
    }
    if (facts_.inode.nlink == 0 && facts_.names != 0) {
      error("inode.nlink", "nlink", facts_.names, 0);
    }
  }

  void check_nlink() {
    const bool is_dir = S_ISDIR(facts_.inode.mode);
    if (facts_.inode.nlink == 0) {
      if (facts_.entries != 0) {
        error("orphan.not_empty", "records", "none, because the directory was removed",
              facts_.entries);
      }
      return;
    }
    const std::uint64_t expected = is_dir ? 2 + facts_.subdirectories : facts_.names;
    if (facts_.inode.nlink != expected) {
      error("inode.nlink", "nlink", expected, facts_.inode.nlink);
    }
  }

  void check_parent() {
    if (number_ == VEXFS_ROOT_INO) return;
    if (facts_.names != 1) error("dir.names", "names", 1, facts_.names);
    if (facts_.names >= 1 && facts_.inode.home != facts_.parent) {
      error("dir.home", "home", facts_.parent, facts_.inode.home);
    }
  }

  CheckContext& context_;
  std::uint64_t number_;
  InodeFacts& facts_;
};

// Follows the parents; marks the way, so that each inode is visited once over all calls.
bool reaches_root(CheckContext& context, std::uint64_t number) {
  std::vector<InodeFacts*> way;
  Reach answer = Reach::kLost;
  while (true) {
    const auto at = context.inodes.find(number);
    if (at == context.inodes.end()) break;
    InodeFacts& facts = at->second;
    if (number == VEXFS_ROOT_INO || facts.reach == Reach::kReached) answer = Reach::kReached;
    if (answer == Reach::kReached || facts.reach != Reach::kUnknown || facts.parent == 0) break;
    facts.reach = Reach::kLost;  // until the root is met; ends a circle
    way.push_back(&facts);
    number = facts.parent;
  }
  for (InodeFacts* facts : way) facts->reach = answer;
  return answer == Reach::kReached;
}

void check_reachable(CheckContext& context) {
  for (std::uint64_t number : context.used_inodes) {
    if (number == VEXFS_ROOT_INO) continue;
    const InodeFacts& facts = context.inodes[number];
    if (facts.inode.nlink == 0 || reaches_root(context, number)) continue;
    context.error("inode.unreachable", fmt::format("inode {}", number), "a path from the root",
                  "none");
  }
}

// Every orphan bit belongs to an inode in use.
void check_orphan_bits(CheckContext& context) {
  const std::uint64_t bits = context.orphan_bitmap.size() * 8;
  for (std::uint64_t byte = 0; byte < context.orphan_bitmap.size(); ++byte) {
    if (context.orphan_bitmap[byte] == std::byte{0}) continue;
    for (std::uint64_t bit = byte * 8; bit < byte * 8 + 8 && bit < bits; ++bit) {
      if (!context.is_orphan(bit) || context.inodes.contains(bit)) continue;
      context.error("orphan.free", fmt::format("orphan bitmap › inode {}", bit),
                    "clear, because the inode is not in use", "set");
    }
  }
}

}  // namespace

void check_links(CheckContext& context) {
  if (!context.inodes.contains(VEXFS_ROOT_INO)) {
    context.error("root.missing", "inode 1", "the root directory", "its bit is clear");
  }
  for (std::uint64_t number : context.used_inodes) LinkCheck(context, number).run();
  check_reachable(context);
  check_orphan_bits(context);
}

}  // namespace vexfs::tools
