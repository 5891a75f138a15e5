// SPDX-License-Identifier: MIT
#include "tools/vexctl/npy.h"

#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vexfs::ctl {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kHeaderBytes = 128;
constexpr std::size_t kHeaderLimit = 64 * 1024;

Result<std::string> read_text(InputFile& file, std::size_t length) {
  std::string text(length, '\0');
  const auto got = file.read(std::as_writable_bytes(std::span(text)));
  if (!got) return std::unexpected(got.error());
  if (!*got) return file.failure("it ends within its header: it is no .npy file");
  return text;
}

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  return value;
}

// What follows "'key':" in the header, a Python dict of three entries.
std::optional<std::string_view> value_of(std::string_view dict, std::string_view key) {
  const auto at = dict.find(fmt::format("'{}':", key));
  if (at == std::string_view::npos) return std::nullopt;
  dict.remove_prefix(at + key.size() + 3);
  while (dict.starts_with(' ')) dict.remove_prefix(1);
  return dict;
}

std::optional<std::vector<std::uint64_t>> parse_shape(std::string_view text) {
  std::vector<std::uint64_t> shape;
  if (!text.starts_with('(')) return std::nullopt;
  text.remove_prefix(1);
  for (;;) {
    while (text.starts_with(' ') || text.starts_with(',')) text.remove_prefix(1);
    if (text.starts_with(')')) return shape;
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    shape.push_back(number);
  }
}

Result<NpyHeader> parse_dict(const InputFile& file, std::string_view dict) {
  const auto type = value_of(dict, "descr");
  const auto order = value_of(dict, "fortran_order");
  const auto shape = value_of(dict, "shape");
  if (!type || !order || !shape) return file.failure("its .npy header is not understood");
  const auto numbers = parse_shape(*shape);
  const auto quote = type->find('\'', 1);
  if (!numbers || !type->starts_with('\'') || quote == std::string_view::npos) {
    return file.failure("it holds no plain array of numbers");
  }
  if (!order->starts_with("False")) {
    return file.failure("it is in Fortran order: save numpy.ascontiguousarray(array) instead");
  }
  if (numbers->empty() || numbers->size() > 2) {
    return file.failure(
        fmt::format("it has {} dimensions: one row (1) or rows (2) are wanted", numbers->size()));
  }
  if (type->starts_with("'>")) {
    return file.failure("it is big-endian: save array.astype(array.dtype.newbyteorder('<'))");
  }
  return NpyHeader{std::string(type->substr(1, quote - 1)), *numbers};
}

}  // namespace

Result<NpyHeader> read_npy_header(InputFile& file) {
  const auto start = read_text(file, kMagic.size() + 2);
  if (!start) return std::unexpected(start.error());
  if (!start->starts_with(kMagic)) return file.failure("it is no .npy file");
  const char version = (*start)[kMagic.size()];
  if (version < 1 || version > 3) {
    return file.failure(fmt::format("it is a .npy file of version {}, not 1 to 3", int{version}));
  }
  const auto length = read_text(file, version == 1 ? 2 : 4);
  if (!length) return std::unexpected(length.error());
  if (little_endian(*length) > kHeaderLimit) return file.failure("its .npy header is too long");
  const auto dict = read_text(file, little_endian(*length));
  if (!dict) return std::unexpected(dict.error());
  return parse_dict(file, *dict);
}

std::string npy_header_text(const NpyHeader& header) {
  std::string dict =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}", header.type,
                  fmt::join(header.shape, ", "), header.shape.size() == 1 ? "," : "");
  const std::size_t length = kHeaderBytes - kMagic.size() - 4;
  dict.resize(length - 1, ' ');
  const char prefix[4] = {1, 0, static_cast<char>(length), 0};
  return std::string(kMagic) + std::string(prefix, sizeof prefix) + dict + '\n';
}

}  // namespace vexfs::ctl
