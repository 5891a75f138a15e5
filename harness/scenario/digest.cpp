// SPDX-License-Identifier: MIT
#include "harness/scenario/digest.h"

// Inlined so that the static guest agent needs no library.
#define XXH_INLINE_ALL
#include <array>
#include <cstdio>

#include <xxhash.h>

namespace vexfs::parity {

Digest digest_of(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  std::array<char, 33> hex{};
  std::snprintf(hex.data(), hex.size(), "%016llx%016llx",
                static_cast<unsigned long long>(hash.high64),
                static_cast<unsigned long long>(hash.low64));
  return {bytes.size(), hex.data()};
}

}  // namespace vexfs::parity
