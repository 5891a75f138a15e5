// SPDX-License-Identifier: MIT
// The header of numpy's .npy files (numpy.lib.format, versions 1 to 3).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/vexctl/input_file.h"

namespace vexfs::ctl {

struct NpyHeader {
  std::string type;                  // e.g. "<f4"
  std::vector<std::uint64_t> shape;  // one or two dimensions

  std::uint64_t rows() const { return shape.size() == 2 ? shape[0] : 1; }
  std::uint64_t columns() const { return shape.back(); }
};

// Reads magic, version and header. Fails on what is no .npy file, on Fortran order, on more
// dimensions than two, and on big-endian elements.
Result<NpyHeader> read_npy_header(InputFile& file);

// Magic, version 1 and header, padded to 128 bytes in all.
std::string npy_header_text(const NpyHeader& header);

}  // namespace vexfs::ctl
