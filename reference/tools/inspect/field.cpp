// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/field.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace vexfs::tools {
namespace {

// Bytes of the UTF-8 character at text[at], 0 if there is no valid one.
std::size_t utf8_character(Bytes text, std::size_t at) {
  const auto lead = std::to_integer<unsigned>(text[at]);
  const std::size_t length = lead < 0xc2   ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf5 ? 4
                                           : 0;
  if (length == 0 || length > text.size() - at) return 0;
  const auto second = std::to_integer<unsigned>(text[at + 1]);
  if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
      (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((std::to_integer<unsigned>(text[at + i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

Bytes without_trailing_zeros(Bytes bytes) {
  while (!bytes.empty() && bytes.back() == std::byte{0}) bytes = bytes.first(bytes.size() - 1);
  return bytes;
}

std::string uuid_text(Bytes bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", std::to_integer<unsigned>(bytes[i]));
  }
  return text;
}

std::int64_t signed_number(Bytes value) {
  const unsigned unused = 64 - 8 * static_cast<unsigned>(std::min<std::size_t>(value.size(), 8));
  return static_cast<std::int64_t>(field_number(value) << unused) >> unused;
}

}  // namespace

std::uint64_t field_number(Bytes value) {
  std::uint64_t number = 0;
  for (std::size_t i = std::min<std::size_t>(value.size(), 8); i-- > 0;) {
    number = number << 8 | std::to_integer<std::uint64_t>(value[i]);
  }
  return number;
}

std::string hex_text(Bytes bytes, std::size_t limit) {
  std::string text;
  for (std::byte byte : bytes.first(std::min(bytes.size(), limit))) {
    text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  }
  return bytes.size() > limit ? text + "…" : text;
}

std::string escaped_text(Bytes bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto value = std::to_integer<unsigned>(bytes[at]);
    const std::size_t length = value >= 0x20 && value < 0x7f ? 1 : utf8_character(bytes, at);
    if (length == 0 || value == '\\') {
      text += value == '\\' ? "\\\\" : fmt::format("\\x{:02x}", value);
      ++at;
      continue;
    }
    text.append(reinterpret_cast<const char*>(bytes.data()) + at, length);
    at += length;
  }
  return text;
}

std::string field_text(FieldKind kind, Bytes value) {
  switch (kind) {
    case FieldKind::kNumber:
      return fmt::format("{}", field_number(value));
    case FieldKind::kSigned:
      return fmt::format("{}", signed_number(value));
    case FieldKind::kHex:
      return fmt::format("{:#x}", field_number(value));
    case FieldKind::kChecksum:
      return fmt::format("{:08x}", field_number(value));
    case FieldKind::kMode:
      return fmt::format("{:07o}", field_number(value));
    case FieldKind::kMagic:
      return escaped_text(value);
    case FieldKind::kText:
      return '"' + escaped_text(without_trailing_zeros(value)) + '"';
    case FieldKind::kUuid:
      return uuid_text(value);
    case FieldKind::kBytes:
    case FieldKind::kReserved:
      break;
  }
  return all_zero(value) ? fmt::format("{} zero bytes", value.size()) : hex_text(value);
}

nlohmann::ordered_json field_json(FieldKind kind, Bytes value) {
  if (kind == FieldKind::kNumber) return field_number(value);
  if (kind == FieldKind::kSigned) return signed_number(value);
  if (kind == FieldKind::kText) return escaped_text(without_trailing_zeros(value));
  if (kind == FieldKind::kBytes || kind == FieldKind::kReserved) {
    return hex_text(value, value.size());
  }
  return field_text(kind, value);
}

nlohmann::ordered_json structure_json(const StructureType& type, Bytes bytes) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const Field& field : type.fields) {
    const Bytes value = bytes.subspan(field.offset, field.size);
    if (field.kind == FieldKind::kReserved && all_zero(value)) continue;
    json[std::string(field.name)] = field_json(field.kind, value);
  }
  return json;
}

}  // namespace vexfs::tools
