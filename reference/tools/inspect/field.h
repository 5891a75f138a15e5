// SPDX-License-Identifier: MIT
// Each on-disk structure as a table of its fields: what the dump prints, the differ names and the
// mutation tests change.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "reference/tools/inspect/bytes.h"

namespace vexfs::tools {

// What a field's bytes mean, and so how they are printed.
enum class FieldKind : std::uint8_t {
  kNumber,    // unsigned
  kSigned,    // two's complement
  kHex,       // flags and masks
  kMagic,     // four ASCII characters
  kChecksum,  // CRC-32C of the structure
  kMode,      // octal
  kText,      // bytes that are mostly text
  kUuid,
  kBytes,     // opaque
  kReserved,  // zero in every valid structure
};

struct Field {
  std::string_view name;
  std::uint32_t offset;  // bytes from the start of the structure
  std::uint32_t size;    // bytes
  FieldKind kind;
};

inline constexpr std::uint32_t kNoChecksum = ~0U;

// A structure of reference/contract. The fields cover all its bytes, ascending, without overlap.
struct StructureType {
  std::string_view name;
  std::uint32_t size;
  std::span<const Field> fields;
  std::uint32_t crc_offset = kNoChecksum;
};

extern const StructureType kSuperblockType;
extern const StructureType kAnchorType;
extern const StructureType kStateType;
extern const StructureType kInodeType;
extern const StructureType kExtentType;
extern const StructureType kExtentIndexType;
extern const StructureType kExtentNodeType;
extern const StructureType kDirHeaderType;
extern const StructureType kDirRecordType;
extern const StructureType kTxHeaderType;
extern const StructureType kTxBlockType;
extern const StructureType kTxCommitType;
extern const StructureType kEventType;
extern const StructureType kCollectionType;
extern const StructureType kSlotType;

// The little-endian integer of up to 8 bytes; longer fields give their first 8.
std::uint64_t field_number(Bytes value);
// The value for a person, on one line.
std::string field_text(FieldKind kind, Bytes value);
// The value in JSON: numbers as numbers, all else as text.
nlohmann::ordered_json field_json(FieldKind kind, Bytes value);
// The fields of the structure that starts at bytes[0]; reserved fields only if they are not zero.
nlohmann::ordered_json structure_json(const StructureType& type, Bytes bytes);

// "6162…" of at most `limit` bytes, then "…".
std::string hex_text(Bytes bytes, std::size_t limit = 64);
// The bytes as text in which everything but printable ASCII and valid UTF-8 is escaped as \xNN.
std::string escaped_text(Bytes bytes);

}  // namespace vexfs::tools
