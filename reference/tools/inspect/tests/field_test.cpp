// SPDX-License-Identifier: MIT
// Field tables and how values are printed.
#include "reference/tools/inspect/field.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace vexfs::tools {
namespace {

Bytes bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(FieldTables, CoverEachByteOfTheirStructureOnce) {
  for (const StructureType* type :
       {&kSuperblockType, &kAnchorType, &kStateType, &kInodeType, &kExtentType, &kExtentIndexType,
        &kExtentNodeType, &kDirHeaderType, &kDirRecordType, &kTxHeaderType, &kTxBlockType,
        &kTxCommitType, &kEventType}) {
    std::uint32_t at = 0;
    for (const Field& field : type->fields) {
      EXPECT_EQ(field.offset, at) << type->name << " " << field.name;
      at += field.size;
    }
    EXPECT_EQ(at, type->size) << type->name;
  }
}

TEST(FieldTables, ChecksumOffsetIsThatOfTheChecksumField) {
  for (const StructureType* type :
       {&kSuperblockType, &kAnchorType, &kStateType, &kInodeType, &kExtentNodeType, &kDirHeaderType,
        &kTxCommitType, &kEventType}) {
    const bool found = std::ranges::any_of(type->fields, [&](const Field& field) {
      return field.kind == FieldKind::kChecksum && field.offset == type->crc_offset;
    });
    EXPECT_TRUE(found) << type->name;
  }
}

TEST(FieldText, PrintsEachKindAsAPersonReadsIt) {
  EXPECT_EQ(field_text(FieldKind::kNumber, bytes_of({"\x02\x01", 2})), "258");
  EXPECT_EQ(field_text(FieldKind::kSigned, bytes_of("\xff\xff\xff\xff")), "-1");
  EXPECT_EQ(field_text(FieldKind::kHex, bytes_of("\x10")), "0x10");
  EXPECT_EQ(field_text(FieldKind::kMode, bytes_of("\xa4\x81")), "0100644");
  EXPECT_EQ(field_text(FieldKind::kText, bytes_of({"a\0b\0\0", 5})), "\"a\\x00b\"");
  EXPECT_EQ(field_text(FieldKind::kReserved, bytes_of({"\0\0", 2})), "2 zero bytes");
  EXPECT_EQ(field_text(FieldKind::kBytes, bytes_of("ab")), "6162");
}

TEST(EscapedText, KeepsUtf8AndEscapesTheRest) {
  EXPECT_EQ(escaped_text(bytes_of("grün")), "grün");
  EXPECT_EQ(escaped_text(bytes_of("\xff\xc3")), "\\xff\\xc3");
  EXPECT_EQ(escaped_text(bytes_of("\xed\xa0\x80")), "\\xed\\xa0\\x80");  // a surrogate
  EXPECT_EQ(escaped_text(bytes_of("a\\b\n")), "a\\\\b\\x0a");
}

}  // namespace
}  // namespace vexfs::tools
