// SPDX-License-Identifier: MIT
#include "reference/posix/dot_tree.h"

#include <sys/stat.h>

#include <cerrno>

#include <dirent.h>

#include "reference/contract/directory.h"

namespace vexfs::posix {
namespace {

struct Node {
  std::string_view name;
  Ino ino;
  std::uint8_t type;
  std::uint32_t mode;
};

// In the order of the listing.
constexpr Node kNodes[] = {
    {".", VEXFS_INO_DOT_DIR, DT_DIR, S_IFDIR | 0555},
    {"..", kRootIno, DT_DIR, 0},
    {"control", VEXFS_INO_CONTROL, DT_REG, S_IFREG | 0600},
    {"events", VEXFS_INO_EVENTS, DT_REG, S_IFREG | 0400},
    {"stats", VEXFS_INO_STATS, DT_REG, S_IFREG | 0444},
};

}  // namespace

bool is_dot_node(Ino ino) { return ino >= VEXFS_INO_DOT_DIR; }

Attr dot_attr(Ino ino) {
  Attr attr;
  for (const Node& node : kNodes) {
    if (node.ino != ino) continue;
    attr.ino = ino;
    attr.mode = node.mode;
    attr.nlink = S_ISDIR(node.mode) ? 2 : 1;
  }
  return attr;
}

Result<Attr> dot_lookup(std::string_view name) {
  for (const Node& node : kNodes) {
    if (node.name == name && node.type == DT_REG) return dot_attr(node.ino);
  }
  return std::unexpected(ENOENT);
}

std::vector<DirEntry> dot_readdir(std::uint64_t position, std::size_t most) {
  std::vector<DirEntry> entries;
  for (std::uint64_t i = position; i < std::size(kNodes) && entries.size() < most; ++i) {
    entries.push_back({std::string(kNodes[i].name), kNodes[i].ino, kNodes[i].type, i + 1});
  }
  return entries;
}

}  // namespace vexfs::posix
