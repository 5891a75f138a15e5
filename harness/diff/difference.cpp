// SPDX-License-Identifier: MIT
#include "harness/diff/difference.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace vexfs::parity {
namespace {

constexpr std::size_t kRow = 16;

std::string hex(std::span<const std::byte> bytes) {
  std::string text;
  for (std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

bool differs_at(const ByteRange& range, const ByteRange& other, std::size_t at) {
  return at >= other.bytes.size() || range.bytes[at] != other.bytes[at];
}

// "    < 00004a10  02>00 00 00": `>` stands before each byte that differs.
std::string row_text(char side, const ByteRange& range, const ByteRange& other, std::size_t at) {
  const std::size_t end = std::min(range.bytes.size(), at + kRow);
  if (at >= end) return "";
  std::string text = fmt::format("    {} {:08x} ", side, range.offset + at);
  std::string printable;
  for (std::size_t i = at; i < end; ++i) {
    const auto value = std::to_integer<unsigned>(range.bytes[i]);
    text += fmt::format("{}{:02x}", differs_at(range, other, i) ? '>' : ' ', value);
    printable += value >= 0x20 && value < 0x7f ? static_cast<char>(value) : '.';
  }
  return fmt::format("{}{}  {}\n", text, std::string(3 * (at + kRow - end), ' '), printable);
}

}  // namespace

std::string Difference::text() const {
  std::string place;
  if (left_range.size != 0) place = fmt::format(" @ {:#x}", left_range.offset);
  if (right_range.size != 0 && (left_range.size == 0 || left_range.offset != right_range.offset)) {
    place += fmt::format("{} {:#x}", left_range.size == 0 ? " @ -/" : " /", right_range.offset);
  }
  return fmt::format("{}: {} / {}{}", path, left, right, place);
}

std::string path_signature(std::string_view path) {
  std::string signature;
  for (std::size_t at = 0; at < path.size();) {
    if (path[at] == '"') {
      // A name may hold quotes; its end is the last one before the next step of the path.
      const std::size_t step = path.find("\" › ", at + 1);
      const std::size_t end = step == path.npos ? path.rfind('"') : step;
      signature += "\"…\"";
      at = std::max(end, at) + 1;
    } else if (path[at] >= '0' && path[at] <= '9') {
      signature += 'N';
      while (at < path.size() && path[at] >= '0' && path[at] <= '9') ++at;
    } else {
      signature += path[at++];
    }
  }
  return signature;
}

std::string hex_dump(const Difference& difference) {
  const ByteRange& left = difference.left_range;
  const ByteRange& right = difference.right_range;
  std::string text;
  for (std::size_t at = 0; at < std::max(left.bytes.size(), right.bytes.size()); at += kRow) {
    text += row_text('<', left, right, at);
    text += row_text('>', right, left, at);
  }
  return text;
}

std::string differences_text(std::span<const Difference> differences, std::size_t dumps) {
  std::string text;
  for (const Difference& difference : differences) {
    text += difference.text() + "\n";
    if (dumps == 0) continue;
    --dumps;
    text += hex_dump(difference);
  }
  return text;
}

nlohmann::ordered_json difference_json(const Difference& difference) {
  return {{"path", difference.path},
          {"left", difference.left},
          {"right", difference.right},
          {"left_offset", difference.left_range.offset},
          {"left_size", difference.left_range.size},
          {"left_bytes", hex(difference.left_range.bytes)},
          {"right_offset", difference.right_range.offset},
          {"right_size", difference.right_range.size},
          {"right_bytes", hex(difference.right_range.bytes)}};
}

}  // namespace vexfs::parity
