// SPDX-License-Identifier: MIT
#include <algorithm>

#include <fmt/format.h>

#include "reference/tools/dump/dump_json.h"

namespace vexfs::tools {
namespace {

bool is_short(const Json& json) {
  return std::ranges::none_of(json, [](const Json& value) { return value.is_structured(); }) &&
         json.size() <= 8;
}

std::string value_text(const Json& json) {
  if (json.is_string()) return json.get<std::string>();
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// "a 1, b 2" of an object, "1, 2" of a list.
std::string line_text(const Json& json) {
  std::string text;
  for (const auto& [name, value] : json.items()) {
    if (!text.empty()) text += ", ";
    text += json.is_object() ? fmt::format("{} {}", name, value_text(value)) : value_text(value);
  }
  return text;
}

void append(const Json& json, std::size_t depth, std::string& text) {
  const std::string indent(2 * depth, ' ');
  for (const auto& [name, value] : json.items()) {
    const std::string label = json.is_object() ? name : fmt::format("[{}]", name);
    if (!value.is_structured()) {
      text += fmt::format("{}{}: {}\n", indent, label, value_text(value));
    } else if (value.empty()) {
      text += fmt::format("{}{}: none\n", indent, label);
    } else if (is_short(value)) {
      text += fmt::format("{}{}: {}\n", indent, label, line_text(value));
    } else {
      text += fmt::format("{}{}\n", indent, label);
      append(value, depth + 1, text);
    }
  }
}

}  // namespace

std::string human_text(const Json& json) {
  std::string text;
  append(json, 0, text);
  return text.empty() ? "none\n" : text;
}

}  // namespace vexfs::tools
