// SPDX-License-Identifier: MIT
// Requests to collections.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <endian.h>
#include <fcntl.h>
#include <unistd.h>

#include "harness/guest/execute.h"
#include "reference/contract/door.h"

namespace vexfs::parity::guest {
namespace {

constexpr std::size_t kReadBytes = 65536;

// Writes all of it, as many bytes at once as `piece` says; 0 or an errno.
int write_request(int door, const DoorRequest& request) {
  for (std::size_t at = 0; at < request.bytes.size();) {
    const std::size_t left = request.bytes.size() - at;
    const std::size_t size = request.piece == 0 ? left : std::min<std::size_t>(left, request.piece);
    const ssize_t written = ::write(door, request.bytes.data() + at, size);
    if (written < 0) return errno;
    at += static_cast<std::size_t>(written);
  }
  return 0;
}

bool is_whole(const std::string& reply) {
  vexfs_reply header;
  if (reply.size() < sizeof header) return false;
  std::memcpy(&header, reply.data(), sizeof header);
  return le32toh(header.length) == reply.size();
}

// Reads to the end; 0 or an errno. Behind the reply to a compaction a door has no end: it is one of
// a collection that is no more (docs/vectors.md, "Compaction").
int read_reply(int door, std::size_t piece, std::string& reply) {
  std::string buffer(piece == 0 ? kReadBytes : piece, '\0');
  for (;;) {
    const ssize_t got = ::read(door, buffer.data(), buffer.size());
    if (got < 0) return errno == ESTALE && is_whole(reply) ? 0 : errno;
    if (got == 0) return 0;
    reply.append(buffer, 0, static_cast<std::size_t>(got));
  }
}

}  // namespace

Outcome execute_request(const DoorRequest& request, OpenFiles& files) {
  const int door = ::open(request.path.c_str(), O_RDWR | O_CLOEXEC);
  if (door < 0) return Outcome::failure(errno);
  std::string reply;
  int error = write_request(door, request);
  if (error == 0) error = read_reply(door, request.piece, reply);
  ::close(door);
  if (error != 0) return Outcome::failure(error);
  files.requests.replied(request.path, request.bytes, reply);
  return reply_outcome(reply);
}

}  // namespace vexfs::parity::guest
