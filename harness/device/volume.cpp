// SPDX-License-Identifier: MIT
#include "harness/device/volume.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include <fcntl.h>

#include "harness/device/unique_fd.h"

namespace vexfs::parity::device {
namespace {

std::size_t chunk_count(std::uint64_t size) {
  return static_cast<std::size_t>((size + Volume::kChunkBytes - 1) / Volume::kChunkBytes);
}

bool all_zero(std::span<const std::byte> data) {
  return std::all_of(data.begin(), data.end(), [](std::byte b) { return b == std::byte{0}; });
}

// Calls visit(chunk index, offset in chunk, offset in range, length) for each chunk that the range
// [offset, offset + length) touches.
template <typename Visit>
void for_each_piece(std::uint64_t offset, std::uint64_t length, Visit visit) {
  std::uint64_t done = 0;
  while (done < length) {
    const std::uint64_t at = offset + done;
    const std::size_t within = at % Volume::kChunkBytes;
    const std::size_t piece = static_cast<std::size_t>(
        std::min<std::uint64_t>(Volume::kChunkBytes - within, length - done));
    visit(static_cast<std::size_t>(at / Volume::kChunkBytes), within, done, piece);
    done += piece;
  }
}

}  // namespace

Volume::Volume(std::uint64_t size) : size_(size), chunks_(chunk_count(size)) {}

Volume Volume::from_bytes(std::span<const std::byte> content) {
  Volume volume(content.size());
  for_each_piece(0, content.size(), [&](std::size_t, std::size_t, std::uint64_t at, std::size_t n) {
    const auto piece = content.subspan(at, n);
    if (!all_zero(piece)) volume.write(at, piece);
  });
  return volume;
}

std::expected<Volume, InfraError> Volume::load(const std::filesystem::path& file) {
  UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return last_system_error("open volume image", file.string());
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return last_system_error("stat volume image", file.string());
  Volume volume(static_cast<std::uint64_t>(status.st_size));
  std::vector<std::byte> buffer(kChunkBytes);
  for (std::uint64_t at = 0; at < volume.size_;) {
    const std::size_t want = std::min<std::uint64_t>(kChunkBytes, volume.size_ - at);
    const ssize_t got = ::pread(fd.get(), buffer.data(), want, static_cast<off_t>(at));
    if (got < 0) return last_system_error("read volume image", file.string());
    if (got == 0)
      return infra_error("read volume image " + file.string() + ": it shrank meanwhile");
    const std::span<const std::byte> piece(buffer.data(), static_cast<std::size_t>(got));
    if (!all_zero(piece)) volume.write(at, piece);
    at += static_cast<std::uint64_t>(got);
  }
  return volume;
}

std::expected<void, InfraError> Volume::save(const std::filesystem::path& file) const {
  UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return last_system_error("create volume image", file.string());
  if (::ftruncate(fd.get(), static_cast<off_t>(size_)) != 0) {
    return last_system_error("set the size of volume image", file.string());
  }
  for (std::size_t index = 0; index < chunks_.size(); ++index) {
    if (!chunks_[index]) continue;
    const std::uint64_t start = index * kChunkBytes;
    const std::size_t length = std::min<std::uint64_t>(kChunkBytes, size_ - start);
    for (std::size_t done = 0; done < length;) {
      const ssize_t put = ::pwrite(fd.get(), chunks_[index]->data + done, length - done,
                                   static_cast<off_t>(start + done));
      if (put < 0) return last_system_error("write volume image", file.string());
      done += static_cast<std::size_t>(put);
    }
  }
  return {};
}

void Volume::read(std::uint64_t offset, std::span<std::byte> into) const {
  for_each_piece(offset, into.size(),
                 [&](std::size_t index, std::size_t within, std::uint64_t at, std::size_t n) {
                   if (chunks_[index]) {
                     std::memcpy(into.data() + at, chunks_[index]->data + within, n);
                   } else {
                     std::memset(into.data() + at, 0, n);
                   }
                 });
}

void Volume::write(std::uint64_t offset, std::span<const std::byte> from) {
  for_each_piece(offset, from.size(),
                 [&](std::size_t index, std::size_t within, std::uint64_t at, std::size_t n) {
                   std::memcpy(writable_chunk(index).data + within, from.data() + at, n);
                 });
}

void Volume::zero(std::uint64_t offset, std::uint64_t length) {
  for_each_piece(offset, length,
                 [&](std::size_t index, std::size_t within, std::uint64_t, std::size_t n) {
                   if (n == kChunkBytes) {
                     chunks_[index].reset();
                   } else if (chunks_[index]) {
                     std::memset(writable_chunk(index).data + within, 0, n);
                   }
                 });
}

std::span<const std::byte, Volume::kChunkBytes> Volume::chunk(std::size_t index) const {
  return shared_chunk(index).data;
}

std::span<std::byte, Volume::kChunkBytes> Volume::edit_chunk(std::size_t index) {
  return writable_chunk(index).data;
}

void Volume::resize(std::uint64_t size) {
  if (size < size_) {
    // The cut part of the last chunk must read as zeroes if the volume grows again.
    const std::uint64_t end = std::min<std::uint64_t>(size_, chunk_count(size) * kChunkBytes);
    zero(size, end - size);
  }
  size_ = size;
  chunks_.resize(chunk_count(size));
}

std::vector<std::byte> Volume::bytes() const {
  std::vector<std::byte> content(size_);
  read(0, content);
  return content;
}

std::uint64_t Volume::allocated_bytes() const {
  const auto present = [](const auto& chunk) { return chunk != nullptr; };
  return kChunkBytes *
         static_cast<std::uint64_t>(std::count_if(chunks_.begin(), chunks_.end(), present));
}

std::vector<std::size_t> Volume::differing_chunks(const Volume& left, const Volume& right) {
  std::vector<std::size_t> found;
  for (std::size_t index = 0; index < left.chunks(); ++index) {
    if (left.chunks_[index] == right.chunks_[index]) continue;
    const Chunk& a = left.shared_chunk(index);
    const Chunk& b = right.shared_chunk(index);
    if (std::memcmp(a.data, b.data, kChunkBytes) != 0) found.push_back(index);
  }
  return found;
}

void Volume::follow(Volume& held, std::span<std::byte> bytes) const {
  for (std::size_t index = 0; index < chunks(); ++index) {
    if (chunks_[index] == held.chunks_[index]) continue;
    const std::uint64_t start = index * kChunkBytes;
    const std::size_t length = std::min<std::uint64_t>(kChunkBytes, held.size_ - start);
    std::memcpy(bytes.data() + start, shared_chunk(index).data, length);
    held.chunks_[index] = chunks_[index];
  }
}

std::optional<std::uint64_t> Volume::first_difference(const Volume& left, const Volume& right) {
  const std::uint64_t common = std::min(left.size_, right.size_);
  for (std::size_t index = 0; index < chunk_count(common); ++index) {
    if (left.chunks_[index] == right.chunks_[index]) continue;
    const Chunk& a = left.shared_chunk(index);
    const Chunk& b = right.shared_chunk(index);
    const std::uint64_t start = index * kChunkBytes;
    const std::size_t length = std::min<std::uint64_t>(kChunkBytes, common - start);
    if (std::memcmp(a.data, b.data, length) == 0) continue;
    const auto* at = std::mismatch(a.data, a.data + length, b.data).first;
    return start + static_cast<std::uint64_t>(at - a.data);
  }
  if (left.size_ != right.size_) return common;
  return std::nullopt;
}

const Volume::Chunk& Volume::shared_chunk(std::size_t index) const {
  static const Chunk kZeroes{};
  return chunks_[index] ? *chunks_[index] : kZeroes;
}

Volume::Chunk& Volume::writable_chunk(std::size_t index) {
  std::shared_ptr<Chunk>& chunk = chunks_[index];
  if (!chunk) {
    chunk = std::make_shared<Chunk>();
  } else if (chunk.use_count() > 1) {
    chunk = std::make_shared<Chunk>(*chunk);
  }
#ifndef __SANITIZE_THREAD__  // which knows no fences
  // If only this object holds the chunk, what another thread read from it before it let go of its
  // copy must happen before the write that follows.
  std::atomic_thread_fence(std::memory_order_acquire);
#endif
  return *chunk;
}

}  // namespace vexfs::parity::device
