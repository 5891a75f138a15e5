// SPDX-License-Identifier: MIT
// Files of vectors, row by row.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/vexctl/input_file.h"

namespace vexfs::ctl {

enum class FileFormat : std::uint8_t {
  kNpy,    // numpy.save: f2, f4, f8, i1, u1; C order; 1 or 2 dimensions
  kFvecs,  // rows of i32 length and f32 elements
  kBvecs,  // rows of i32 length and u8 elements
  kJsonl,  // a line for each: {"id": 7, "vector": [0.5, 1]}, or the list alone
};

// By the name's end; of "-" JSON lines.
Result<FileFormat> format_of(const std::string& path);

struct Row {
  std::optional<std::uint64_t> id;  // of JSON lines that have one
  std::vector<double> values;
};

class RowReader {
 public:
  virtual ~RowReader() = default;

  // The next row; false at the end. Failures name the file and the place.
  virtual Result<bool> next(Row& row) = 0;

  // How much of the file has been read, 0 to 1; nothing if its size is not known.
  std::optional<double> fraction() const;

 protected:
  explicit RowReader(InputFile file) : file_(std::move(file)) {}

  InputFile file_;
};

// Opens it and reads its header, if the format has one.
Result<std::unique_ptr<RowReader>> open_rows(const std::string& path);

Result<std::unique_ptr<RowReader>> open_npy(InputFile file);
Result<std::unique_ptr<RowReader>> open_vecs(InputFile file, FileFormat format);
Result<std::unique_ptr<RowReader>> open_jsonl(InputFile file);

// The 64-bit integers of a .npy file with one dimension, or of a text file with one id a line.
Result<std::vector<std::uint64_t>> read_ids(const std::string& path);

}  // namespace vexfs::ctl
