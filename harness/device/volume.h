// SPDX-License-Identifier: MIT
// The content of a block device, in memory. Copying one is cheap: chunks are shared until written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "harness/device/error.h"

namespace vexfs::parity::device {

// A sparse image of a fixed size. A copy costs one pointer per chunk of 4 KiB, and each chunk is
// duplicated when one side first writes it: copies of a volume cost what they do not share, and so
// does comparing them. Never-written ranges read as zeroes and take no memory.
//
// Const access from many threads is safe, also to copies that share chunks; writing needs
// exclusive use of this object (its copies may be used by others meanwhile).
class Volume {
 public:
  static constexpr std::size_t kChunkBytes = 4096;

  Volume() = default;
  // `size` in bytes, any value.
  explicit Volume(std::uint64_t size);
  // An image with this content; all-zero chunks take no memory.
  static Volume from_bytes(std::span<const std::byte> content);
  // Reads a whole image file. Fails with the path and the reason.
  static std::expected<Volume, InfraError> load(const std::filesystem::path& file);

  // Writes the image as a sparse file, replacing the file.
  std::expected<void, InfraError> save(const std::filesystem::path& file) const;

  std::uint64_t size() const { return size_; }

  // True if [offset, offset + length) lies within the volume. Every access below requires it.
  bool contains(std::uint64_t offset, std::uint64_t length) const {
    return offset <= size_ && length <= size_ - offset;
  }

  void read(std::uint64_t offset, std::span<std::byte> into) const;
  void write(std::uint64_t offset, std::span<const std::byte> from);
  void zero(std::uint64_t offset, std::uint64_t length);

  // The chunks that the size takes; the last one may be cut by the end.
  std::size_t chunks() const { return chunks_.size(); }
  // One whole chunk. Valid until this object changes it or ends.
  std::span<const std::byte, kChunkBytes> chunk(std::size_t index) const;
  // The same, to be changed in place before anything else is done with this object.
  std::span<std::byte, kChunkBytes> edit_chunk(std::size_t index);

  // Cuts the end off or adds zeroes to it.
  void resize(std::uint64_t size);

  // The whole content in one block of memory.
  std::vector<std::byte> bytes() const;

  // Bytes of memory that the chunks take, shared ones counted whole.
  std::uint64_t allocated_bytes() const;

  // The offset of the first byte that differs, or the smaller size if one is a prefix of the
  // other; nothing if both are equal. Shared chunks are not compared byte by byte.
  static std::optional<std::uint64_t> first_difference(const Volume& left, const Volume& right);

  // The chunks in which two volumes of one size differ, ascending.
  static std::vector<std::size_t> differing_chunks(const Volume& left, const Volume& right);

  // `bytes` is the content of `held`, which is no smaller than this volume: makes both begin with
  // what this volume holds, by what the two do not share.
  void follow(Volume& held, std::span<std::byte> bytes) const;

  friend bool operator==(const Volume& left, const Volume& right) {
    return !first_difference(left, right);
  }

 private:
  struct Chunk {
    std::byte data[kChunkBytes];
  };

  const Chunk& shared_chunk(std::size_t index) const;
  Chunk& writable_chunk(std::size_t index);

  std::uint64_t size_ = 0;
  std::vector<std::shared_ptr<Chunk>> chunks_;  // null: all zeroes
};

}  // namespace vexfs::parity::device
