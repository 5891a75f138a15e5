// SPDX-License-Identifier: MIT
#include "tools/vexctl/event_text.h"

#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace vexfs::ctl {
namespace {

using Json = nlohmann::ordered_json;

std::string type_name(std::uint16_t type) {
  const auto name = tools::event_type_name(type);
  return name.empty() ? fmt::format("0x{:04x}", type) : std::string(name);
}

std::string field_name(std::uint16_t tag) {
  const auto name = tools::event_tag_name(tag);
  return name.empty() ? fmt::format("field_{}", tag) : std::string(name);
}

std::string time_text(std::int64_t nanoseconds) {
  const std::chrono::sys_time<std::chrono::nanoseconds> time{std::chrono::nanoseconds(nanoseconds)};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:09}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                     (time - seconds).count());
}

}  // namespace

std::string event_json(const tools::EventRecord& record) {
  const auto& header = record.header;
  Json line{{"position", record.position},
            {"next", record.position + header.length},
            {"sequence", header.sequence},
            {"type", type_name(header.type)},
            {"time", static_cast<std::int64_t>(header.time)},
            {"inode", header.ino},
            {"parent", header.parent},
            {"cause", header.cause},
            {"transaction", header.transaction},
            {"unit", header.unit}};
  for (const auto& field : record.fields) {
    line[field_name(field.tag)] = tools::event_field_json(field);
  }
  return line.dump();
}

std::string event_text(const tools::EventRecord& record) {
  const auto& header = record.header;
  std::string line = fmt::format("{:>10} {} {:<13} inode={}", record.position,
                                 time_text(static_cast<std::int64_t>(header.time)),
                                 type_name(header.type), std::uint64_t{header.ino});
  if (header.parent != 0) line += fmt::format(" parent={}", std::uint64_t{header.parent});
  if (header.cause != 0) line += fmt::format(" cause={}", std::uint64_t{header.cause});
  for (const auto& field : record.fields) {
    line += fmt::format(" {}={}", field_name(field.tag), tools::event_field_json(field).dump());
  }
  return line;
}

}  // namespace vexfs::ctl
