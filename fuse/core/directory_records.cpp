// SPDX-License-Identifier: MIT
#include "fuse/core/directory_records.h"

#include <algorithm>
#include <cassert>

namespace vexfs::core {
namespace {

void fill(Block& block, uint32_t offset, uint32_t length, std::string_view name, uint32_t ino,
          uint8_t type) {
  vexfs_dir_record& record = record_at(block, offset);
  record.ino = ino;
  record.length = static_cast<__le16>(length);
  record.name_length = static_cast<__u8>(name.size());
  record.type = type;
  std::memcpy(block.bytes.data() + offset + sizeof record, name.data(), name.size());
}

}  // namespace

uint32_t largest_slack(Block& block) {
  uint32_t slack = 0;
  for (uint32_t at = kFirstRecord; at < kBlockSize; at += record_at(block, at).length) {
    slack = std::max(slack, slack_of(record_at(block, at)));
  }
  return slack;
}

void format_directory_block(Block& block) {
  reinterpret_cast<vexfs_dir_header*>(block.bytes.data())->magic = VEXFS_DIR_MAGIC;
  record_at(block, kFirstRecord).length = kBlockSize - kFirstRecord;
}

uint32_t insert_record(Block& block, std::string_view name, uint32_t ino, uint8_t type,
                       bool last_place) {
  const uint32_t need = need_of(name.size());
  uint32_t place = 0;
  for (uint32_t at = kFirstRecord; at < kBlockSize; at += record_at(block, at).length) {
    if (slack_of(record_at(block, at)) < need) continue;
    place = at;
    if (!last_place) break;
  }
  assert(place != 0 && "the block's slack said that there is room");
  vexfs_dir_record& record = record_at(block, place);
  if (record.ino == 0) {
    fill(block, place, record.length, name, ino, type);
    return place;
  }
  const uint32_t own = need_of(record.name_length);
  const uint32_t rest = record.length - own;
  record.length = static_cast<__le16>(own);
  fill(block, place + own, rest, name, ino, type);
  return place + own;
}

void remove_record(Block& block, uint32_t offset, bool keep_bytes) {
  vexfs_dir_record& record = record_at(block, offset);
  const uint32_t length = record.length;
  if (offset == kFirstRecord) {
    std::memset(block.bytes.data() + offset, 0, need_of(record.name_length));
    record.length = static_cast<__le16>(length);
    return;
  }
  uint32_t before = kFirstRecord;
  while (before + record_at(block, before).length < offset) {
    before += record_at(block, before).length;
  }
  record_at(block, before).length += static_cast<__le16>(length);
  if (!keep_bytes) std::memset(block.bytes.data() + offset, 0, length);
}

}  // namespace vexfs::core
