// SPDX-License-Identifier: MIT
// What a collection holds, as its attribute user.vexfs.collection says.
#pragma once

#include <cstdint>
#include <string>

#include "tools/vexctl/failure.h"

namespace vexfs::ctl {

inline constexpr const char* kCollectionAttribute = "user.vexfs.collection";

enum class ElementType : std::uint8_t { kF32, kF16, kI8, kBinary };

struct Parameters {
  std::uint32_t dim = 0;
  ElementType type = ElementType::kF32;
  std::string metric;
  std::string text;  // the attribute's value

  // Of a row in a message, without padding.
  std::uint32_t row_bytes() const;
  // Distances are i32, not f32.
  bool integer_distances() const;
};

// Of a value that getxattr returned.
Result<Parameters> parse_parameters(const std::string& value);

// Of a directory. Fails if it is no collection.
Result<Parameters> read_parameters(const std::string& directory);

}  // namespace vexfs::ctl
