// SPDX-License-Identifier: MIT
#include <cstring>

#include <fmt/format.h>

#include "reference/contract/vector.h"
#include "tools/vexctl/element.h"
#include "tools/vexctl/row_reader.h"

namespace vexfs::ctl {
namespace {

class VecsReader : public RowReader {
 public:
  VecsReader(InputFile file, bool floats) : RowReader(std::move(file)), floats_(floats) {}

  Result<bool> next(Row& row) override {
    std::int32_t length = 0;
    const std::uint64_t start = file_.position();
    auto got = file_.read(std::as_writable_bytes(std::span(&length, 1)));
    if (!got || !*got) return got;
    if (length < 1 || length > static_cast<std::int32_t>(VEXFS_DIM_MAX)) {
      return file_.failure(fmt::format(
          "byte {} says that a row has {} elements: it is damaged, or of another format", start,
          length));
    }
    const auto elements = static_cast<std::size_t>(length);
    bytes_.resize(elements * (floats_ ? 4 : 1));
    got = file_.read(bytes_);
    if (!got) return got;
    if (!*got) return file_.failure("it ends in the middle of a row");
    row.id.reset();
    row.values.resize(elements);
    for (std::size_t i = 0; i < elements; i++) row.values[i] = value(i);
    return true;
  }

 private:
  double value(std::size_t i) const {
    if (!floats_) return std::to_integer<int>(bytes_[i]);
    float single = 0;
    std::memcpy(&single, bytes_.data() + 4 * i, sizeof single);
    return single;
  }

  bool floats_;
  Bytes bytes_;
};

}  // namespace

Result<std::unique_ptr<RowReader>> open_vecs(InputFile file, FileFormat format) {
  return std::make_unique<VecsReader>(std::move(file), format == FileFormat::kFvecs);
}

}  // namespace vexfs::ctl
