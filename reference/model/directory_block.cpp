// SPDX-License-Identifier: MIT
#include "reference/model/directory_block.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "reference/model/checksum.h"

namespace vexfs::model {
namespace {

constexpr std::size_t kHeader = sizeof(vexfs_dir_header);
constexpr std::size_t kRecordHeader = sizeof(vexfs_dir_record);

std::uint32_t checksum(const Mounted& volume, BlockNumber number, BlockView block) {
  return structure_checksum(volume.super.uuid, number, block, offsetof(vexfs_dir_header, crc));
}

std::string_view text_at(BlockView block, std::size_t offset, std::size_t length) {
  return {reinterpret_cast<const char*>(block.data()) + offset, length};
}

bool is_valid(const Mounted& volume, const Record& record) {
  if (record.ino == 0) return record.offset == kHeader;
  return record.ino != VEXFS_ROOT_INO && record.ino <= volume.super.inodes &&
         !record.name.empty() && need_of(record.name) <= record.length &&
         !record.name.contains('/') && !record.name.contains('\0');
}

}  // namespace

std::size_t need_of(std::string_view name) { return VEXFS_DIR_NEED(name.size()); }

Result<std::vector<Record>> records_of(const Mounted& volume, BlockNumber number) {
  const BlockView block = volume.store.read(number);
  const auto header = get<vexfs_dir_header>(block);
  if (header.magic != VEXFS_DIR_MAGIC || header.crc != checksum(volume, number, block))
    return std::unexpected(EUCLEAN);
  std::vector<Record> records;
  for (std::size_t offset = kHeader; offset < kBlockSize; offset += records.back().length) {
    const auto raw = get<vexfs_dir_record>(block, offset);
    if (raw.length < kRecordHeader || raw.length % 8 != 0 || raw.length > kBlockSize - offset ||
        (raw.ino != 0 && kRecordHeader + raw.name_length > raw.length))
      return std::unexpected(EUCLEAN);
    const std::size_t name_length = raw.ino == 0 ? 0 : raw.name_length;
    records.push_back({offset, raw.length, raw.ino, raw.type,
                       text_at(block, offset + kRecordHeader, name_length)});
    if (!is_valid(volume, records.back())) return std::unexpected(EUCLEAN);
  }
  return records;
}

void create_directory_block(Mounted& volume, BlockNumber number) {
  const BlockEdit block = volume.store.create(number);
  put(block, 0, vexfs_dir_header{VEXFS_DIR_MAGIC, 0});
  put(block, kHeader, vexfs_dir_record{0, kBlockSize - kHeader, 0, 0});
}

void put_record(Mounted& volume, BlockNumber number, std::size_t offset, std::size_t length,
                Ino ino, std::uint8_t type, std::string_view name) {
  const BlockEdit block = volume.store.edit(number);
  put(block, offset,
      vexfs_dir_record{static_cast<__u32>(ino), static_cast<__u16>(length),
                       static_cast<__u8>(name.size()), type});
  std::ranges::copy(std::as_bytes(std::span(name)), block.subspan(offset + kRecordHeader).begin());
}

void set_record_length(Mounted& volume, BlockNumber number, std::size_t offset,
                       std::size_t length) {
  const BlockEdit block = volume.store.edit(number);
  auto record = get<vexfs_dir_record>(block, offset);
  record.length = static_cast<__u16>(length);
  put(block, offset, record);
}

void set_record_target(Mounted& volume, BlockNumber number, std::size_t offset, Ino ino,
                       std::uint8_t type) {
  const BlockEdit block = volume.store.edit(number);
  auto record = get<vexfs_dir_record>(block, offset);
  record.ino = static_cast<__u32>(ino);
  record.type = type;
  put(block, offset, record);
}

void clear_record(Mounted& volume, BlockNumber number, std::size_t offset) {
  const auto length = get<vexfs_dir_record>(volume.store.read(number), offset).length;
  erase_record(volume, number, offset, length);
  set_record_length(volume, number, offset, length);
}

void erase_record(Mounted& volume, BlockNumber number, std::size_t offset, std::size_t length) {
  std::ranges::fill(volume.store.edit(number).subspan(offset, length), std::byte{0});
}

void sign_directory_block(Mounted& volume, BlockNumber number) {
  const BlockEdit block = volume.store.edit(number);
  put(block, offsetof(vexfs_dir_header, crc), checksum(volume, number, block));
}

}  // namespace vexfs::model
