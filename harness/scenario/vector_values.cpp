// SPDX-License-Identifier: MIT
#include "harness/scenario/vector_values.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <span>

#include <endian.h>

#include "harness/scenario/data.h"

namespace vexfs::parity {
namespace {

constexpr std::uint64_t kCentres = 4;
constexpr double kSpread = 64;  // prng numbers are multiples of 1/64 below 512

constexpr double kF32Edges[] = {0.0,
                                -0.0,
                                1.0,
                                -1.0,
                                0x1p-149,
                                -0x1p-149,
                                0x1p-126,
                                -0x1p-126,
                                0x1.fffffcp-127,
                                1e-20,
                                1e20,
                                0x1.000002p0,
                                0x1p63,
                                -0x1p127,
                                std::numeric_limits<float>::max(),
                                std::numeric_limits<float>::lowest()};
constexpr double kF16Edges[] = {0.0,     -0.0,    1.0,     -1.0,      0x1p-24,
                                0x1p-14, 65504.0, -65504., 0x1.004p0, 0x1.ff8p-15};
constexpr double kI8Edges[] = {0, 1, -1, 127, -128, -127};
constexpr double kBits[] = {0, 1};

std::span<const double> edges_of(ElementType type) {
  switch (type) {
    case ElementType::kF32:
      return kF32Edges;
    case ElementType::kF16:
      return kF16Edges;
    case ElementType::kI8:
      return kI8Edges;
    case ElementType::kBinary:
      break;
  }
  return kBits;
}

// The outputs of splitmix64, one after the other.
class Outputs {
 public:
  Outputs(std::uint64_t seed, std::uint64_t count) : bytes_(expand(PrngFill{seed, 8 * count})) {}

  std::uint64_t next() {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes_.data() + at_, sizeof word);
    at_ += sizeof word;
    return le64toh(word);
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

double prng_number(std::uint64_t output, ElementType type) {
  if (type == ElementType::kBinary) return static_cast<double>(output & 1);
  if (type == ElementType::kI8) return static_cast<std::int8_t>(output);
  return static_cast<std::int16_t>(output) / kSpread;
}

double grid_number(std::uint64_t output, ElementType type) {
  if (type == ElementType::kBinary) return static_cast<double>(output & 1);
  return static_cast<double>(output % 3) - 1;
}

// An eighth of the numbers is the least bit beside the centre's.
double near(double centre, std::uint64_t output, ElementType type) {
  if (output % 8 != 0) return centre;
  if (type == ElementType::kBinary) return 1 - centre;
  if (type == ElementType::kI8) return centre < 0 ? centre + 1 : centre - 1;
  return centre + 1 / kSpread;
}

std::vector<RowList::value_type> centres_of(const RowPattern& pattern, ElementType type) {
  RowList centres(kCentres);
  for (std::uint64_t c = 0; c < kCentres; ++c) {
    Outputs outputs(pattern.seed + 1 + c, pattern.dim);
    for (std::uint32_t j = 0; j < pattern.dim; ++j) {
      centres[c].push_back({prng_number(outputs.next(), type)});
    }
  }
  return centres;
}

RowList expand_pattern(const RowPattern& pattern, ElementType type, std::size_t count) {
  RowList rows(count);
  Outputs outputs(pattern.seed, count * pattern.dim);
  const bool clustered = pattern.fill == RowPattern::Fill::kCluster;
  const RowList centres = clustered ? centres_of(pattern, type) : RowList{};
  const std::span<const double> edges = edges_of(type);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::uint32_t j = 0; j < pattern.dim; ++j) {
      const std::uint64_t output = outputs.next();
      switch (pattern.fill) {
        case RowPattern::Fill::kPrng:
          rows[i].push_back({prng_number(output, type)});
          break;
        case RowPattern::Fill::kGrid:
          rows[i].push_back({grid_number(output, type)});
          break;
        case RowPattern::Fill::kCluster:
          rows[i].push_back({near(centres[i % kCentres][j].value, output, type)});
          break;
        case RowPattern::Fill::kEdges:
          rows[i].push_back({edges[output % edges.size()]});
          break;
      }
    }
  }
  return rows;
}

// Rounds to the nearest half, to even between two.
std::uint16_t half_bits(double value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const double size = std::fabs(value);
  if (std::isnan(value)) return sign | 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const int exponent = size < 0x1p-14 ? -14 : std::ilogb(size);
  // The leading bit of a number that is not denormal adds one to the exponent below.
  const double significand = std::nearbyint(std::ldexp(size, 10 - exponent));
  return static_cast<std::uint16_t>(
      sign | ((static_cast<unsigned>(exponent + 14) << 10) + static_cast<unsigned>(significand)));
}

double half_value(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31;
  const double fraction = bits & 0x3ff;
  double size =
      exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25);
  if (exponent == 31) {
    size = fraction == 0 ? std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  }
  return bits & 0x8000 ? -size : size;
}

void append_row(std::string& bytes, const std::vector<Number>& row, ElementType type) {
  if (type == ElementType::kBinary) {
    const std::size_t start = bytes.size();
    bytes.resize(start + row_bytes(type, row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (std::fmod(std::fabs(row[i].value), 2) >= 1) {
        bytes[start + i / 8] = static_cast<char>(bytes[start + i / 8] | 1 << i % 8);
      }
    }
    return;
  }
  for (const Number& number : row) {
    if (type == ElementType::kF32) {
      const std::uint32_t word =
          htole32(std::bit_cast<std::uint32_t>(static_cast<float>(number.value)));
      bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
    } else if (type == ElementType::kF16) {
      const std::uint16_t word = htole16(half_bits(number.value));
      bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
    } else {
      bytes += static_cast<char>(static_cast<std::int64_t>(number.value));
    }
  }
}

}  // namespace

std::size_t row_bytes(ElementType type, std::size_t dim) {
  switch (type) {
    case ElementType::kF32:
      return 4 * dim;
    case ElementType::kF16:
      return 2 * dim;
    case ElementType::kI8:
      return dim;
    case ElementType::kBinary:
      break;
  }
  return (dim + 7) / 8;
}

std::size_t row_count(const Rows& rows, std::size_t needed) {
  if (const auto* list = std::get_if<RowList>(&rows)) return list->size();
  const auto& pattern = std::get<RowPattern>(rows);
  return pattern.rows == 0 ? needed : pattern.rows;
}

RowList list_of(const Rows& rows, ElementType type, std::size_t needed) {
  if (const auto* list = std::get_if<RowList>(&rows)) return *list;
  return expand_pattern(std::get<RowPattern>(rows), type, row_count(rows, needed));
}

std::string encode_rows(const Rows& rows, ElementType type, std::size_t needed) {
  std::string bytes;
  for (const auto& row : list_of(rows, type, needed)) append_row(bytes, row, type);
  return bytes;
}

std::vector<Number> decode_row(std::string_view bytes, ElementType type) {
  std::vector<Number> row;
  const std::size_t step = type == ElementType::kBinary ? 1 : row_bytes(type, 1);
  for (std::size_t at = 0; at + step <= bytes.size(); at += step) {
    if (type == ElementType::kF32) {
      std::uint32_t word = 0;
      std::memcpy(&word, bytes.data() + at, sizeof word);
      row.push_back({std::bit_cast<float>(le32toh(word))});
    } else if (type == ElementType::kF16) {
      std::uint16_t word = 0;
      std::memcpy(&word, bytes.data() + at, sizeof word);
      row.push_back({half_value(le16toh(word))});
    } else if (type == ElementType::kI8) {
      row.push_back({static_cast<double>(static_cast<std::int8_t>(bytes[at]))});
    } else {
      for (int bit = 0; bit < 8; ++bit) row.push_back({static_cast<double>(bytes[at] >> bit & 1)});
    }
  }
  return row;
}

}  // namespace vexfs::parity
