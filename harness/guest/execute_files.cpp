// SPDX-License-Identifier: MIT
// Operations on open files and their contents.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "harness/guest/execute.h"

namespace vexfs::parity::guest {
namespace {

int linux_flags(const OpenFlags& flags) {
  // Never wait for the other end of a fifo, never take a terminal.
  int bits = O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_LARGEFILE;
  switch (flags.access()) {
    case OpenFlags::kReadOnly:
      bits |= O_RDONLY;
      break;
    case OpenFlags::kWriteOnly:
      bits |= O_WRONLY;
      break;
    case OpenFlags::kReadWrite:
      bits |= O_RDWR;
      break;
  }
  if (flags.has(OpenFlags::kCreate)) bits |= O_CREAT;
  if (flags.has(OpenFlags::kExclusive)) bits |= O_EXCL;
  if (flags.has(OpenFlags::kTruncate)) bits |= O_TRUNC;
  if (flags.has(OpenFlags::kAppend)) bits |= O_APPEND;
  if (flags.has(OpenFlags::kDirectory)) bits |= O_DIRECTORY;
  if (flags.has(OpenFlags::kNoFollow)) bits |= O_NOFOLLOW;
  return bits;
}

// What open answers for a fifo or device, whatever its other end or driver says: neither is under
// test. 0 for others.
int answer_for_special(const struct stat64& attributes) {
  if (S_ISFIFO(attributes.st_mode)) return EOPNOTSUPP;
  return S_ISCHR(attributes.st_mode) || S_ISBLK(attributes.st_mode) ? ENXIO : 0;
}

// The errno of an open that failed: a fifo without a reader says ENXIO, as a device without a
// driver does.
int answer_for_failure(const char* path, int error) {
  struct stat64 attributes;
  const bool known = error == ENXIO && ::stat64(path, &attributes) == 0;
  return known && S_ISFIFO(attributes.st_mode) ? EOPNOTSUPP : error;
}

// `call` on the handle's descriptor; EBADF where there is none.
template <class Call>
Outcome on_handle(OpenFiles& files, const Handle& handle, Call call) {
  const OpenFile* file = files.find(handle);
  return file == nullptr ? Outcome::failure(EBADF) : outcome_of(call(file->descriptor));
}

}  // namespace

Outcome execute(const Open& o, OpenFiles& files) {
  if (files.find(o.handle) != nullptr) return Outcome::failure(EBUSY);
  const int descriptor = ::open(o.path.bytes.c_str(), linux_flags(o.flags), o.mode.bits);
  if (descriptor < 0) return Outcome::failure(answer_for_failure(o.path.bytes.c_str(), errno));
  struct stat64 attributes;
  const int refused =
      ::fstat64(descriptor, &attributes) < 0 ? errno : answer_for_special(attributes);
  if (refused != 0) {
    ::close(descriptor);
    return Outcome::failure(refused);
  }
  files.by_handle[o.handle] = OpenFile{descriptor, 0};
  return {};
}

Outcome execute(const Close& o, OpenFiles& files) {
  const Outcome outcome = on_handle(files, o.handle, [](int fd) { return ::close(fd); });
  files.by_handle.erase(o.handle);
  return outcome;
}

Outcome execute(const Read& o, OpenFiles& files) {
  const OpenFile* file = files.find(o.handle);
  if (file == nullptr) return Outcome::failure(EBADF);
  std::string buffer(std::min(o.length, kMaxDataBytes), '\0');
  const ssize_t got = ::pread64(file->descriptor, buffer.data(), buffer.size(), o.offset);
  if (got < 0) return Outcome::failure(errno);
  buffer.resize(static_cast<std::size_t>(got));
  Outcome outcome;
  outcome.value = got;
  outcome.data = digest_of(buffer);
  return outcome;
}

Outcome execute(const Write& o, OpenFiles& files) {
  const OpenFile* file = files.find(o.handle);
  if (file == nullptr) return Outcome::failure(EBADF);
  const std::int64_t place = o.offset ? *o.offset : ::lseek64(file->descriptor, 0, SEEK_END);
  if (!o.offset && place < 0) return Outcome::failure(errno);
  const std::string bytes = expand(o.data);
  const ssize_t written = ::pwrite64(file->descriptor, bytes.data(), bytes.size(), place);
  if (written < 0) return Outcome::failure(errno);
  Outcome outcome;
  outcome.value = written;
  return outcome;
}

Outcome execute(const Truncate& o, OpenFiles&) {
  return outcome_of(::truncate64(o.path.bytes.c_str(), o.size));
}

Outcome execute(const Ftruncate& o, OpenFiles& files) {
  return on_handle(files, o.handle, [&o](int fd) { return ::ftruncate64(fd, o.size); });
}

Outcome execute(const Fsync& o, OpenFiles& files) {
  return on_handle(files, o.handle, [](int fd) { return ::fsync(fd); });
}

Outcome execute(const Fdatasync& o, OpenFiles& files) {
  return on_handle(files, o.handle, [](int fd) { return ::fdatasync(fd); });
}

}  // namespace vexfs::parity::guest
