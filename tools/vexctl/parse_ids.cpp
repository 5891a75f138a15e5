// SPDX-License-Identifier: MIT
#include "tools/vexctl/parse_ids.h"

#include <charconv>
#include <sstream>

#include <fmt/format.h>

namespace vexfs::ctl {
namespace {

constexpr std::size_t kIdsMax = 2'000'000;  // more than one request holds

}  // namespace

Result<std::uint64_t> parse_id(const std::string& text) {
  std::uint64_t id = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  if (error == std::errc() && stop == end) return id;
  return std::unexpected(
      Failure{fmt::format("'{}' is not an id: give a number from 0 to 9223372036854775807", text),
              Exit::kUsage});
}

Result<std::vector<std::uint64_t>> parse_id_list(const std::string& text) {
  std::vector<std::uint64_t> ids;
  std::istringstream items(text);
  for (std::string item; std::getline(items, item, ',');) {
    const auto dash = item.find('-');
    const auto first = parse_id(item.substr(0, dash));
    if (!first) return std::unexpected(first.error());
    const auto last = dash == std::string::npos ? first : parse_id(item.substr(dash + 1));
    if (!last) return std::unexpected(last.error());
    if (*last < *first || *last - *first >= kIdsMax - ids.size()) {
      return std::unexpected(
          Failure{fmt::format("'{}' is no range of ids, or one of too many", item), Exit::kUsage});
    }
    for (std::uint64_t id = *first; id <= *last; id++) ids.push_back(id);
  }
  return ids;
}

}  // namespace vexfs::ctl
