// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/directory.h"

namespace vexfs::tools {

DirRecords read_records(Bytes block) {
  DirRecords result;
  std::size_t at = sizeof(vexfs_dir_header);
  while (at < block.size()) {
    const std::size_t left = block.size() - at;  // always a multiple of 8
    const auto header = load<vexfs_dir_record>(block, at);
    const std::size_t need = VEXFS_DIR_NEED(header.name_length);
    if (header.length < need || header.length % 8 != 0 || header.length > left) {
      result.fits = false;
      return result;
    }
    const Bytes body = block.subspan(at + sizeof header, header.length - sizeof header);
    result.records.push_back({static_cast<std::uint32_t>(at), header.ino, header.length,
                              header.name_length, header.type, body.first(header.name_length),
                              body.subspan(header.name_length)});
    at += header.length;
  }
  return result;
}

}  // namespace vexfs::tools
