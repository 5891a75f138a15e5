// SPDX-License-Identifier: MIT
// File names are bytes and JSON is UTF-8: the escapes that bridge the two.
#include <cstdint>

#include "harness/scenario/value_codec.h"

namespace vexfs::parity {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

bool is_continuation(std::string_view bytes, std::size_t at) {
  return at < bytes.size() && (static_cast<std::uint8_t>(bytes[at]) & 0xc0) == 0x80;
}

// Length of the valid UTF-8 sequence at `at`, or 0.
std::size_t sequence_length(std::string_view bytes, std::size_t at) {
  const auto lead = static_cast<std::uint8_t>(bytes[at]);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xc2 && lead <= 0xdf   ? 2
                             : lead >= 0xe0 && lead <= 0xef ? 3
                             : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                            : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(bytes, at + i)) return 0;
  }
  if (length < 3) return length;
  const auto second = static_cast<std::uint8_t>(bytes[at + 1]);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second > 0x9f;
  const bool too_high = lead == 0xf4 && second > 0x8f;
  return overlong || surrogate || too_high ? 0 : length;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::string escape_bytes(std::string_view bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = sequence_length(bytes, at);
    if (bytes[at] == '\\') {
      out += "\\\\";
      ++at;
    } else if (length > 0) {
      out += bytes.substr(at, length);
      at += length;
    } else {
      const auto byte = static_cast<std::uint8_t>(bytes[at++]);
      out += {'\\', 'x', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
    }
  }
  return out;
}

std::optional<std::string> unescape_bytes(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      out += text[at];
    } else if (at + 1 < text.size() && text[at + 1] == '\\') {
      out += text[++at];
    } else if (at + 3 < text.size() && text[at + 1] == 'x' && hex_value(text[at + 2]) >= 0 &&
               hex_value(text[at + 3]) >= 0) {
      out += static_cast<char>(hex_value(text[at + 2]) * 16 + hex_value(text[at + 3]));
      at += 3;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

}  // namespace vexfs::parity
