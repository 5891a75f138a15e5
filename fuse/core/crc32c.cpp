// SPDX-License-Identifier: MIT
#include "fuse/core/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace vexfs::core {

static_assert(std::endian::native == std::endian::little,
              "the engine uses the volume's little-endian structures in place");

namespace {

constexpr std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? 0x82F63B78U : 0);
    table[i] = value;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kTable = make_table();

uint32_t update_by_table(uint32_t crc, const std::byte* data, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    crc = kTable[(crc ^ static_cast<uint32_t>(data[i])) & 0xff] ^ (crc >> 8);
  }
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t update_by_instruction(uint32_t crc,
                                                                 const std::byte* data,
                                                                 size_t size) {
  uint64_t wide = crc;
  while (size >= 8) {
    uint64_t word;
    std::memcpy(&word, data, 8);
    wide = _mm_crc32_u64(wide, word);
    data += 8;
    size -= 8;
  }
  crc = static_cast<uint32_t>(wide);
  for (; size > 0; --size) crc = _mm_crc32_u8(crc, static_cast<uint8_t>(*data++));
  return crc;
}
#endif

constexpr std::array<std::byte, 4> kNoCrc{};

}  // namespace

uint32_t crc32c_update(uint32_t crc, std::span<const std::byte> bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return update_by_instruction(crc, bytes.data(), bytes.size());
#endif
  return update_by_table(crc, bytes.data(), bytes.size());
}

Checksum::Checksum(std::span<const std::byte, 16> uuid) : seed_(crc32c_update(~0U, uuid)) {}

uint32_t Checksum::start(uint64_t location) const {
  return crc32c_update(seed_, std::as_bytes(std::span(&location, 1)));
}

uint32_t Checksum::of(uint64_t location, std::span<const std::byte> bytes,
                      size_t crc_offset) const {
  return of_two(location, {}, bytes, crc_offset);
}

uint32_t Checksum::of_two(uint64_t location, std::span<const std::byte> first,
                          std::span<const std::byte> last, size_t crc_offset) const {
  uint32_t crc = crc32c_update(start(location), first);
  crc = crc32c_update(crc, last.first(crc_offset));
  crc = crc32c_update(crc, kNoCrc);
  return ~crc32c_update(crc, last.subspan(crc_offset + 4));
}

}  // namespace vexfs::core
