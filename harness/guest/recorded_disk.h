// SPDX-License-Identifier: MIT
// A disk of this guest that the agent itself serves and records, by the kernel's NBD client: unlike
// virtio-blk it takes FUA writes as such.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <thread>

#include "harness/device/nbd_server.h"
#include "harness/device/unique_fd.h"

namespace vexfs::parity::guest {

class RecordedDisk {
 public:
  static constexpr const char* kPath = "/dev/nbd0";

  // Makes kPath a disk that holds the first `bytes` (a multiple of 4 KiB) of the block device
  // `origin`, and records from now on. One at a time in a guest. The error says what failed.
  static std::expected<std::unique_ptr<RecordedDisk>, std::string> attach(
      const std::string& origin, std::uint64_t bytes, const device::RecordOptions& options);
  // Nothing may be mounted on it any more.
  ~RecordedDisk();

  RecordedDisk(const RecordedDisk&) = delete;
  RecordedDisk& operator=(const RecordedDisk&) = delete;

  void mark(std::string text) { server_->mark(std::move(text)); }
  // Ends the recording; the disk goes on without.
  std::expected<device::Recording, std::string> stop_recording();

 private:
  RecordedDisk(std::unique_ptr<device::NbdServer> server, UniqueFd disk, UniqueFd socket);

  std::unique_ptr<device::NbdServer> server_;
  UniqueFd disk_;
  UniqueFd socket_;      // the kernel's end
  std::jthread client_;  // lends the kernel its time; last: it uses the others
};

}  // namespace vexfs::parity::guest
