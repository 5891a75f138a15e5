// SPDX-License-Identifier: MIT
// How single values stand in a scenario file. read_value faults through the reader;
// write_value(read_value(x)) == x.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/scenario/json_reader.h"
#include "harness/scenario/operation.h"

namespace vexfs::parity {

/// Bytes of a name or text as JSON can carry them: valid UTF-8 stays, a backslash becomes "\\",
/// every byte that is not part of valid UTF-8 becomes "\xNN".
std::string escape_bytes(std::string_view bytes);
/// The inverse; no value where a backslash is followed by anything else.
std::optional<std::string> unescape_bytes(std::string_view text);

void read_value(const JsonReader& reader, bool& value);
void read_value(const JsonReader& reader, std::int64_t& value);
void read_value(const JsonReader& reader, std::uint64_t& value);
void read_value(const JsonReader& reader, std::uint32_t& value);
void read_value(const JsonReader& reader, std::string& value);  // plain text, no escapes
void read_value(const JsonReader& reader, Path& value);
void read_value(const JsonReader& reader, Mode& value);
void read_value(const JsonReader& reader, NodeType& value);
void read_value(const JsonReader& reader, OpenFlags& value);
void read_value(const JsonReader& reader, RenameFlags& value);
void read_value(const JsonReader& reader, XattrFlags& value);
void read_value(const JsonReader& reader, Door& value);
void read_value(const JsonReader& reader, Region& value);
void read_value(const JsonReader& reader, TimeChange& value);
void read_value(const JsonReader& reader, Data& value);
/// The place of a write: a number, or "end".
void read_value(const JsonReader& reader, std::optional<std::int64_t>& value);
void read_value(const JsonReader& reader, DataMode& value);
void read_value(const JsonReader& reader, ClockMode& value);
void read_value(const JsonReader& reader, MountOptions& value);
void read_value(const JsonReader& reader, Credentials& value);
// vector_codec.cpp
void read_value(const JsonReader& reader, Ids& value);
void read_value(const JsonReader& reader, Number& value);
void read_value(const JsonReader& reader, Rows& value);
void read_value(const JsonReader& reader, ElementType& value);
// crash_codec.cpp
void read_value(const JsonReader& reader, CrashPlace& value);
void read_value(const JsonReader& reader, crash::Severity& value);

template <class T>
void read_value(const JsonReader& reader, std::vector<T>& values) {
  values.clear();
  if (!reader.is_array("an array")) return;
  for (std::size_t i = 0; i < reader.node().size(); ++i) {
    read_value(reader.child(i), values.emplace_back());
  }
}

Json write_value(bool value);
Json write_value(std::int64_t value);
Json write_value(std::uint64_t value);
Json write_value(std::uint32_t value);
Json write_value(const std::string& value);
Json write_value(const Path& value);
Json write_value(const Mode& value);
Json write_value(const NodeType& value);
Json write_value(const OpenFlags& value);
Json write_value(const RenameFlags& value);
Json write_value(const XattrFlags& value);
Json write_value(const Door& value);
Json write_value(const Region& value);
Json write_value(const TimeChange& value);
Json write_value(const Data& value);
Json write_value(const std::optional<std::int64_t>& value);
Json write_value(const DataMode& value);
Json write_value(const ClockMode& value);
Json write_value(const MountOptions& value);
Json write_value(const Credentials& value);
Json write_value(const Ids& value);
Json write_value(const Number& value);
Json write_value(const Rows& value);
Json write_value(const ElementType& value);
Json write_value(const CrashPlace& value);
Json write_value(const crash::Severity& value);

/// A value by its name; the reader faults where the text is none of `names`.
std::uint32_t read_name(const JsonReader& reader, std::span<const Named> names);
/// null where no name has the value.
Json write_name(std::span<const Named> names, std::uint32_t value);

/// Writes members in order; a visitor for `visit_fields`. Optional members at their default are
/// left out.
class ObjectWriter {
 public:
  template <class T>
  void required(std::string_view name, const T& field) {
    json[std::string(name)] = write_value(field);
  }
  template <class T, class Default>
  void optional(std::string_view name, const T& field, const Default& fallback) {
    if (!(field == fallback)) json[std::string(name)] = write_value(field);
  }

  Json json = Json::object();
};

}  // namespace vexfs::parity
