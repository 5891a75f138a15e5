// SPDX-License-Identifier: MIT
#include "reference/model/checksum.h"

#include <cstring>

#include "reference/model/bytes.h"

namespace vexfs::model {
namespace {

constexpr std::uint32_t kReflectedPolynomial = 0x82f63b78;  // 0x1EDC6F41, bits reversed

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit)
      remainder = (remainder >> 1) ^ ((remainder & 1) ? kReflectedPolynomial : 0);
    table[byte] = remainder;
  }
  return table;
}

constexpr auto kTable = make_table();

std::uint32_t update_by_table(std::uint32_t state, std::span<const std::byte> bytes) {
  for (std::byte byte : bytes)
    state = (state >> 8) ^ kTable[(state ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
  return state;
}

#ifdef __x86_64__
// The processor has an instruction for exactly this polynomial; the model checksums every block it
// reads.
__attribute__((target("sse4.2"))) std::uint32_t update_by_instruction(
    std::uint32_t state, std::span<const std::byte> bytes) {
  std::uint64_t wide = state;
  while (bytes.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    wide = __builtin_ia32_crc32di(wide, word);
    bytes = bytes.subspan(8);
  }
  return update_by_table(static_cast<std::uint32_t>(wide), bytes);
}
#endif

}  // namespace

std::uint32_t crc32c_update(std::uint32_t state, std::span<const std::byte> bytes) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) return update_by_instruction(state, bytes);
#endif
  return update_by_table(state, bytes);
}

std::uint32_t crc32c(std::span<const std::byte> bytes) { return ~crc32c_update(kCrcStart, bytes); }

std::uint32_t structure_checksum(const std::uint8_t (&uuid)[16], std::uint64_t location,
                                 std::span<const std::byte> bytes, std::size_t crc_offset) {
  constexpr std::uint32_t kZero = 0;
  std::uint32_t state = crc32c_update(kCrcStart, std::as_bytes(std::span(uuid)));
  state = crc32c_update(state, bytes_of(location));
  state = crc32c_update(state, bytes.first(crc_offset));
  state = crc32c_update(state, bytes_of(kZero));
  state = crc32c_update(state, bytes.subspan(crc_offset + sizeof(kZero)));
  return ~state;
}

}  // namespace vexfs::model
