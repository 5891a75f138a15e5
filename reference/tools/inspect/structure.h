// SPDX-License-Identifier: MIT
// The structures that a volume really has, each with its place and all its fields. The differ names
// bytes with them, the mutation tests change them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reference/tools/inspect/block_roles.h"
#include "reference/tools/inspect/event.h"
#include "reference/tools/inspect/field.h"
#include "reference/tools/inspect/log.h"
#include "reference/tools/inspect/volume_view.h"

namespace vexfs::tools {

struct NamedField {
  std::string name;      // such as "nlink" or "extent 3 › pblk"
  std::uint32_t offset;  // from the start of the structure, bytes
  std::uint32_t size;    // bytes
  FieldKind kind;
};

// How a structure's checksum is computed.
struct ChecksumRule {
  std::uint32_t crc_offset;
  std::uint32_t covered;   // bytes from the start of the structure
  std::uint64_t location;  // unless it is a field of the structure itself:
  std::optional<std::uint32_t> location_offset = std::nullopt;
};

struct Structure {
  std::string path;                // such as "inode 12"
  std::uint64_t offset;            // of its first byte in the image
  std::uint32_t size;              // bytes
  std::vector<NamedField> fields;  // ascending, without overlap, over all its bytes
  std::optional<ChecksumRule> checksum = std::nullopt;
  // Set for a transaction: it goes on at the start of the log region when that ends.
  std::optional<vexfs_region> wraps_in = std::nullopt;

  // The place in the image of the byte at `at` of the structure.
  std::uint64_t image_offset(std::uint32_t at) const;
  // The structure's bytes in one piece.
  std::vector<std::byte> read(Bytes image) const;
  void write(MutableBytes image, Bytes bytes) const;
  // Makes the checksum in `bytes` right; does nothing if the structure has none.
  void seal(const Uuid& uuid, MutableBytes bytes) const;
};

// The structures in a block of the image with this role. File data, unused blocks and log blocks
// have none (see transaction_structure).
std::vector<Structure> block_structures(const VolumeView& view, std::uint64_t block,
                                        const BlockRole& role);

// The 256-byte slot; its inline area is divided as its mode and depth say.
Structure inode_structure(const VolumeView& view, std::uint64_t number);

// The roles that blocks have when the image's log has been replayed, as recovery would.
BlockRoles roles_after_replay(const VolumeView& view);

// A transaction of the log; names each logged block with its role.
Structure transaction_structure(const VolumeView& view, const BlockRoles& roles,
                                const Transaction& transaction);

// A record of the ring, with each of its payload fields.
Structure event_structure(const VolumeView& view, const EventRecord& event);

// Everything: superblocks, anchors, readable transactions, state, events, bitmaps, inode slots of
// the table's blocks in use, directory blocks, extent nodes and long symlink targets.
std::vector<Structure> all_structures(const VolumeView& view);

}  // namespace vexfs::tools
