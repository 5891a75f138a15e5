// SPDX-License-Identifier: MIT
// Where a volume's bytes live: a file, a block device, or memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "fuse/core/result.h"

namespace vexfs::core {

/**
 * A byte store that a volume is mounted on.
 *
 * Offsets and lengths are bytes; the engine only passes multiples of 4096. Calls come from several
 * threads at once; the engine never lets two writes, or a write and a read, of the same block
 * overlap in time.
 */
class BlockDevice {
 public:
  virtual ~BlockDevice() = default;

  /** Fills `into` from `offset`. EIO if that reaches past the end or the medium fails. */
  virtual Expected<void> read(uint64_t offset, std::span<std::byte> into) = 0;
  /** Writes `from` at `offset`; durable only after flush(). EROFS on a read-only device. */
  virtual Expected<void> write(uint64_t offset, std::span<const std::byte> from) = 0;
  /** Returns when every write completed before the call is durable. */
  virtual Expected<void> flush() = 0;
  /** Bytes of the device; does not change while it is open. */
  virtual uint64_t size() const = 0;
};

/** A regular file or block device, through the page cache (pread, pwrite, fdatasync). */
class FileDevice final : public BlockDevice {
 public:
  /**
   * Opens `path` for this process alone: flock for regular files, O_EXCL for block devices.
   * Errors: those of open(2); EBUSY if somebody else has it mounted.
   */
  static std::expected<std::unique_ptr<FileDevice>, Error> open(const std::string& path,
                                                                bool read_only);
  /** Takes over `fd` (closed by the destructor); the caller has seen to exclusiveness. */
  static std::expected<std::unique_ptr<FileDevice>, Error> adopt(int fd);

  ~FileDevice() override;
  FileDevice(const FileDevice&) = delete;
  FileDevice& operator=(const FileDevice&) = delete;

  Expected<void> read(uint64_t offset, std::span<std::byte> into) override;
  Expected<void> write(uint64_t offset, std::span<const std::byte> from) override;
  Expected<void> flush() override;
  uint64_t size() const override { return size_; }

 private:
  FileDevice(int fd, uint64_t size) : fd_(fd), size_(size) {}
  int fd_;
  uint64_t size_;
};

/** Memory that the caller owns and keeps alive for longer than the device. */
class MemoryDevice final : public BlockDevice {
 public:
  explicit MemoryDevice(std::span<std::byte> bytes) : bytes_(bytes) {}

  Expected<void> read(uint64_t offset, std::span<std::byte> into) override;
  Expected<void> write(uint64_t offset, std::span<const std::byte> from) override;
  Expected<void> flush() override { return {}; }
  uint64_t size() const override { return bytes_.size(); }

 private:
  std::span<std::byte> bytes_;
};

}  // namespace vexfs::core
