// SPDX-License-Identifier: MIT
#include "harness/scenario/data.h"

#include <cstring>

#include <endian.h>

namespace vexfs::parity {
namespace {

std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::string expand_prng(const PrngFill& fill) {
  std::string bytes((fill.bytes + 7) / 8 * 8, '\0');
  std::uint64_t state = fill.seed;
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    const std::uint64_t word = htole64(splitmix64(state));
    std::memcpy(bytes.data() + at, &word, sizeof word);
  }
  bytes.resize(fill.bytes);
  return bytes;
}

}  // namespace

std::uint64_t data_size(const Data& data) {
  if (const auto* prng = std::get_if<PrngFill>(&data)) return prng->bytes;
  if (const auto* byte = std::get_if<ByteFill>(&data)) return byte->bytes;
  return std::get<TextData>(data).text.size();
}

std::string expand(const Data& data) {
  if (const auto* prng = std::get_if<PrngFill>(&data)) return expand_prng(*prng);
  if (const auto* byte = std::get_if<ByteFill>(&data)) {
    return std::string(byte->bytes, static_cast<char>(byte->value));
  }
  return std::get<TextData>(data).text;
}

}  // namespace vexfs::parity
