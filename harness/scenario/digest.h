// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vexfs::parity {

/// How many bytes there were and their XXH128, so that data is compared without being carried.
struct Digest {
  std::uint64_t bytes = 0;
  std::string xxh128;  // 32 lower-case hex digits, most significant first
  bool operator==(const Digest&) const = default;
};

Digest digest_of(std::string_view bytes);

}  // namespace vexfs::parity
