// SPDX-License-Identifier: MIT
#include "reference/vector/arithmetic.h"

#include <array>
#include <bit>
#include <cmath>

#include "reference/model/bytes.h"

namespace vexfs::vectors {
namespace {

using model::get;
using model::put;

constexpr std::uint32_t kCanonicalNan = 0x7fc00000;
constexpr std::uint32_t kTopBit = 0x80000000;

float f32_at(std::span<const std::byte> row, std::size_t i) { return get<float>(row, 4 * i); }
float f16_at(std::span<const std::byte> row, std::size_t i) {
  return half_to_float(get<std::uint16_t>(row, 2 * i));
}
std::int32_t i8_at(std::span<const std::byte> row, std::size_t i) {
  return get<std::int8_t>(row, i);
}

// 32 sums side by side, then halved until one is left. The order of every operation is the law.
class Accumulators {
 public:
  void add(std::size_t i, float value) { acc_[i % acc_.size()] += value; }

  float total() {
    for (std::size_t width = acc_.size() / 2; width > 0; width /= 2)
      for (std::size_t j = 0; j < width; ++j) acc_[j] += acc_[j + width];
    return acc_[0];
  }

 private:
  std::array<float, 32> acc_{};
};

template <typename At>
float l2(std::uint32_t dim, At a, At b) {
  Accumulators sums;
  for (std::size_t i = 0; i < dim; ++i) {
    const float t = a(i) - b(i);
    sums.add(i, t * t);
  }
  return sums.total();
}

template <typename At>
float dot(std::uint32_t dim, At a, At b) {
  Accumulators sums;
  for (std::size_t i = 0; i < dim; ++i) sums.add(i, a(i) * b(i));
  return sums.total();
}

template <typename At>
float manhattan(std::uint32_t dim, At a, At b) {
  Accumulators sums;
  for (std::size_t i = 0; i < dim; ++i) sums.add(i, std::fabs(a(i) - b(i)));
  return sums.total();
}

template <typename At>
float float_distance(const Parameters& parameters, At a, At b) {
  switch (parameters.metric) {
    case VEXFS_METRIC_L2:
      return l2(parameters.dim, a, b);
    case VEXFS_METRIC_COSINE:
      return 0.5F * l2(parameters.dim, a, b);
    case VEXFS_METRIC_DOT:
      return 0.0F - dot(parameters.dim, a, b);
    default:
      return manhattan(parameters.dim, a, b);
  }
}

std::uint32_t bits_of(float value) {
  return std::isnan(value) ? kCanonicalNan : std::bit_cast<std::uint32_t>(value);
}

std::uint32_t f32_distance(const Parameters& parameters, const Row& a, const Row& b) {
  const auto at = [](const Row& row) { return [&row](std::size_t i) { return f32_at(row, i); }; };
  return bits_of(float_distance(parameters, at(a), at(b)));
}

std::uint32_t f16_distance(const Parameters& parameters, const Row& a, const Row& b) {
  const auto at = [](const Row& row) { return [&row](std::size_t i) { return f16_at(row, i); }; };
  return bits_of(float_distance(parameters, at(a), at(b)));
}

std::uint32_t i8_distance(const Parameters& parameters, const Row& a, const Row& b) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < parameters.dim; ++i) {
    const std::int32_t x = i8_at(a, i);
    const std::int32_t y = i8_at(b, i);
    if (parameters.metric == VEXFS_METRIC_L2) sum += (x - y) * (x - y);
    if (parameters.metric == VEXFS_METRIC_DOT) sum -= x * y;
    if (parameters.metric == VEXFS_METRIC_MANHATTAN) sum += std::abs(x - y);
  }
  return static_cast<std::uint32_t>(sum);
}

std::uint32_t hamming_distance(const Row& a, const Row& b) {
  int different = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    different += std::popcount(std::to_integer<unsigned>(a[i] ^ b[i]));
  return static_cast<std::uint32_t>(different);
}

// -0.0 becomes +0.0; an element that is not finite is refused.
std::expected<Row, std::size_t> finite_f32(const Parameters& parameters, Row row) {
  for (std::size_t i = 0; i < parameters.dim; ++i) {
    const float x = f32_at(row, i);
    if (!std::isfinite(x)) return std::unexpected(4 * i);
    if (x == 0.0F) put(std::span(row), 4 * i, 0.0F);
  }
  return row;
}

std::expected<Row, std::size_t> finite_f16(const Parameters& parameters, Row row) {
  for (std::size_t i = 0; i < parameters.dim; ++i) {
    const auto half = get<std::uint16_t>(row, 2 * i);
    if ((half & 0x7c00) == 0x7c00) return std::unexpected(2 * i);
    if (half == 0x8000) put(std::span(row), 2 * i, std::uint16_t{0});
  }
  return row;
}

std::expected<Row, std::size_t> normalised(const Parameters& parameters, Row row) {
  double squares = 0;
  for (std::size_t i = 0; i < parameters.dim; ++i) {
    const double x = f32_at(row, i);
    squares += x * x;
  }
  if (squares == 0) return std::unexpected(0);
  const double length = std::sqrt(squares);
  for (std::size_t i = 0; i < parameters.dim; ++i) {
    const auto y = static_cast<float>(static_cast<double>(f32_at(row, i)) / length);
    put(std::span(row), 4 * i, y == 0.0F ? 0.0F : y);
  }
  return row;
}

std::expected<Row, std::size_t> without_bits_past_dim(const Parameters& parameters, Row row) {
  const unsigned used = parameters.dim % 8;
  if (used != 0 && std::to_integer<unsigned>(row.back()) >> used != 0)
    return std::unexpected(row.size() - 1);
  return row;
}

}  // namespace

float half_to_float(std::uint16_t half) {
  const float sign = half & 0x8000 ? -1.0F : 1.0F;
  const int exponent = half >> 10 & 0x1f;
  const int fraction = half & 0x3ff;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(0x400 | fraction), exponent - 25);
}

std::expected<Row, std::size_t> stored_row(const Parameters& parameters,
                                           std::span<const std::byte> bytes) {
  Row row(bytes.begin(), bytes.end());
  switch (parameters.type) {
    case VEXFS_TYPE_F32: {
      auto finite = finite_f32(parameters, std::move(row));
      if (!finite || parameters.metric != VEXFS_METRIC_COSINE) return finite;
      return normalised(parameters, std::move(*finite));
    }
    case VEXFS_TYPE_F16:
      return finite_f16(parameters, std::move(row));
    case VEXFS_TYPE_BINARY:
      return without_bits_past_dim(parameters, std::move(row));
    default:
      return row;
  }
}

std::uint32_t distance(const Parameters& parameters, const Row& a, const Row& b) {
  switch (parameters.type) {
    case VEXFS_TYPE_F32:
      return f32_distance(parameters, a, b);
    case VEXFS_TYPE_F16:
      return f16_distance(parameters, a, b);
    case VEXFS_TYPE_I8:
      return i8_distance(parameters, a, b);
    default:
      return hamming_distance(a, b);
  }
}

std::uint32_t order_bits(const Parameters& parameters, std::uint32_t distance) {
  const bool is_float = parameters.type == VEXFS_TYPE_F32 || parameters.type == VEXFS_TYPE_F16;
  if (is_float && (distance & kTopBit)) return ~distance;
  return distance ^ kTopBit;
}

}  // namespace vexfs::vectors
