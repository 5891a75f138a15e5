// SPDX-License-Identifier: MIT
#include <cstring>

#include <fmt/format.h>

#include "tools/vexctl/element.h"
#include "tools/vexctl/npy.h"
#include "tools/vexctl/parse_ids.h"
#include "tools/vexctl/row_reader.h"

namespace vexfs::ctl {
namespace {

template <typename T>
T load(const Bytes& bytes, std::size_t element) {
  T value;
  std::memcpy(&value, bytes.data() + element * sizeof(T), sizeof(T));
  return value;
}

struct NpyType {
  const char* name;
  std::size_t bytes;
  double (*value)(const Bytes& row, std::size_t element);
};

constexpr NpyType kTypes[] = {
    {"<f4", 4, [](const Bytes& row, std::size_t i) -> double { return load<float>(row, i); }},
    {"<f2", 2,
     [](const Bytes& row, std::size_t i) { return double_of_half(load<std::uint16_t>(row, i)); }},
    {"<f8", 8, [](const Bytes& row, std::size_t i) { return load<double>(row, i); }},
    {"|i1", 1, [](const Bytes& row, std::size_t i) -> double { return load<std::int8_t>(row, i); }},
    {"|u1", 1,
     [](const Bytes& row, std::size_t i) -> double { return load<std::uint8_t>(row, i); }},
};

class NpyReader : public RowReader {
 public:
  NpyReader(InputFile file, const NpyHeader& header, const NpyType& type)
      : RowReader(std::move(file)), left_(header.rows()), type_(type) {
    bytes_.resize(header.columns() * type.bytes);
  }
  Result<bool> next(Row& row) override {
    if (left_ == 0) return false;
    const auto got = file_.read(bytes_);
    if (!got) return got;
    if (!*got) return file_.failure(fmt::format("it ends {} rows too early", left_));
    left_--;
    row.id.reset();
    row.values.resize(bytes_.size() / type_.bytes);
    for (std::size_t i = 0; i < row.values.size(); i++) row.values[i] = type_.value(bytes_, i);
    return true;
  }

 private:
  std::uint64_t left_;
  const NpyType& type_;
  Bytes bytes_;
};

Result<std::vector<std::uint64_t>> read_npy_ids(InputFile file) {
  const auto header = read_npy_header(file);
  if (!header) return std::unexpected(header.error());
  if (header->shape.size() != 1 || (header->type != "<i8" && header->type != "<u8")) {
    return file.failure("ids must be an array of 64-bit integers with one dimension");
  }
  std::vector<std::uint64_t> ids;
  for (std::uint64_t i = 0; i < header->columns(); i++) {
    std::uint64_t id = 0;
    const auto got = file.read(std::as_writable_bytes(std::span(&id, 1)));
    if (!got) return std::unexpected(got.error());
    if (!*got) return file.failure(fmt::format("it ends after {} ids", i));
    ids.push_back(id);
  }
  return ids;
}

}  // namespace

Result<std::unique_ptr<RowReader>> open_npy(InputFile file) {
  const auto header = read_npy_header(file);
  if (!header) return std::unexpected(header.error());
  constexpr std::uint64_t kColumnsMax = 1U << 20;
  if (header->columns() == 0 || header->columns() > kColumnsMax) {
    return file.failure(fmt::format("its rows have {} elements", header->columns()));
  }
  for (const NpyType& type : kTypes) {
    if (header->type == type.name) {
      return std::make_unique<NpyReader>(std::move(file), *header, type);
    }
  }
  return file.failure(
      fmt::format("its elements are '{}': f2, f4, f8, i1 and u1 are known", header->type));
}

Result<std::vector<std::uint64_t>> read_ids(const std::string& path) {
  auto file = InputFile::open(path);
  if (!file) return std::unexpected(file.error());
  if (path.ends_with(".npy")) return read_npy_ids(std::move(*file));
  std::vector<std::uint64_t> ids;
  for (std::string line;;) {
    const auto got = file->read_line(line);
    if (!got) return std::unexpected(got.error());
    if (!*got) return ids;
    const auto id = parse_id(line);
    if (!id) return file->failure(id.error().message);
    ids.push_back(*id);
  }
}

}  // namespace vexfs::ctl
