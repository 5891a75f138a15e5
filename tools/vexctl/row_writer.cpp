// SPDX-License-Identifier: MIT
#include "tools/vexctl/row_writer.h"

#include <cmath>

#include <fmt/format.h>

#include "tools/vexctl/element.h"
#include "tools/vexctl/npy.h"

namespace vexfs::ctl {
namespace {

class NpyWriter : public RowWriter {
 public:
  NpyWriter(OutputFile file, const Parameters& parameters) : file_(std::move(file)) {
    header_.shape = {0, parameters.dim};
    switch (parameters.type) {
      case ElementType::kF32:
        header_.type = "<f4";
        break;
      case ElementType::kF16:
        header_.type = "<f2";
        break;
      case ElementType::kI8:
        header_.type = "|i1";
        break;
      case ElementType::kBinary:
        header_.type = "|u1";
        header_.shape[1] = parameters.row_bytes();
        break;
    }
  }
  // The number of rows is known at the end; the header has the same length with any.
  Result<void> start() { return file_.write(npy_header_text(header_)); }
  Result<void> add(std::uint64_t, std::span<const std::byte> row) override {
    header_.shape[0]++;
    return file_.write(row);
  }
  Result<void> finish() override {
    if (auto done = file_.rewrite_start(npy_header_text(header_)); !done) return done;
    return file_.finish();
  }

 private:
  OutputFile file_;
  NpyHeader header_;
};

class FvecsWriter : public RowWriter {
 public:
  FvecsWriter(OutputFile file, Parameters parameters)
      : file_(std::move(file)), parameters_(std::move(parameters)) {}
  Result<void> add(std::uint64_t, std::span<const std::byte> row) override {
    const auto length = static_cast<std::int32_t>(parameters_.dim);
    const auto values = row_values(row, parameters_);
    const std::vector<float> singles(values.begin(), values.end());
    if (auto done = file_.write(std::as_bytes(std::span(&length, 1))); !done) return done;
    return file_.write(std::as_bytes(std::span(singles)));
  }
  Result<void> finish() override { return file_.finish(); }

 private:
  OutputFile file_;
  Parameters parameters_;
};

class BvecsWriter : public RowWriter {
 public:
  BvecsWriter(OutputFile file, Parameters parameters)
      : file_(std::move(file)), parameters_(std::move(parameters)) {}
  Result<void> add(std::uint64_t id, std::span<const std::byte> row) override {
    Bytes bytes(row.begin(), row.end());
    if (parameters_.type != ElementType::kBinary) {
      bytes.clear();
      for (const double value : row_values(row, parameters_)) {
        if (value < 0 || value > 255 || value != std::trunc(value)) {
          return std::unexpected(Failure{fmt::format(
              "id {} has an element {}, which .bvecs cannot hold: use .npy", id, value)});
        }
        bytes.push_back(static_cast<std::byte>(value));
      }
    }
    const auto length = static_cast<std::int32_t>(bytes.size());
    if (auto done = file_.write(std::as_bytes(std::span(&length, 1))); !done) return done;
    return file_.write(bytes);
  }
  Result<void> finish() override { return file_.finish(); }

 private:
  OutputFile file_;
  Parameters parameters_;
};

class JsonlWriter : public RowWriter {
 public:
  JsonlWriter(OutputFile file, Parameters parameters)
      : file_(std::move(file)), parameters_(std::move(parameters)) {}
  Result<void> add(std::uint64_t id, std::span<const std::byte> row) override {
    return file_.write(json_line(id, row, parameters_));
  }
  Result<void> finish() override { return file_.finish(); }

 private:
  OutputFile file_;
  Parameters parameters_;
};

}  // namespace

Result<std::unique_ptr<RowWriter>> create_rows(const std::string& path,
                                               const Parameters& parameters) {
  const auto format = format_of(path);
  if (!format) return std::unexpected(format.error());
  if (*format == FileFormat::kFvecs && parameters.type == ElementType::kBinary) {
    return std::unexpected(
        Failure{path + ": .fvecs holds no binary vectors: use .npy, .bvecs or .jsonl"});
  }
  auto file = OutputFile::create(path);
  if (!file) return std::unexpected(file.error());
  if (*format == FileFormat::kFvecs) {
    return std::make_unique<FvecsWriter>(std::move(*file), parameters);
  }
  if (*format == FileFormat::kBvecs) {
    return std::make_unique<BvecsWriter>(std::move(*file), parameters);
  }
  if (*format == FileFormat::kJsonl) {
    return std::make_unique<JsonlWriter>(std::move(*file), parameters);
  }
  auto npy = std::make_unique<NpyWriter>(std::move(*file), parameters);
  if (auto started = npy->start(); !started) return std::unexpected(started.error());
  return npy;
}

Result<IdWriter> IdWriter::create(const std::string& path) {
  auto file = OutputFile::create(path);
  if (!file) return std::unexpected(file.error());
  IdWriter writer(std::move(*file));
  auto started = writer.file_.write(npy_header_text({"<u8", {0}}));
  if (!started) return std::unexpected(started.error());
  return writer;
}

Result<void> IdWriter::add(std::uint64_t id) {
  count_++;
  return file_.write(std::as_bytes(std::span(&id, 1)));
}

Result<void> IdWriter::finish() {
  if (auto done = file_.rewrite_start(npy_header_text({"<u8", {count_}})); !done) return done;
  return file_.finish();
}

}  // namespace vexfs::ctl
