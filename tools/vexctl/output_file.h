// SPDX-License-Identifier: MIT
// A file that appears under its name when it is whole.
#pragma once

#include <cstddef>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tools/vexctl/failure.h"

namespace vexfs::ctl {

class OutputFile {
 public:
  // Creates "<path>.part"; "-" is standard output.
  static Result<OutputFile> create(const std::string& path);
  OutputFile(OutputFile&&) = default;
  ~OutputFile();  // removes what was not finished

  Result<void> write(std::span<const std::byte> bytes);
  Result<void> write(std::string_view text) { return write(std::as_bytes(std::span(text))); }
  // Writes over the first bytes; not of standard output.
  Result<void> rewrite_start(std::string_view text);
  // Closes it and gives it its name, whatever had it.
  Result<void> finish();

 private:
  struct Close {
    void operator()(std::FILE* file) const;
  };

  OutputFile() = default;

  std::string path_;
  std::string part_;  // empty: standard output
  std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace vexfs::ctl
