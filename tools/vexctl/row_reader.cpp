// SPDX-License-Identifier: MIT
#include "tools/vexctl/row_reader.h"

#include <filesystem>

#include <fmt/format.h>

namespace vexfs::ctl {

Result<FileFormat> format_of(const std::string& path) {
  if (path == "-") return FileFormat::kJsonl;
  const std::string extension = std::filesystem::path(path).extension();
  if (extension == ".npy") return FileFormat::kNpy;
  if (extension == ".fvecs") return FileFormat::kFvecs;
  if (extension == ".bvecs") return FileFormat::kBvecs;
  if (extension == ".jsonl" || extension == ".json" || extension == ".ndjson") {
    return FileFormat::kJsonl;
  }
  return std::unexpected(
      Failure{fmt::format("{}: the name does not tell the format: it must end in .npy, .fvecs, "
                          ".bvecs or .jsonl, or be - for JSON lines",
                          path),
              Exit::kUsage});
}

std::optional<double> RowReader::fraction() const {
  if (file_.size() == 0) return std::nullopt;
  return static_cast<double>(file_.position()) / static_cast<double>(file_.size());
}

Result<std::unique_ptr<RowReader>> open_rows(const std::string& path) {
  const auto format = format_of(path);
  if (!format) return std::unexpected(format.error());
  auto file = InputFile::open(path);
  if (!file) return std::unexpected(file.error());
  if (*format == FileFormat::kNpy) return open_npy(std::move(*file));
  if (*format == FileFormat::kJsonl) return open_jsonl(std::move(*file));
  return open_vecs(std::move(*file), *format);
}

}  // namespace vexfs::ctl
