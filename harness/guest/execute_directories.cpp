// SPDX-License-Identifier: MIT
// Listing directories, whole and in pieces.
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "harness/guest/execute.h"

namespace vexfs::parity::guest {
namespace {

constexpr std::size_t kBufferBytes = 32768;
constexpr std::size_t kNameOffset = offsetof(dirent64, d_name);

// Appends the entries of one getdents64 reply until `most` are there.
void append_entries(const char* buffer, std::size_t bytes, std::size_t most,
                    std::vector<DirectoryEntry>& entries) {
  for (std::size_t at = 0; at < bytes && entries.size() < most;) {
    dirent64 header;
    std::memcpy(&header, buffer + at, kNameOffset);
    entries.push_back({std::string(buffer + at + kNameOffset), header.d_ino, header.d_type,
                       static_cast<std::int64_t>(header.d_off)});
    at += header.d_reclen;
  }
}

// Entries from the descriptor's position until `most` or the end of the directory.
Outcome list(int descriptor, std::size_t most) {
  Outcome outcome;
  outcome.names.emplace();
  alignas(dirent64) std::array<char, kBufferBytes> buffer;
  while (outcome.names->size() < most) {
    const long got = ::syscall(SYS_getdents64, descriptor, buffer.data(), buffer.size());
    if (got < 0) return Outcome::failure(errno);
    if (got == 0) break;
    append_entries(buffer.data(), static_cast<std::size_t>(got), most, *outcome.names);
  }
  return outcome;
}

}  // namespace

Outcome execute(const Readdir& o, OpenFiles&) {
  const int descriptor =
      ::open(o.path.bytes.c_str(), O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return Outcome::failure(errno);
  const Outcome outcome = list(descriptor, std::numeric_limits<std::size_t>::max());
  ::close(descriptor);
  return outcome;
}

Outcome execute(const ReaddirPiece& o, OpenFiles& files) {
  OpenFile* file = files.find(o.handle);
  if (file == nullptr) return Outcome::failure(EBADF);
  if (o.rewind) file->cookie = 0;
  // A file without a position (a stream of /.vexfs) is no directory either: getdents64 says so.
  if (::lseek64(file->descriptor, file->cookie, SEEK_SET) < 0 && errno != ESPIPE) {
    return Outcome::failure(errno);
  }
  Outcome outcome = list(file->descriptor, o.count);
  if (outcome.names && !outcome.names->empty()) file->cookie = outcome.names->back().cookie;
  return outcome;
}

}  // namespace vexfs::parity::guest
