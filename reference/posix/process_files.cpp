// SPDX-License-Identifier: MIT
// System calls on open files, and what scenarios do with the files of /.vexfs.
#include <algorithm>
#include <cerrno>

#include "reference/posix/collection_dir.h"
#include "reference/posix/dot_vexfs.h"
#include "reference/posix/process.h"
#include "reference/posix/try.h"

namespace vexfs::posix {
namespace {

constexpr std::size_t kEventsAtOnce = 65536;
constexpr std::uint64_t kPageSize = 4096;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// The page cache reads page by page: what lies before the first page that cannot be read is the
// answer.
Result<std::vector<std::byte>> read_pages(InodeVolume& volume, Ino ino, std::uint64_t position,
                                          std::uint64_t length) {
  auto whole = volume.read(ino, position, length);
  if (whole || whole.error() != EUCLEAN) return whole;
  std::vector<std::byte> bytes;
  while (bytes.size() < length) {
    const std::uint64_t at = position + bytes.size();
    const std::uint64_t wanted = std::min(kPageSize - at % kPageSize, length - bytes.size());
    auto page = volume.read(ino, at, wanted);
    if (!page && bytes.empty()) return page;
    if (!page || page->empty()) break;
    bytes.insert(bytes.end(), page->begin(), page->end());
  }
  return bytes;
}

// rw_verify_area(): a position or a range that loff_t cannot hold.
bool is_bad_range(std::int64_t offset, std::uint64_t length) {
  return offset < 0 || length > static_cast<std::uint64_t>(INT64_MAX - offset);
}

}  // namespace

Process::OpenFile* Process::find_file(const std::string& handle) {
  const auto found = files_.find(handle);
  return found == files_.end() ? nullptr : &found->second;
}

// A directory or special file may be gone, and its number taken by another.
Result<Attr> Process::attr_of(const OpenFile& file) {
  POSIX_TRY(attr, current(file.ino));
  if (attr.generation != file.generation) return std::unexpected(ESTALE);
  return attr;
}

Result<void> Process::close(const std::string& handle) {
  const OpenFile* file = find_file(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  if (!file->directory && !is_dot(file->ino)) volume_.release(file->ino);
  files_.erase(handle);
  return {};
}

Result<Attr> Process::fstat(const std::string& handle) {
  const OpenFile* file = find_file(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  return attr_of(*file);
}

Result<void> Process::ftruncate(const Credentials& who, const std::string& handle,
                                std::int64_t size) {
  const OpenFile* file = find_file(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  if (size < 0 || file->directory || !file->flags.write) return std::unexpected(EINVAL);
  POSIX_TRY(attr, attr_of(*file));
  return truncate_inode(who, attr, static_cast<std::uint64_t>(size));
}

Result<std::vector<std::byte>> Process::read(const std::string& handle, std::int64_t offset,
                                             std::uint64_t length) {
  const OpenFile* file = find_file(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  if (offset < 0) return std::unexpected(EINVAL);
  if (door_of(file->ino)) return std::unexpected(ESPIPE);
  if (!file->flags.read) return std::unexpected(EBADF);
  if (file->directory) return std::unexpected(EISDIR);
  if (is_bad_range(offset, length)) return std::unexpected(EINVAL);
  const auto position = static_cast<std::uint64_t>(offset);
  if (is_collection_ino(file->ino)) {
    POSIX_CHECK(attr_of(*file));
    return collection_read(volume_, file->ino, position, length);
  }
  if (is_dot(file->ino)) return dot_read(volume_, file->ino, position, length);
  return read_pages(volume_, file->ino, position, length);
}

Result<std::size_t> Process::write(const Credentials& who, const std::string& handle,
                                   std::optional<std::int64_t> offset,
                                   std::span<const std::byte> bytes) {
  OpenFile* file = find_file(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  if (offset && *offset < 0) return std::unexpected(EINVAL);
  if (offset && door_of(file->ino)) return std::unexpected(ESPIPE);
  if (!file->flags.write) return std::unexpected(EBADF);
  POSIX_TRY(attr, attr_of(*file));
  const auto end = static_cast<std::int64_t>(attr.size);
  if (is_bad_range(offset.value_or(end), bytes.size())) return std::unexpected(EINVAL);
  if (door_of(file->ino)) return file->door.write(bytes);
  if (is_dot(file->ino)) return dot_write(volume_, file->ino, text_of(bytes));
  const std::int64_t position = file->flags.append ? end : offset.value_or(end);
  return volume_.write(file->ino, static_cast<std::uint64_t>(position), bytes,
                       setid_lost_by_write(who, attr));
}

// All entries of a .vexfs.
Result<std::vector<DirEntry>> Process::list_dot(Ino ino) {
  if (is_collection_ino(ino)) return collection_dir_entries(volume_, ino);
  std::vector<DirEntry> entries = dot_entries();
  POSIX_TRY(graph, volume_.graph_inode(kRootIno));
  if (graph == 0) return entries;
  for (DirEntry& entry : collection_entries(graph, entries.size()))
    entries.push_back(std::move(entry));
  return entries;
}

// iterate_dir(): a removed directory is ENOENT, whether or not it is already reclaimed.
Result<std::vector<DirEntry>> Process::list(const OpenFile& file, std::uint64_t position,
                                            std::size_t most) {
  if (!file.directory) return std::unexpected(ENOTDIR);
  if (is_dot(file.ino)) {
    POSIX_CHECK(attr_of(file));
    POSIX_TRY(entries, list_dot(file.ino));
    const auto passed = std::min<std::uint64_t>(position, entries.size());
    entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(passed));
    if (entries.size() > most) entries.resize(most);
    return entries;
  }
  const auto attr = attr_of(file);
  if ((!attr && attr.error() == ESTALE) || (attr && attr->nlink == 0))
    return std::unexpected(ENOENT);
  return volume_.readdir(file.ino, position, most);
}

Result<std::vector<DirEntry>> Process::readdir(const Credentials& who, std::string_view path) {
  OpenFlags flags;
  flags.read = true;
  flags.directory = true;
  POSIX_TRY(opened, open_path(who, path, flags, 0));
  const OpenFile file{opened.attr.ino, opened.attr.generation, true, flags};
  return list(file, 0, SIZE_MAX);
}

Result<std::vector<DirEntry>> Process::readdir_piece(const std::string& handle, std::size_t count,
                                                     bool rewind) {
  OpenFile* file = find_file(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  if (rewind) file->position = 0;
  POSIX_TRY(entries, list(*file, file->position, count));
  if (!entries.empty()) file->position = entries.back().next;
  return entries;
}

Result<void> Process::fsync(const std::string& handle) {
  const OpenFile* file = find_file(handle);
  if (file == nullptr) return std::unexpected(EBADF);
  POSIX_CHECK(attr_of(*file));
  if (is_dot(file->ino)) return std::unexpected(EINVAL);
  return volume_.fsync(file->ino);
}

Result<std::vector<std::byte>> Process::read_door(const std::string& handle, std::uint64_t length) {
  OpenFile* file = find_file(handle);
  if (file == nullptr || !file->flags.read) return std::unexpected(EBADF);
  if (!door_of(file->ino)) return std::unexpected(EINVAL);
  POSIX_CHECK(attr_of(*file));
  return file->door.read(volume_, file->ino, length);
}

Result<std::vector<std::byte>> Process::door(const Credentials& who, std::string_view path,
                                             std::span<const std::byte> request) {
  OpenFlags flags;
  flags.read = true;
  flags.write = true;
  POSIX_TRY(opened, open_path(who, path, flags, 0));
  if (!door_of(opened.attr.ino)) return std::unexpected(EINVAL);
  DoorFile door;
  while (!request.empty()) {
    POSIX_TRY(staged, door.write(request));
    request = request.subspan(staged);
  }
  return door.read(volume_, opened.attr.ino, UINT64_MAX);
}

Result<void> Process::control(const Credentials& who, std::string_view line) {
  OpenFlags flags;
  flags.write = true;
  POSIX_TRY(opened, open_path(who, "/.vexfs/control", flags, 0));
  POSIX_CHECK(dot_write(volume_, opened.attr.ino, std::string(line) + "\n"));
  return {};
}

Result<std::vector<std::byte>> Process::events(const Credentials& who, std::uint64_t position) {
  OpenFlags flags;
  flags.read = true;
  POSIX_CHECK(open_path(who, "/.vexfs/events", flags, 0));
  std::vector<std::byte> stream;
  for (;;) {
    POSIX_TRY(part, volume_.events(position + stream.size(), kEventsAtOnce));
    if (part.empty()) return stream;
    stream.insert(stream.end(), part.begin(), part.end());
  }
}

}  // namespace vexfs::posix
