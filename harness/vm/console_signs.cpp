// SPDX-License-Identifier: MIT
#include "harness/vm/console_signs.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vexfs::parity::vm {
namespace {

struct Pattern {
  std::string_view text;
  SignKind kind;
};

constexpr std::array<Pattern, 16> kPatterns{{
    {"BUG: ", SignKind::kComplaint},  // also KASAN, "BUG: soft lockup" is taken before
    {"kernel BUG at ", SignKind::kComplaint},
    {"Oops: ", SignKind::kComplaint},
    {"general protection fault", SignKind::kComplaint},
    {"Unable to handle kernel", SignKind::kComplaint},
    {"WARNING: CPU: ", SignKind::kComplaint},
    {"UBSAN: ", SignKind::kComplaint},
    {"divide error: ", SignKind::kComplaint},
    {"invalid opcode: ", SignKind::kComplaint},
    {"WARNING: possible circular locking", SignKind::kComplaint},
    {"WARNING: possible recursive locking", SignKind::kComplaint},
    {"WARNING: inconsistent lock state", SignKind::kComplaint},
    {"blocked for more than ", SignKind::kHang},
    {"BUG: soft lockup", SignKind::kHang},
    {"detected stalls on CPU", SignKind::kHang},
    {"Kernel panic - not syncing", SignKind::kPanic},
}};

// "[    2.345678] text" -> "text"
std::string_view without_timestamp(std::string_view line) {
  if (line.starts_with('[')) {
    const auto end = line.find("] ");
    if (end != std::string_view::npos) line.remove_prefix(end + 2);
  }
  while (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

const Pattern* match(std::string_view line) {
  const Pattern* found = nullptr;
  for (const Pattern& pattern : kPatterns) {
    // The later of two that match is the more special one.
    if (line.find(pattern.text) != std::string_view::npos) found = &pattern;
  }
  return found;
}

// The function after "RIP: 0010:", from the lines that follow a complaint.
std::string_view faulting_function(std::string_view rest) {
  for (int i = 0; i < 40 && !rest.empty(); ++i) {
    const auto line = without_timestamp(take_line(rest));
    constexpr std::string_view kRip = "RIP: 0010:";
    if (line.starts_with(kRip)) return line.substr(kRip.size());
  }
  return {};
}

}  // namespace

std::optional<ConsoleSign> find_sign(std::string_view console) {
  std::optional<ConsoleSign> hang;
  while (!console.empty()) {
    const auto line = without_timestamp(take_line(console));
    const Pattern* pattern = match(line);
    if (pattern == nullptr) continue;
    ConsoleSign sign{.kind = pattern->kind, .headline = std::string(line)};
    if (pattern->kind == SignKind::kHang) {
      if (!hang) hang = std::move(sign);
      continue;
    }
    if (pattern->kind == SignKind::kComplaint) {
      const auto function = faulting_function(console);
      if (!function.empty()) sign.headline.append(" in ").append(function);
    }
    return sign;
  }
  return hang;
}

std::string tail(std::string_view text, std::size_t lines) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::size_t start = text.size();
  for (std::size_t i = 0; i < lines && start != 0 && start != std::string_view::npos; ++i) {
    start = text.rfind('\n', start - 1);
  }
  if (start == std::string_view::npos || start == 0) return std::string(text);
  return std::string(text.substr(start + 1));
}

}  // namespace vexfs::parity::vm
