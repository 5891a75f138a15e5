// SPDX-License-Identifier: MIT
// Rows of numbers to bytes of a message and back. Between files and doors every element is a
// double, which holds each of the element types exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tools/vexctl/parameters.h"

namespace vexfs::ctl {

using Bytes = std::vector<std::byte>;

// The half-precision number nearest to it, ties to even; an infinity from 65520 on.
std::uint16_t half_of(double value);
double double_of_half(std::uint16_t half);

// Appends the bytes of one row. Of a binary collection the row is dim numbers 0 or 1, or the
// packed bytes (bit i of the vector is bit i mod 8 of byte i div 8). f32 and f16 are rounded to
// nearest; what the type cannot hold is a failure that names the element.
Result<void> append_row(std::span<const double> values, const Parameters& parameters, Bytes& to);

// The elements of a row; of a binary collection dim numbers 0 or 1.
std::vector<double> row_values(std::span<const std::byte> row, const Parameters& parameters);

// Shortest decimal that gives the same element again; integers without a point.
std::string element_text(double value, ElementType type);

// "[1,2.5]"
std::string row_text(std::span<const double> values, ElementType type);

// {"id":7,"vector":[1,2.5]} and a newline.
std::string json_line(std::uint64_t id, std::span<const std::byte> row,
                      const Parameters& parameters);

}  // namespace vexfs::ctl
