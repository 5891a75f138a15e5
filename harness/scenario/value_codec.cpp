// SPDX-License-Identifier: MIT
#include "harness/scenario/value_codec.h"

#include <span>

namespace vexfs::parity {
namespace {

constexpr Named kDataModes[] = {{"ordered", static_cast<std::uint32_t>(DataMode::kOrdered)},
                                {"writeback", static_cast<std::uint32_t>(DataMode::kWriteback)},
                                {"journal", static_cast<std::uint32_t>(DataMode::kJournal)}};
constexpr Named kClockModes[] = {{"manual", static_cast<std::uint32_t>(ClockMode::kManual)},
                                 {"system", static_cast<std::uint32_t>(ClockMode::kSystem)}};

std::string quoted_list(std::span<const Named> names) {
  std::string list;
  for (const Named& named : names) {
    list += (list.empty() ? "\"" : ", \"") + std::string(named.name) + "\"";
  }
  return list;
}

const Named* find_name(std::span<const Named> names, std::string_view name) {
  for (const Named& named : names) {
    if (named.name == name) return &named;
  }
  return nullptr;
}

template <class Enum>
void read_enum(const JsonReader& reader, std::span<const Named> names, Enum& value) {
  value = static_cast<Enum>(read_name(reader, names));
}

template <class Enum>
Json write_enum(std::span<const Named> names, Enum value) {
  return write_name(names, static_cast<std::uint32_t>(value));
}

std::string read_escaped(const JsonReader& reader, std::string_view what) {
  const auto bytes = unescape_bytes(reader.string(what));
  if (!bytes) reader.fail("only the escapes \\\\ and \\xNN (two lower-case hex digits)");
  return bytes.value_or("");
}

// Adds the bit of the flag at `reader` to `bits`; false where it is none of `names`.
bool add_flag(const JsonReader& reader, std::span<const Named> names, std::uint32_t& bits) {
  const Named* named =
      reader.node().is_string() ? find_name(names, reader.node().get<std::string>()) : nullptr;
  if (named == nullptr) return false;
  bits |= named->value;
  return true;
}

// Any of the flags.
std::uint32_t read_flags(const JsonReader& reader, std::span<const Named> names) {
  std::uint32_t bits = 0;
  if (!reader.is_array("an array of flags")) return bits;
  for (std::size_t i = 0; i < reader.node().size(); ++i) {
    const JsonReader item = reader.child(i);
    if (!add_flag(item, names, bits)) item.fail("one of " + quoted_list(names));
  }
  return bits;
}

Json write_flags(std::span<const Named> names, std::uint32_t bits) {
  Json flags = Json::array();
  for (const Named& named : names) {
    if (bits & named.value) flags.push_back(std::string(named.name));
  }
  return flags;
}

}  // namespace

std::uint32_t read_name(const JsonReader& reader, std::span<const Named> names) {
  const Named* named =
      reader.node().is_string() ? find_name(names, reader.node().get<std::string>()) : nullptr;
  if (named == nullptr) reader.fail("one of " + quoted_list(names));
  return named == nullptr ? 0 : named->value;
}

Json write_name(std::span<const Named> names, std::uint32_t value) {
  for (const Named& named : names) {
    if (named.value == value) return std::string(named.name);
  }
  return nullptr;
}

void read_value(const JsonReader& reader, bool& value) { value = reader.boolean(); }
void read_value(const JsonReader& reader, std::int64_t& value) {
  value = reader.integer(INT64_MIN, INT64_MAX);
}
void read_value(const JsonReader& reader, std::uint64_t& value) { value = reader.natural(); }
void read_value(const JsonReader& reader, std::uint32_t& value) {
  value = static_cast<std::uint32_t>(reader.natural(UINT32_MAX));
}
void read_value(const JsonReader& reader, std::string& value) { value = reader.string("a string"); }

void read_value(const JsonReader& reader, Path& value) {
  value.bytes = read_escaped(reader, "a path as a string");
  if (value.bytes.find('\0') != std::string::npos) reader.fail("a path without NUL bytes");
}

void read_value(const JsonReader& reader, Mode& value) {
  const std::string text = reader.string("permission bits as an octal string such as \"0644\"");
  std::uint32_t bits = 0;
  bool octal = text.size() >= 3 && text.size() <= 5 && text[0] == '0';
  for (char c : text) {
    octal = octal && c >= '0' && c <= '7';
    bits = bits * 8 + static_cast<std::uint32_t>(c - '0');
  }
  if (!octal) return reader.fail("permission bits as an octal string such as \"0644\"");
  value.bits = bits;
}

void read_value(const JsonReader& reader, NodeType& value) {
  read_enum(reader, node_type_names(), value);
}
void read_value(const JsonReader& reader, DataMode& value) { read_enum(reader, kDataModes, value); }
void read_value(const JsonReader& reader, ClockMode& value) {
  read_enum(reader, kClockModes, value);
}

void read_value(const JsonReader& reader, OpenFlags& value) {
  if (!reader.is_array("an array of flags")) return;
  int access_modes = 0;
  value.bits = 0;
  for (std::size_t i = 0; i < reader.node().size(); ++i) {
    const JsonReader item = reader.child(i);
    if (add_flag(item, open_access_names(), value.bits)) {
      ++access_modes;
    } else if (!add_flag(item, open_bit_names(), value.bits)) {
      item.fail("one of " + quoted_list(open_access_names()) + ", " +
                quoted_list(open_bit_names()));
    }
  }
  if (access_modes != 1) reader.fail("exactly one of " + quoted_list(open_access_names()));
}

void read_value(const JsonReader& reader, RenameFlags& value) {
  value.bits = read_flags(reader, rename_flag_names());
}
void read_value(const JsonReader& reader, XattrFlags& value) {
  value.bits = read_flags(reader, xattr_flag_names());
}
void read_value(const JsonReader& reader, Door& value) { read_enum(reader, door_names(), value); }
void read_value(const JsonReader& reader, Region& value) {
  read_enum(reader, region_names(), value);
}

void read_value(const JsonReader& reader, TimeChange& value) {
  value = TimeChange{};
  if (reader.node() == "omit") return;
  if (reader.node() == "now") {
    value.kind = TimeChange::Kind::kNow;
    return;
  }
  value.kind = TimeChange::Kind::kSet;
  ObjectReader object(reader, "\"now\", \"omit\" or {\"sec\":..,\"nsec\":..}");
  object.required("sec", value.sec);
  object.required("nsec", value.nsec);
  object.finish();
  // UTIME_NOW and UTIME_OMIT are values of nsec to the system call; they have names here.
  if (value.nsec < 0 || value.nsec > 1000000000) {
    reader.fail("nsec from 0 to 1000000000 (1000000000 is refused by the system call)");
  }
}

namespace {

Data read_fill(const JsonReader& reader) {
  const JsonReader kind = reader.child("fill");
  ObjectReader object(reader, "data");
  object.allow("fill");
  Data data;
  if (kind.node() == "prng") {
    PrngFill fill;
    object.required("seed", fill.seed);
    object.required("bytes", fill.bytes);
    data = fill;
  } else if (kind.node() == "byte") {
    std::uint32_t byte = 0;
    ByteFill fill;
    object.required("value", byte);
    object.required("bytes", fill.bytes);
    fill.value = static_cast<std::uint8_t>(byte);
    if (byte > 255) reader.fail("a byte value from 0 to 255");
    data = fill;
  } else {
    kind.fail("\"prng\" or \"byte\"");
  }
  object.finish();
  return data;
}

}  // namespace

void read_value(const JsonReader& reader, Data& value) {
  constexpr std::string_view kForms =
      "data: {\"fill\":\"prng\",\"seed\":..,\"bytes\":..}, "
      "{\"fill\":\"byte\",\"value\":..,\"bytes\":..} "
      "or {\"text\":..}";
  if (!reader.is_object(kForms)) return;
  if (reader.node().contains("fill")) {
    value = read_fill(reader);
  } else if (reader.node().contains("text")) {
    value = TextData{read_escaped(reader.child("text"), "a string")};
    ObjectReader object(reader, kForms);
    object.allow("text");
    object.finish();
  } else {
    reader.fail(std::string(kForms));
  }
  if (data_size(value) > kMaxDataBytes) {
    reader.fail("at most " + std::to_string(kMaxDataBytes) + " bytes of data");
  }
}

void read_value(const JsonReader& reader, std::optional<std::int64_t>& value) {
  value.reset();
  if (reader.node() == "end") return;
  if (!reader.node().is_number_integer()) return reader.fail("an offset in bytes, or \"end\"");
  value = reader.integer(INT64_MIN, INT64_MAX);
}

void read_value(const JsonReader& reader, MountOptions& value) {
  ObjectReader object(reader, "an object with mount options");
  object.optional("data", value.data, DataMode::kOrdered);
  object.optional("strict", value.strict, false);
  object.optional("read_only", value.read_only, false);
  object.optional("clock", value.clock, ClockMode::kManual);
  object.finish();
}

void read_value(const JsonReader& reader, Credentials& value) {
  ObjectReader object(reader, "an object with uid, gid and groups");
  object.required("uid", value.uid);
  object.required("gid", value.gid);
  object.optional("groups", value.groups, std::vector<std::uint32_t>{});
  object.finish();
}

Json write_value(bool value) { return value; }
Json write_value(std::int64_t value) { return value; }
Json write_value(std::uint64_t value) { return value; }
Json write_value(std::uint32_t value) { return value; }
Json write_value(const std::string& value) { return value; }
Json write_value(const Path& value) { return escape_bytes(value.bytes); }

Json write_value(const Mode& value) {
  std::string text;
  for (int shift = 9; shift >= 0; shift -= 3)
    text += static_cast<char>('0' + ((value.bits >> shift) & 7));
  return value.bits > 0777 ? "0" + text : "0" + text.substr(1);
}

Json write_value(const NodeType& value) { return write_enum(node_type_names(), value); }
Json write_value(const DataMode& value) { return write_enum(std::span(kDataModes), value); }
Json write_value(const ClockMode& value) { return write_enum(std::span(kClockModes), value); }

Json write_value(const OpenFlags& value) {
  Json flags = Json::array({write_enum(open_access_names(), value.access())});
  for (const Named& named : open_bit_names()) {
    if (value.bits & named.value) flags.push_back(std::string(named.name));
  }
  return flags;
}

Json write_value(const RenameFlags& value) { return write_flags(rename_flag_names(), value.bits); }
Json write_value(const XattrFlags& value) { return write_flags(xattr_flag_names(), value.bits); }
Json write_value(const Door& value) { return write_enum(door_names(), value); }
Json write_value(const Region& value) { return write_enum(region_names(), value); }

Json write_value(const TimeChange& value) {
  if (value.kind == TimeChange::Kind::kNow) return "now";
  if (value.kind == TimeChange::Kind::kOmit) return "omit";
  return {{"sec", value.sec}, {"nsec", value.nsec}};
}

Json write_value(const Data& value) {
  if (const auto* prng = std::get_if<PrngFill>(&value)) {
    return {{"fill", "prng"}, {"seed", prng->seed}, {"bytes", prng->bytes}};
  }
  if (const auto* byte = std::get_if<ByteFill>(&value)) {
    return {{"fill", "byte"}, {"value", byte->value}, {"bytes", byte->bytes}};
  }
  return {{"text", escape_bytes(std::get<TextData>(value).text)}};
}

Json write_value(const std::optional<std::int64_t>& value) {
  return value ? Json(*value) : Json("end");
}

Json write_value(const MountOptions& value) {
  ObjectWriter object;
  object.required("data", value.data);
  object.required("strict", value.strict);
  object.optional("read_only", value.read_only, false);
  object.required("clock", value.clock);
  return object.json;
}

Json write_value(const Credentials& value) {
  Json json = {{"uid", value.uid}, {"gid", value.gid}};
  if (!value.groups.empty()) json["groups"] = value.groups;
  return json;
}

}  // namespace vexfs::parity
