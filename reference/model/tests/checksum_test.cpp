// SPDX-License-Identifier: MIT
#include "reference/model/checksum.h"

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace vexfs::model {
namespace {

std::span<const std::byte> text(std::string_view value) { return std::as_bytes(std::span(value)); }

TEST(Checksum, HasTheKnownCheckValue) { EXPECT_EQ(crc32c(text("123456789")), 0xe3069283U); }

TEST(Checksum, OfNothingIsZero) { EXPECT_EQ(crc32c({}), 0U); }

TEST(Checksum, CountsTheLocationAndTakesItsOwnFieldAsZero) {
  const std::uint8_t uuid[16] = {1, 2, 3};
  std::vector<std::byte> structure(24, std::byte{7});
  const std::uint32_t checksum = structure_checksum(uuid, 9, structure, 4);

  EXPECT_NE(structure_checksum(uuid, 10, structure, 4), checksum);
  structure[5] = std::byte{0xff};  // within the checksum field
  EXPECT_EQ(structure_checksum(uuid, 9, structure, 4), checksum);
  structure[8] = std::byte{0xff};  // behind it
  EXPECT_NE(structure_checksum(uuid, 9, structure, 4), checksum);
}

TEST(Checksum, IsTheOneOfTheConcatenation) {
  const std::uint8_t uuid[16] = {};
  std::vector<std::byte> all(16 + 8 + 12);
  const std::vector<std::byte> structure(12);
  all[16] = std::byte{5};  // location, little-endian
  EXPECT_EQ(structure_checksum(uuid, 5, structure, 0), crc32c(all));
}

}  // namespace
}  // namespace vexfs::model
