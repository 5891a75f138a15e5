// SPDX-License-Identifier: MIT
#include "harness/vectors/collection_access.h"

#include <sys/xattr.h>

#include <cerrno>
#include <cstring>

#include <fcntl.h>

#include "harness/device/unique_fd.h"
#include "reference/contract/door.h"

namespace vexfs::parity {
namespace {

using Bytes = std::vector<std::byte>;

bool is_whole(const Bytes& reply) {
  vexfs_reply header;
  if (reply.size() < sizeof header) return false;
  std::memcpy(&header, reply.data(), sizeof header);
  return header.length == reply.size();
}

// Reads to the end. Behind the reply to a compaction a door has no end (docs/vectors.md).
posix::Result<Bytes> read_all(int file) {
  constexpr std::size_t kPiece = 1 << 20;
  Bytes bytes;
  for (;;) {
    const std::size_t at = bytes.size();
    bytes.resize(at + kPiece);
    const ssize_t got = ::read(file, bytes.data() + at, kPiece);
    const int error = got < 0 ? errno : 0;
    bytes.resize(at + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (error == ESTALE && is_whole(bytes)) return bytes;
    if (error != 0) return std::unexpected(error);
    if (got == 0) return bytes;
  }
}

const char* name_of(posix::CollectionFile file) {
  switch (file) {
    case posix::CollectionFile::kVectors:
      return "vectors";
    case posix::CollectionFile::kGraph:
      return "graph";
    case posix::CollectionFile::kInfo:
      break;
  }
  return "info";
}

}  // namespace

posix::Result<VolumeCollection> VolumeCollection::make(posix::InodeVolume& volume,
                                                       const std::string& value) {
  if (auto set = volume.set_collection(posix::kRootIno, value, false); !set)
    return std::unexpected(set.error());
  return VolumeCollection(volume);
}

posix::Result<Bytes> VolumeCollection::ask(posix::Door door, std::span<const std::byte> request) {
  const auto graph = volume_->graph_inode(posix::kRootIno);
  if (!graph) return std::unexpected(graph.error());
  return volume_->door(*graph, door, request);
}

posix::Result<Bytes> VolumeCollection::read(posix::CollectionFile file) {
  const auto graph = volume_->graph_inode(posix::kRootIno);
  if (!graph) return std::unexpected(graph.error());
  return volume_->collection_file(*graph, file);
}

posix::Result<MountedCollection> MountedCollection::make(const std::string& directory,
                                                         const std::string& value) {
  constexpr const char* kName = "user.vexfs.collection";
  if (::setxattr(directory.c_str(), kName, value.data(), value.size(), 0) != 0)
    return std::unexpected(errno);
  return MountedCollection(directory);
}

posix::Result<Bytes> MountedCollection::ask(posix::Door door, std::span<const std::byte> request) {
  const char* name = door == posix::Door::kQuery ? "query" : "update";
  const UniqueFd file(::open((hidden_ + name).c_str(), O_RDWR | O_CLOEXEC));
  if (file.get() < 0) return std::unexpected(errno);
  while (!request.empty()) {
    const ssize_t written = ::write(file.get(), request.data(), request.size());
    if (written < 0) return std::unexpected(errno);
    request = request.subspan(static_cast<std::size_t>(written));
  }
  return read_all(file.get());
}

posix::Result<Bytes> MountedCollection::read(posix::CollectionFile file) {
  const UniqueFd open(::open((hidden_ + name_of(file)).c_str(), O_RDONLY | O_CLOEXEC));
  if (open.get() < 0) return std::unexpected(errno);
  return read_all(open.get());
}

}  // namespace vexfs::parity
