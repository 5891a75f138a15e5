// SPDX-License-Identifier: MIT
#include "tools/vexctl/output_file.h"

#include <cerrno>

#include <unistd.h>

namespace vexfs::ctl {

void OutputFile::Close::operator()(std::FILE* file) const {
  if (file != stdout) std::fclose(file);
}

Result<OutputFile> OutputFile::create(const std::string& path) {
  OutputFile output;
  output.path_ = path;
  if (path == "-") {
    output.path_ = "standard output";
    output.file_.reset(stdout);
    return output;
  }
  output.part_ = path + ".part";
  output.file_.reset(std::fopen(output.part_.c_str(), "wbe"));
  if (!output.file_) return std::unexpected(system_failure("creating " + output.part_, errno));
  return output;
}

OutputFile::~OutputFile() {
  if (file_ && !part_.empty()) ::unlink(part_.c_str());
}

Result<void> OutputFile::write(std::span<const std::byte> bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) == bytes.size()) return {};
  return std::unexpected(system_failure("writing " + path_, errno));
}

Result<void> OutputFile::rewrite_start(std::string_view text) {
  std::rewind(file_.get());
  return write(text);
}

Result<void> OutputFile::finish() {
  if (std::fflush(file_.get()) != 0) {
    return std::unexpected(system_failure("writing " + path_, errno));
  }
  if (!part_.empty() && ::rename(part_.c_str(), path_.c_str()) != 0) {
    return std::unexpected(system_failure("naming " + path_, errno));
  }
  file_.reset();
  return {};
}

}  // namespace vexfs::ctl
