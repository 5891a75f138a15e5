// SPDX-License-Identifier: MIT
#include "fuse/hnsw/row.h"

#include <cmath>
#include <cstring>
#include <new>

namespace vexfs::hnsw {

namespace {

using Stored = std::expected<void, RowFault>;

Stored store_f32(std::span<const std::byte> wire, std::byte* stored) {
  for (size_t at = 0; at < wire.size(); at += 4) {
    uint32_t bits;
    std::memcpy(&bits, wire.data() + at, 4);
    if ((bits & 0x7f800000) == 0x7f800000) return std::unexpected(RowFault{at});
    if (bits == 0x80000000) bits = 0;
    std::memcpy(stored + at, &bits, 4);
  }
  return {};
}

// In place. The sums and the division are in double so that no finite f32 over- or underflows.
Stored normalise(std::byte* row, size_t dim) {
  double sum = 0;
  float x;
  for (size_t i = 0; i < dim; ++i) {
    std::memcpy(&x, row + 4 * i, 4);
    sum += static_cast<double>(x) * x;
  }
  if (sum == 0) return std::unexpected(RowFault{0});
  const double root = std::sqrt(sum);
  for (size_t i = 0; i < dim; ++i) {
    std::memcpy(&x, row + 4 * i, 4);
    x = static_cast<float>(x / root);
    if (x == 0) x = 0;  // a tiny negative became -0
    std::memcpy(row + 4 * i, &x, 4);
  }
  return {};
}

Stored store_f16(std::span<const std::byte> wire, std::byte* stored) {
  for (size_t at = 0; at < wire.size(); at += 2) {
    uint16_t bits;
    std::memcpy(&bits, wire.data() + at, 2);
    if ((bits & 0x7c00) == 0x7c00) return std::unexpected(RowFault{at});
    if (bits == 0x8000) bits = 0;
    std::memcpy(stored + at, &bits, 2);
  }
  return {};
}

Stored store_binary(std::span<const std::byte> wire, uint32_t dim, std::byte* stored) {
  std::memcpy(stored, wire.data(), wire.size());
  if (dim % 8 != 0 && (wire.back() >> dim % 8) != std::byte{0}) {
    return std::unexpected(RowFault{wire.size() - 1});
  }
  return {};
}

}  // namespace

Stored store_row(const Parameters& parameters, std::span<const std::byte> wire,
                 std::span<std::byte> stored) {
  std::memset(stored.data() + wire.size(), 0, stored.size() - wire.size());
  switch (parameters.type) {
    case ElementType::kF32:
      if (const auto done = store_f32(wire, stored.data()); !done) return done;
      if (parameters.metric == Metric::kCosine) return normalise(stored.data(), parameters.dim);
      return {};
    case ElementType::kF16:
      return store_f16(wire, stored.data());
    case ElementType::kI8:
      std::memcpy(stored.data(), wire.data(), wire.size());
      return {};
    case ElementType::kBinary:
      break;
  }
  return store_binary(wire, parameters.dim, stored.data());
}

AlignedBytes::AlignedBytes(size_t size) {
  const size_t whole = (size + VEXFS_ROW_ALIGN - 1) / VEXFS_ROW_ALIGN * VEXFS_ROW_ALIGN;
  bytes_.reset(static_cast<std::byte*>(std::aligned_alloc(VEXFS_ROW_ALIGN, whole)));
  if (!bytes_) throw std::bad_alloc();
  std::memset(bytes_.get(), 0, whole);
}

}  // namespace vexfs::hnsw
