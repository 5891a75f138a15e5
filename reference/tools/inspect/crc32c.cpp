// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/crc32c.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace vexfs::tools {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // 0x1EDC6F41 reflected

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? kPolynomial : 0);
    table[i] = value;
  }
  return table;
}

std::uint32_t update_by_table(std::uint32_t state, Bytes bytes) {
  static constexpr auto kTable = make_table();
  for (std::byte byte : bytes) {
    state = (state >> 8) ^ kTable[(state ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
  }
  return state;
}

#if defined(__x86_64__)
[[gnu::target("sse4.2")]] std::uint32_t update_by_instruction(std::uint32_t state, Bytes bytes) {
  std::size_t at = 0;
  std::uint64_t wide = state;
  for (; at + 8 <= bytes.size(); at += 8)
    wide = _mm_crc32_u64(wide, load<std::uint64_t>(bytes, at));
  auto narrow = static_cast<std::uint32_t>(wide);
  for (; at < bytes.size(); ++at) narrow = _mm_crc32_u8(narrow, load<std::uint8_t>(bytes, at));
  return narrow;
}
#endif

std::uint32_t update(std::uint32_t state, Bytes bytes) {
#if defined(__x86_64__)
  static const bool kHasInstruction = __builtin_cpu_supports("sse4.2");
  if (kHasInstruction) return update_by_instruction(state, bytes);
#endif
  return update_by_table(state, bytes);
}

}  // namespace

std::uint32_t crc32c(Bytes bytes) { return ~update(~0U, bytes); }

std::uint32_t structure_crc(const Uuid& uuid, std::uint64_t location, Bytes structure,
                            std::size_t crc_offset) {
  static constexpr std::uint32_t kZero = 0;
  std::uint32_t state = update(~0U, std::as_bytes(std::span(uuid)));
  state = update(state, std::as_bytes(std::span(&location, 1)));
  state = update(state, structure.first(crc_offset));
  state = update(state, std::as_bytes(std::span(&kZero, 1)));
  return ~update(state, structure.subspan(crc_offset + sizeof kZero));
}

}  // namespace vexfs::tools
