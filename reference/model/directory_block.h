// SPDX-License-Identifier: MIT
// One block of a directory, taken apart into records and checked, and the edits of its records.
#pragma once

#include <string_view>
#include <vector>

#include "reference/contract/directory.h"
#include "reference/model/inode.h"

namespace vexfs::model {

struct Record {
  std::size_t offset = 0;  // in the block
  std::size_t length = 0;
  Ino ino = 0;  // 0: unused
  std::uint8_t type = 0;
  std::string_view name;  // in the block's own bytes
};

/// Bytes that a record with this name needs.
std::size_t need_of(std::string_view name);

/// All records, ascending. EUCLEAN if the block is not valid.
Result<std::vector<Record>> records_of(const Mounted& volume, BlockNumber number);

/// A new directory block with one unused record.
void create_directory_block(Mounted& volume, BlockNumber number);

/// Writes a used record of `length` bytes at `offset`.
void put_record(Mounted& volume, BlockNumber number, std::size_t offset, std::size_t length,
                Ino ino, std::uint8_t type, std::string_view name);

/// Changes the length of the record at `offset` only.
void set_record_length(Mounted& volume, BlockNumber number, std::size_t offset, std::size_t length);

/// Lets the record at `offset` name another inode.
void set_record_target(Mounted& volume, BlockNumber number, std::size_t offset, Ino ino,
                       std::uint8_t type);

/// The record at `offset` becomes unused and keeps its length.
void clear_record(Mounted& volume, BlockNumber number, std::size_t offset);

/// The bytes of the record, header included, become zeros.
void erase_record(Mounted& volume, BlockNumber number, std::size_t offset, std::size_t length);

/// Brings the block's checksum up to date after edits.
void sign_directory_block(Mounted& volume, BlockNumber number);

}  // namespace vexfs::model
