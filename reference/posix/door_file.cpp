// SPDX-License-Identifier: MIT
#include "reference/posix/door_file.h"

#include <algorithm>
#include <cerrno>

#include "reference/contract/door.h"
#include "reference/posix/collection_dir.h"

namespace vexfs::posix {

Result<std::size_t> DoorFile::write(std::span<const std::byte> bytes) {
  if (bytes.empty()) return 0;
  if (has_reply_) *this = {};
  const std::size_t room = VEXFS_MESSAGE_MAX - staged_.size();
  if (room == 0) return std::unexpected(EFBIG);
  bytes = bytes.first(std::min(bytes.size(), room));
  staged_.insert(staged_.end(), bytes.begin(), bytes.end());
  return bytes.size();
}

Result<std::vector<std::byte>> DoorFile::read(InodeVolume& volume, Ino ino, std::uint64_t length) {
  if (length == 0 || (!has_reply_ && staged_.empty())) return std::vector<std::byte>{};
  if (!has_reply_) {
    auto reply = volume.door(graph_of(ino), *door_of(ino), staged_);
    if (!reply) return reply;
    *this = {};
    reply_ = std::move(*reply);
    has_reply_ = true;
  }
  const auto rest = std::span(reply_).subspan(given_);
  const auto piece = rest.first(std::min<std::uint64_t>(length, rest.size()));
  given_ += piece.size();
  return std::vector<std::byte>(piece.begin(), piece.end());
}

}  // namespace vexfs::posix
