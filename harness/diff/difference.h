// SPDX-License-Identifier: MIT
// A place in which two volumes differ, by the name of the structure and field.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace vexfs::parity {

// A part of an image, and the first of its bytes.
struct ByteRange {
  std::uint64_t offset = 0;      // from the start of the image
  std::uint64_t size = 0;        // bytes; 0: this side has nothing there
  std::vector<std::byte> bytes;  // at most kShownBytes of them

  static constexpr std::size_t kShownBytes = 64;
};

struct Difference {
  std::string path;  // such as "inode 12 › nlink"
  std::string left;  // both values, as a person reads them
  std::string right;
  ByteRange left_range;
  ByteRange right_range;

  // "inode 12 › nlink: 2 / 1 @ 0x4a10"; a second place is named if it is another.
  std::string text() const;
};

// The path without what changes from one run to the next: numbers become "N", quoted names "…".
// Differences of the same kind have the same signature: "dir N › block N › record @N "…" › ino".
std::string path_signature(std::string_view path);

// The bytes of both sides in rows of 16, differing ones marked; each line ends with a newline.
std::string hex_dump(const Difference& difference);

// Each difference on a line, the hex dump of the first `dumps` under theirs.
std::string differences_text(std::span<const Difference> differences, std::size_t dumps = 3);

// {"path", "left", "right", "left_offset", "left_size", "left_bytes", "right_offset", ...}.
nlohmann::ordered_json difference_json(const Difference& difference);

}  // namespace vexfs::parity
