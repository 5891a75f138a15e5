// SPDX-License-Identifier: MIT
// Walking and editing the records of one directory block that has passed validation.
#pragma once

#include <cstring>
#include <optional>
#include <string_view>

#include "fuse/core/block_cache.h"
#include "reference/contract/directory.h"

namespace vexfs::core {

inline constexpr uint32_t kFirstRecord = sizeof(vexfs_dir_header);

/** Bytes that a record of this name needs. */
inline uint32_t need_of(size_t name_length) {
  return static_cast<uint32_t>(VEXFS_DIR_NEED(name_length));
}

inline vexfs_dir_record& record_at(Block& block, uint32_t offset) {
  return *reinterpret_cast<vexfs_dir_record*>(block.bytes.data() + offset);
}

inline std::string_view name_at(const Block& block, uint32_t offset) {
  const auto* at = reinterpret_cast<const char*>(block.bytes.data() + offset);
  const auto length = static_cast<uint8_t>(at[offsetof(vexfs_dir_record, name_length)]);
  return {at + sizeof(vexfs_dir_record), length};
}

/** What a record could give to a new name: all of an unused one, the excess of a used one. */
inline uint32_t slack_of(const vexfs_dir_record& record) {
  return record.ino == 0 ? record.length : record.length - need_of(record.name_length);
}

/** The largest slack of the block's records. */
uint32_t largest_slack(Block& block);
/** Makes the block one unused record. */
void format_directory_block(Block& block);
/** Puts a name into the first (or last, for a planted fault) place that fits; returns its record's
 * offset. */
uint32_t insert_record(Block& block, std::string_view name, uint32_t ino, uint8_t type,
                       bool last_place);
/** Removes the record at `offset`. `keep_bytes`: a planted fault. */
void remove_record(Block& block, uint32_t offset, bool keep_bytes);

}  // namespace vexfs::core
