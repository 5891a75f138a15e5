// SPDX-License-Identifier: MIT
// Vectors into files, row by row.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "tools/vexctl/output_file.h"
#include "tools/vexctl/parameters.h"
#include "tools/vexctl/row_reader.h"

namespace vexfs::ctl {

class RowWriter {
 public:
  virtual ~RowWriter() = default;

  // `row` as messages have it.
  virtual Result<void> add(std::uint64_t id, std::span<const std::byte> row) = 0;
  virtual Result<void> finish() = 0;
};

// For rows of a collection with these parameters: .npy gets its element type (f4, f2, i1, and u1
// with packed bits); .fvecs takes all but binary; .bvecs takes what is whole numbers from 0 to 255,
// and of binary collections the packed bits.
Result<std::unique_ptr<RowWriter>> create_rows(const std::string& path,
                                               const Parameters& parameters);

// The ids of rows in their order, as .npy (u8).
class IdWriter {
 public:
  static Result<IdWriter> create(const std::string& path);
  Result<void> add(std::uint64_t id);
  Result<void> finish();

 private:
  explicit IdWriter(OutputFile file) : file_(std::move(file)) {}

  OutputFile file_;
  std::uint64_t count_ = 0;
};

}  // namespace vexfs::ctl
