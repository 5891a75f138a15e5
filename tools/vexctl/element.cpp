// SPDX-License-Identifier: MIT
#include "tools/vexctl/element.h"

#include <bit>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

namespace vexfs::ctl {
namespace {

template <typename T>
void append(Bytes& to, T value) {
  const auto at = to.size();
  to.resize(at + sizeof(T));
  std::memcpy(to.data() + at, &value, sizeof(T));
}

template <typename T>
T load(std::span<const std::byte> bytes, std::size_t element) {
  T value;
  std::memcpy(&value, bytes.data() + element * sizeof(T), sizeof(T));
  return value;
}

std::unexpected<Failure> unfit(std::size_t element, double value, const char* wanted) {
  return std::unexpected(Failure{fmt::format("element {} is {}, not {}", element, value, wanted)});
}

bool is_integer(double value, double low, double high) {
  return value >= low && value <= high && value == std::trunc(value);
}

Result<void> append_element(std::size_t element, double value, ElementType type, Bytes& to) {
  if (type == ElementType::kI8) {
    if (!is_integer(value, -128, 127)) return unfit(element, value, "an integer from -128 to 127");
    append(to, static_cast<std::int8_t>(value));
  } else if (type == ElementType::kF16) {
    const std::uint16_t half = half_of(value);
    if ((half & 0x7c00) == 0x7c00) return unfit(element, value, "a finite half-precision number");
    append(to, half);
  } else {
    const auto single = static_cast<float>(value);
    if (!std::isfinite(single)) return unfit(element, value, "a finite single-precision number");
    append(to, single);
  }
  return {};
}

Result<void> append_bits(std::span<const double> values, Bytes& to) {
  const auto start = to.size();
  to.resize(start + (values.size() + 7) / 8);
  for (std::size_t bit = 0; bit < values.size(); bit++) {
    if (values[bit] != 0 && values[bit] != 1) return unfit(bit, values[bit], "0 or 1");
    if (values[bit] == 1) to[start + bit / 8] |= std::byte{1} << bit % 8;
  }
  return {};
}

Result<void> append_packed(std::span<const double> values, Bytes& to) {
  for (std::size_t i = 0; i < values.size(); i++) {
    if (!is_integer(values[i], 0, 255)) return unfit(i, values[i], "a byte");
    append(to, static_cast<std::uint8_t>(values[i]));
  }
  return {};
}

}  // namespace

// A half has 11 bits of significand and exponents from -14 on: counted in units of its last place
// the value becomes an integer, and rounding up to the next power of two carries into the exponent.
std::uint16_t half_of(double value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const double size = std::fabs(value);
  if (std::isnan(value)) return sign | 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const int exponent = size == 0 ? -14 : std::max(std::ilogb(size), -14);
  const auto places = static_cast<int>(std::nearbyint(std::ldexp(size, 10 - exponent)));
  return static_cast<std::uint16_t>(sign | ((exponent + 14) * 1024 + places));
}

double double_of_half(std::uint16_t half) {
  const int exponent = half >> 10 & 31;
  const int fraction = half & 0x3ff;
  double size = std::ldexp(fraction, -24);
  if (exponent == 31) size = fraction == 0 ? HUGE_VAL : std::nan("");
  if (exponent > 0 && exponent < 31) size = std::ldexp(fraction + 1024, exponent - 25);
  return (half & 0x8000) != 0 ? -size : size;
}

Result<void> append_row(std::span<const double> values, const Parameters& parameters, Bytes& to) {
  const bool binary = parameters.type == ElementType::kBinary;
  if (binary && values.size() == parameters.row_bytes() && parameters.dim > 1) {
    return append_packed(values, to);
  }
  if (values.size() != parameters.dim) {
    return std::unexpected(Failure{fmt::format("it has {} elements, but the collection's have {}",
                                               values.size(), parameters.dim)});
  }
  if (binary) return append_bits(values, to);
  for (std::size_t i = 0; i < values.size(); i++) {
    if (auto done = append_element(i, values[i], parameters.type, to); !done) return done;
  }
  return {};
}

std::vector<double> row_values(std::span<const std::byte> row, const Parameters& parameters) {
  std::vector<double> values(parameters.dim);
  for (std::size_t i = 0; i < values.size(); i++) {
    switch (parameters.type) {
      case ElementType::kF32:
        values[i] = load<float>(row, i);
        break;
      case ElementType::kF16:
        values[i] = double_of_half(load<std::uint16_t>(row, i));
        break;
      case ElementType::kI8:
        values[i] = load<std::int8_t>(row, i);
        break;
      case ElementType::kBinary:
        values[i] = std::to_integer<int>(row[i / 8] >> i % 8 & std::byte{1});
        break;
    }
  }
  return values;
}

std::string element_text(double value, ElementType type) {
  if (type == ElementType::kI8 || type == ElementType::kBinary) {
    return fmt::format("{}", static_cast<int>(value));
  }
  return fmt::format("{}", static_cast<float>(value));
}

std::string row_text(std::span<const double> values, ElementType type) {
  std::string text = "[";
  for (const double value : values) {
    if (text.size() > 1) text += ',';
    text += element_text(value, type);
  }
  return text + ']';
}

std::string json_line(std::uint64_t id, std::span<const std::byte> row,
                      const Parameters& parameters) {
  return fmt::format("{{\"id\":{},\"vector\":{}}}\n", id,
                     row_text(row_values(row, parameters), parameters.type));
}

}  // namespace vexfs::ctl
