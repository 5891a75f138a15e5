// SPDX-License-Identifier: MIT
#include "harness/guest/recorded_disk.h"

#include <linux/fs.h>
#include <linux/nbd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "harness/device/nbd_protocol.h"

namespace vexfs::parity::guest {
namespace {

constexpr const char* kSocket = "/tmp/recorded_disk.sock";
constexpr std::size_t kCopyBytes = 1 << 20;
constexpr int kBlockBytes = 512;
constexpr int kLooksForSize = 10'000;  // one each millisecond

std::unexpected<std::string> failed(const std::string& what) {
  return std::unexpected(what + ": " + std::strerror(errno));
}

std::expected<device::Volume, std::string> content_of(const std::string& device,
                                                      std::uint64_t bytes) {
  const UniqueFd from(::open(device.c_str(), O_RDONLY | O_CLOEXEC));
  if (!from) return failed("open " + device);
  device::Volume content(bytes);
  std::vector<std::byte> piece(kCopyBytes);
  for (std::uint64_t at = 0; at < bytes;) {
    const ssize_t got = ::pread64(from.get(), piece.data(), std::min(kCopyBytes, bytes - at),
                                  static_cast<std::int64_t>(at));
    if (got <= 0) return failed("read " + device + " at " + std::to_string(at));
    content.write(at, std::span(piece).first(static_cast<std::size_t>(got)));
    at += static_cast<std::uint64_t>(got);
  }
  return content;
}

bool send_all(int socket, std::span<const std::byte> bytes) {
  return ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

bool receive_all(int socket, std::span<std::byte> into) {
  return ::recv(socket, into.data(), into.size(), MSG_WAITALL) == static_cast<ssize_t>(into.size());
}

// What a client says until requests may follow; the kernel has no part in that.
bool shake_hands(int socket) {
  using device::nbd::append_big_endian;
  std::array<std::byte, 18> greeting;        // two magic numbers, flags
  std::array<std::byte, 10> export_and_its;  // size, flags
  std::vector<std::byte> answer;
  append_big_endian<std::uint32_t>(answer, device::nbd::kFixedNewstyle | device::nbd::kNoZeroes);
  append_big_endian<std::uint64_t>(answer, device::nbd::kOptionMagic);
  append_big_endian<std::uint32_t>(answer, device::nbd::kOptExportName);
  append_big_endian<std::uint32_t>(answer, 0);  // the name's length
  return receive_all(socket, greeting) && send_all(socket, answer) &&
         receive_all(socket, export_and_its);
}

std::expected<UniqueFd, std::string> connect_to(const char* path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return failed("make a socket");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      !shake_hands(socket.get())) {
    return failed(std::string("reach the NBD server at ") + path);
  }
  return socket;
}

// Flags of the ioctl are those of the protocol.
constexpr unsigned long kCapabilities = device::nbd::kHasFlags | device::nbd::kSendFlush |
                                        device::nbd::kSendFua | device::nbd::kSendTrim;

std::expected<UniqueFd, std::string> set_up(int socket, std::uint64_t bytes) {
  UniqueFd disk(::open(RecordedDisk::kPath, O_RDWR | O_CLOEXEC));
  if (!disk) return failed(std::string("open ") + RecordedDisk::kPath + " (is nbd.ko loaded?)");
  const bool done = ::ioctl(disk.get(), NBD_SET_SOCK, socket) == 0 &&
                    ::ioctl(disk.get(), NBD_SET_BLKSIZE, kBlockBytes) == 0 &&
                    ::ioctl(disk.get(), NBD_SET_SIZE_BLOCKS, bytes / kBlockBytes) == 0 &&
                    ::ioctl(disk.get(), NBD_SET_FLAGS, kCapabilities) == 0;
  if (!done) return failed(std::string("set up ") + RecordedDisk::kPath);
  return disk;
}

// The kernel gives the disk its size when its client has begun to work.
bool wait_for_size(int disk, std::uint64_t bytes) {
  for (int i = 0; i < kLooksForSize; ++i) {
    std::uint64_t size = 0;
    if (::ioctl(disk, BLKGETSIZE64, &size) == 0 && size == bytes) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

}  // namespace

std::expected<std::unique_ptr<RecordedDisk>, std::string> RecordedDisk::attach(
    const std::string& origin, std::uint64_t bytes, const device::RecordOptions& options) {
  auto content = content_of(origin, bytes);
  if (!content) return std::unexpected(content.error());
  auto server =
      device::NbdServer::start({.socket = kSocket, .export_name = ""}, std::move(*content));
  if (!server) return std::unexpected(server.error().message);
  auto socket = connect_to(kSocket);
  if (!socket) return std::unexpected(socket.error());
  auto disk = set_up(socket->get(), bytes);
  if (!disk) return std::unexpected(disk.error());
  if (const auto begun = (*server)->start_recording(options); !begun) {
    return std::unexpected(begun.error().message);
  }
  std::unique_ptr<RecordedDisk> recorded(
      new RecordedDisk(std::move(*server), std::move(*disk), std::move(*socket)));
  if (!wait_for_size(recorded->disk_.get(), bytes)) {
    return std::unexpected(std::string("the kernel does not begin to use ") + kPath);
  }
  return recorded;
}

RecordedDisk::RecordedDisk(std::unique_ptr<device::NbdServer> server, UniqueFd disk,
                           UniqueFd socket)
    : server_(std::move(server)),
      disk_(std::move(disk)),
      socket_(std::move(socket)),
      client_([fd = disk_.get()] { ::ioctl(fd, NBD_DO_IT); }) {}

RecordedDisk::~RecordedDisk() {
  ::ioctl(disk_.get(), NBD_DISCONNECT);
  client_.join();
  ::ioctl(disk_.get(), NBD_CLEAR_SOCK);
}

std::expected<device::Recording, std::string> RecordedDisk::stop_recording() {
  auto recording = server_->stop_recording();
  if (!recording) return std::unexpected(recording.error().message);
  return std::move(*recording);
}

}  // namespace vexfs::parity::guest
