// SPDX-License-Identifier: MIT
// Records of a directory block (docs/format.md, "Directories").
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "reference/contract/directory.h"
#include "reference/tools/inspect/bytes.h"

namespace vexfs::tools {

struct DirRecord {
  std::uint32_t offset;  // within the block, bytes
  std::uint32_t ino;     // 0: unused
  std::uint16_t length;
  std::uint8_t name_length;
  std::uint8_t type;
  Bytes name;
  Bytes rest;  // after the name, up to the end of the record

  std::string_view name_text() const {
    return {reinterpret_cast<const char*>(name.data()), name.size()};
  }
};

struct DirRecords {
  std::vector<DirRecord> records;  // in order; they point into the block
  // False if the records do not fill the block exactly; `records` then has those before the fault.
  bool fits = true;
};

// The records of a block of 4096 bytes. Lengths are checked, meanings are not.
DirRecords read_records(Bytes block);

}  // namespace vexfs::tools
