// SPDX-License-Identifier: MIT
// A file that is read from its start to its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>

#include "tools/vexctl/failure.h"

namespace vexfs::ctl {

class InputFile {
 public:
  // "-" is standard input.
  static Result<InputFile> open(const std::string& path);

  const std::string& name() const { return name_; }
  // Bytes; 0 if it is not known, as of a pipe.
  std::uint64_t size() const { return size_; }
  std::uint64_t position() const { return position_; }

  // Fills `bytes`; false at the end of the file. Ending within `bytes` is a failure.
  Result<bool> read(std::span<std::byte> bytes);
  // The next line without its newline; false at the end of the file.
  Result<bool> read_line(std::string& line);

  // "<name>: <text>"
  std::unexpected<Failure> failure(const std::string& text) const;

 private:
  struct Close {
    void operator()(std::FILE* file) const;
  };

  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  std::uint64_t size_ = 0;
  std::uint64_t position_ = 0;
};

}  // namespace vexfs::ctl
