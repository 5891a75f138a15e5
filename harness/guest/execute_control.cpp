// SPDX-License-Identifier: MIT
// The files below /.vexfs that scenarios use.
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "harness/guest/execute.h"

namespace vexfs::parity::guest {
namespace {

constexpr std::size_t kChunkBytes = 65536;

// Appends everything from `position` to the present end of the stream; 0 or an errno.
int read_stream(int descriptor, std::uint64_t position, std::string& stream) {
  std::string chunk(kChunkBytes, '\0');
  for (;;) {
    const auto place = static_cast<off64_t>(position + stream.size());
    const ssize_t got = ::pread64(descriptor, chunk.data(), chunk.size(), place);
    if (got < 0) return errno;
    if (got == 0) return 0;
    stream.append(chunk, 0, static_cast<std::size_t>(got));
  }
}

}  // namespace

Outcome execute(const Control& o, OpenFiles&) {
  const int descriptor = ::open("/.vexfs/control", O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return Outcome::failure(errno);
  const std::string line = o.line + "\n";
  const ssize_t written = ::write(descriptor, line.data(), line.size());
  const Outcome outcome = written < 0 ? Outcome::failure(errno) : Outcome{};
  ::close(descriptor);
  return outcome;
}

Outcome execute(const Events&, OpenFiles& files) {
  const int descriptor = ::open("/.vexfs/events", O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return Outcome::failure(errno);
  std::string stream;
  const int error = read_stream(descriptor, files.events_position, stream);
  ::close(descriptor);
  if (error != 0) return Outcome::failure(error);
  files.events_position += stream.size();
  Outcome outcome;
  outcome.value = static_cast<std::int64_t>(stream.size());
  outcome.data = digest_of(stream);
  if (stream.size() <= kMostCarriedBytes) outcome.bytes = std::move(stream);
  return outcome;
}

}  // namespace vexfs::parity::guest
