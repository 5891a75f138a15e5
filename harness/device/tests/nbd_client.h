// SPDX-License-Identifier: MIT
// A small blocking NBD client for tests, written from the protocol and not from the server.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <endian.h>

#include "harness/device/unique_fd.h"

namespace vexfs::parity::device {

class NbdClient {
 public:
  struct Reply {
    std::uint64_t cookie = 0;
    std::uint32_t error = 0;
  };

  explicit NbdClient(const std::filesystem::path& path) {
    fd_.reset(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strcpy(address.sun_path, path.c_str());
    connected_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    const auto hello = get(18);
    connected_ = connected_ && hello.substr(0, 16) == "NBDMAGICIHAVEOPT";
    put32(3);  // fixed newstyle, no zeroes
  }

  bool connected() const { return connected_; }

  // Returns the type of the last option reply (1: acknowledged), or 0 at the end of the stream.
  std::uint32_t option(std::uint32_t option, const std::string& data) {
    put("IHAVEOPT");
    put32(option);
    put32(static_cast<std::uint32_t>(data.size()));
    put(data);
    while (true) {
      const auto header = get(20);
      if (header.size() < 20) return 0;
      const auto type = big32(header, 12);
      const auto body = get(big32(header, 16));
      if (type == 3) info_ = body;
      if (type != 3 && type != 2) return type;
    }
  }

  // Option GO on the export with this name.
  bool go(const std::string& name) {
    std::string data(4, '\0');
    const std::uint32_t length = htonl(static_cast<std::uint32_t>(name.size()));
    std::memcpy(data.data(), &length, 4);
    return option(7, data + name + std::string(2, '\0')) == 1;
  }

  // The older way, EXPORT_NAME: answered with size and flags alone.
  bool export_name(const std::string& name) {
    put("IHAVEOPT");
    put32(1);
    put32(static_cast<std::uint32_t>(name.size()));
    put(name);
    info_ = std::string(2, '\0') + get(10);
    return info_.size() == 12;
  }

  std::uint64_t export_size() const { return be64toh(load<std::uint64_t>(info_, 2)); }
  std::uint16_t flags() const { return be16toh(load<std::uint16_t>(info_, 10)); }

  void send_request(std::uint16_t flags, std::uint16_t command, std::uint64_t cookie,
                    std::uint64_t offset, std::uint32_t length, const std::string& data = {}) {
    std::string request;
    append(request, htobe32(0x25609513));
    append(request, htobe16(flags));
    append(request, htobe16(command));
    append(request, htobe64(cookie));
    append(request, htobe64(offset));
    append(request, htobe32(length));
    put(request + data);
  }

  Reply receive_reply() {
    const auto header = get(16);
    if (header.size() < 16 || big32(header, 0) != 0x67446698) return {0, 0xffffffff};
    return {be64toh(load<std::uint64_t>(header, 8)), big32(header, 4)};
  }

  std::uint32_t write(std::uint64_t offset, const std::string& data, bool fua = false) {
    send_request(fua ? 1 : 0, 1, 1, offset, static_cast<std::uint32_t>(data.size()), data);
    return receive_reply().error;
  }
  std::uint32_t read(std::uint64_t offset, std::uint32_t length, std::string& data) {
    send_request(0, 0, 2, offset, length);
    const auto reply = receive_reply();
    if (reply.error == 0) data = get(length);
    return reply.error;
  }
  std::uint32_t flush() { return simple(3, 0, 0); }
  std::uint32_t trim(std::uint64_t offset, std::uint32_t length) {
    return simple(4, offset, length);
  }
  std::uint32_t write_zeroes(std::uint64_t offset, std::uint32_t length) {
    return simple(6, offset, length);
  }
  std::uint32_t simple(std::uint16_t command, std::uint64_t offset, std::uint32_t length) {
    send_request(0, command, 3, offset, length);
    return receive_reply().error;
  }
  void disconnect() { send_request(0, 2, 4, 0, 0); }
  void put(const std::string& bytes) {
    ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }
  bool at_end() { return get(1).empty(); }
  void hang_up() { fd_.reset(); }

 private:
  template <typename Int>
  static Int load(const std::string& from, std::size_t at) {
    Int value = 0;
    std::memcpy(&value, from.data() + at, sizeof(value));
    return value;
  }
  template <typename Int>
  static void append(std::string& to, Int value) {
    to.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  static std::uint32_t big32(const std::string& from, std::size_t at) {
    return ntohl(load<std::uint32_t>(from, at));
  }
  void put32(std::uint32_t value) {
    std::string bytes;
    append(bytes, htonl(value));
    put(bytes);
  }
  std::string get(std::size_t count) {
    if (count == 0) return {};  // recv() of nothing would wait for something
    std::string bytes(count, '\0');
    const ssize_t got = ::recv(fd_.get(), bytes.data(), count, MSG_WAITALL);
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }

  UniqueFd fd_;
  bool connected_ = false;
  std::string info_;
};

}  // namespace vexfs::parity::device
