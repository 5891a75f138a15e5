// SPDX-License-Identifier: MIT
// What the probes that run in a guest share: requests to doors, and answers as text.
#pragma once

#include <sys/xattr.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "reference/contract/door.h"
#include "reference/contract/vector.h"

namespace vexfs::probe {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::uint32_t kDim = 12;
inline constexpr const char* kName = "user.vexfs.collection";

template <typename T>
void append(Bytes& bytes, const T& value) {
  bytes.resize(bytes.size() + sizeof(T));
  std::memcpy(bytes.data() + bytes.size() - sizeof(T), &value, sizeof(T));
}

inline void say(const std::string& what, long result) {
  std::printf("%s: %s\n", what.c_str(),
              result < 0 ? std::strerror(errno) : std::to_string(result).c_str());
}

inline void dump(const std::string& what, const Bytes& bytes) {
  std::printf("%s: %zu", what.c_str(), bytes.size());
  for (std::size_t i = 0; i < bytes.size(); i++)
    std::printf("%s%02x", i % 64 == 0 ? "\n " : "", bytes[i]);
  std::printf("\n");
}

inline std::uint64_t word(std::uint64_t n) {
  std::uint64_t z = (n + 1) * 0x9e3779b97f4a7c15;
  z ^= z >> 30;
  z *= 0xbf58476d1ce4e5b9;
  z ^= z >> 27;
  z *= 0x94d049bb133111eb;
  return z ^ z >> 31;
}

inline void append_row(Bytes& bytes, std::uint64_t row) {
  for (std::uint32_t e = 0; e < kDim; e++) {
    const std::uint64_t w = word(row * kDim + e);
    append(bytes, static_cast<std::uint32_t>((w & 0x807fffff) | (120 + (w >> 32) % 12) << 23));
  }
}

inline Bytes request(std::uint16_t opcode, std::uint32_t flags, const Bytes& body) {
  vexfs_request header = {};
  header.magic = VEXFS_REQUEST_MAGIC;
  header.version = VEXFS_DOOR_VERSION;
  header.opcode = opcode;
  header.flags = flags;
  header.length = static_cast<std::uint32_t>(sizeof(header) + body.size());
  header.tag = 0x1234;
  Bytes bytes;
  append(bytes, header);
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

class Door {
 public:
  explicit Door(const std::string& path) : fd_(open(path.c_str(), O_RDWR)) {
    if (fd_ < 0) say("open " + path, fd_);
  }
  ~Door() { close(fd_); }
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  // The reply, and what went wrong instead of one.
  Bytes ask(const std::string& what, const Bytes& request) const {
    if (write(fd_, request.data(), request.size()) != static_cast<ssize_t>(request.size()))
      say(what + " write", -1);
    Bytes reply(1 << 20);
    const ssize_t length = read(fd_, reply.data(), reply.size());
    if (length < 0) say(what + " read", length);
    reply.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    return reply;
  }
  void show(const std::string& what, const Bytes& request) const { dump(what, ask(what, request)); }
  int fd() const { return fd_; }

 private:
  int fd_;
};

inline Bytes ids_body(const std::vector<std::uint64_t>& ids,
                      const std::vector<std::uint64_t>& rows) {
  vexfs_ids head = {};
  head.count = static_cast<std::uint32_t>(ids.size());
  Bytes body;
  append(body, head);
  for (const auto id : ids) append(body, id);
  for (const auto row : rows) append_row(body, row);
  return body;
}

inline Bytes search_body(vexfs_search head, const std::vector<std::uint64_t>& rows,
                         const std::vector<std::uint64_t>& filter) {
  head.queries = static_cast<std::uint32_t>(rows.size());
  head.filter = static_cast<std::uint32_t>(filter.size());
  Bytes body;
  append(body, head);
  for (const auto row : rows) append_row(body, row);
  while (body.size() % 8 != 0) body.push_back(0);
  for (const auto id : filter) append(body, id);
  return body;
}

}  // namespace vexfs::probe
