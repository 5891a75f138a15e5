// SPDX-License-Identifier: MIT
#include "reference/posix/dot_vexfs.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include <dirent.h>

#include "reference/contract/directory.h"

namespace vexfs::posix {
namespace {

static_assert(kDotDir == VEXFS_INO_DOT_DIR && kEventsFile == VEXFS_INO_EVENTS &&
              kStatsFile == VEXFS_INO_STATS && kControlFile == VEXFS_INO_CONTROL &&
              kDotName == VEXFS_DOT_NAME);

constexpr std::size_t kMostControlBytes = 4096;

struct DotFile {
  std::string_view name;
  Ino ino;
  std::uint32_t mode;
};

// In the order in which the directory lists them.
constexpr std::array<DotFile, 3> kFiles = {{{"control", kControlFile, S_IFREG | 0600},
                                            {"events", kEventsFile, S_IFREG | 0400},
                                            {"stats", kStatsFile, S_IFREG | 0444}}};

Result<void> execute_lines(InodeVolume& volume, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto done = volume.control(text.substr(0, end)); !done) return done;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

}  // namespace

bool is_dot(Ino ino) { return ino >= kDotDir; }

Attr dot_attr(Ino ino) {
  Attr attr;
  attr.ino = ino;
  attr.mode = S_IFDIR | 0555;
  attr.nlink = 2;
  for (const DotFile& file : kFiles)
    if (file.ino == ino) {
      attr.mode = file.mode;
      attr.nlink = 1;
    }
  return attr;
}

Result<Attr> dot_lookup(std::string_view name) {
  for (const DotFile& file : kFiles)
    if (file.name == name) return dot_attr(file.ino);
  return std::unexpected(ENOENT);
}

std::vector<DirEntry> dot_entries() {
  std::vector<DirEntry> entries = {{".", kDotDir, DT_DIR, 1}, {"..", kRootIno, DT_DIR, 2}};
  for (const DotFile& file : kFiles)
    entries.push_back({std::string(file.name), file.ino, DT_REG, entries.size() + 1});
  return entries;
}

Result<std::vector<std::byte>> dot_read(InodeVolume& volume, Ino ino, std::uint64_t offset,
                                        std::uint64_t length) {
  if (ino == kEventsFile && length > 0) return volume.events(offset, length);
  if (ino != kStatsFile) return std::vector<std::byte>{};
  auto text = volume.stats();
  if (!text) return std::unexpected(text.error());
  const auto bytes = std::as_bytes(std::span(*text));
  if (offset >= bytes.size()) return std::vector<std::byte>{};
  const auto part = bytes.subspan(offset, std::min<std::uint64_t>(length, bytes.size() - offset));
  return std::vector<std::byte>(part.begin(), part.end());
}

Result<std::size_t> dot_write(InodeVolume& volume, Ino ino, std::string_view text) {
  if (text.empty()) return 0;
  if (ino != kControlFile || text.size() > kMostControlBytes) return std::unexpected(EINVAL);
  if (auto done = execute_lines(volume, text); !done) return std::unexpected(done.error());
  return text.size();
}

}  // namespace vexfs::posix
