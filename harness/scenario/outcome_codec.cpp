// SPDX-License-Identifier: MIT
#include "harness/scenario/outcome_codec.h"

#include <cstdio>
#include <cstdlib>

#include <dirent.h>

#include "harness/scenario/error_name.h"
#include "harness/scenario/value_codec.h"

namespace vexfs::parity {
namespace {

constexpr Named kEntryTypes[] = {{"reg", DT_REG},   {"dir", DT_DIR},        {"lnk", DT_LNK},
                                 {"fifo", DT_FIFO}, {"chr", DT_CHR},        {"blk", DT_BLK},
                                 {"sock", DT_SOCK}, {"unknown", DT_UNKNOWN}};
constexpr std::string_view kHexDigits = "0123456789abcdef";

std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    hex += {kHexDigits[byte >> 4], kHexDigits[byte & 15]};
  }
  return hex;
}

std::string read_hex(const JsonReader& reader) {
  const std::string hex = reader.string("bytes in hex");
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    const std::size_t high = kHexDigits.find(hex[i]);
    const std::size_t low = kHexDigits.find(hex[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) break;
    bytes += static_cast<char>(high * 16 + low);
  }
  if (bytes.size() * 2 != hex.size()) reader.fail("an even number of lower-case hex digits");
  return bytes;
}

// Field tables, shared by both directions.

template <class V>
void visit_fields(V& v, auto& t, const Timestamp*) {
  v.required("sec", t.sec);
  v.required("nsec", t.nsec);
}
template <class V>
void visit_fields(V& v, auto& s, const StatfsFields*) {
  v.required("bsize", s.bsize);
  v.required("blocks", s.blocks);
  v.required("bfree", s.bfree);
  v.required("bavail", s.bavail);
  v.required("files", s.files);
  v.required("ffree", s.ffree);
  v.required("namelen", s.namelen);
}
template <class V>
void visit_fields(V& v, auto& d, const Digest*) {
  v.required("bytes", d.bytes);
  v.required("xxh128", d.xxh128);
}

template <class T>
Json write_object(const T& value) {
  ObjectWriter object;
  visit_fields(object, value, &value);
  return object.json;
}

template <class T>
void read_object(const JsonReader& reader, T& value) {
  ObjectReader object(reader, "an object");
  visit_fields(object, value, &value);
  object.finish();
}

}  // namespace

void read_value(const JsonReader& reader, Timestamp& value) { read_object(reader, value); }
void read_value(const JsonReader& reader, StatfsFields& value) { read_object(reader, value); }
void read_value(const JsonReader& reader, Digest& value) { read_object(reader, value); }
Json write_value(const Timestamp& value) { return write_object(value); }
Json write_value(const StatfsFields& value) { return write_object(value); }
Json write_value(const Digest& value) { return write_object(value); }

std::string_view entry_type_name(std::uint8_t type) {
  for (const Named& named : kEntryTypes) {
    if (named.value == type) return named.name;
  }
  return "unknown";
}

Json write_value(const StatFields& stat) {
  char mode[16];
  std::snprintf(mode, sizeof mode, "0%06o", stat.mode);
  return {{"ino", stat.ino},
          {"mode", mode},
          {"nlink", stat.nlink},
          {"uid", stat.uid},
          {"gid", stat.gid},
          {"rdev", stat.rdev},
          {"size", stat.size},
          {"blocks", stat.blocks},
          {"atime", write_value(stat.atime)},
          {"mtime", write_value(stat.mtime)},
          {"ctime", write_value(stat.ctime)}};
}

void read_value(const JsonReader& reader, StatFields& stat) {
  ObjectReader object(reader, "stat fields");
  std::string mode;
  object.required("ino", stat.ino);
  object.required("mode", mode);
  object.required("nlink", stat.nlink);
  object.required("uid", stat.uid);
  object.required("gid", stat.gid);
  object.required("rdev", stat.rdev);
  object.required("size", stat.size);
  object.required("blocks", stat.blocks);
  object.required("atime", stat.atime);
  object.required("mtime", stat.mtime);
  object.required("ctime", stat.ctime);
  object.finish();
  stat.mode = static_cast<std::uint32_t>(std::strtoul(mode.c_str(), nullptr, 8));
}

Json write_value(const DirectoryEntry& entry) {
  return {{"name", escape_bytes(entry.name)},
          {"ino", entry.ino},
          {"type", std::string(entry_type_name(entry.type))},
          {"cookie", entry.cookie}};
}

void read_value(const JsonReader& reader, DirectoryEntry& entry) {
  ObjectReader object(reader, "a directory entry");
  Path name;
  std::string type;
  object.required("name", name);
  object.required("ino", entry.ino);
  object.required("type", type);
  object.required("cookie", entry.cookie);
  object.finish();
  entry.name = name.bytes;
  for (const Named& named : kEntryTypes) {
    if (named.name == type) entry.type = static_cast<std::uint8_t>(named.value);
  }
}

Json write_value(const Outcome& outcome) {
  Json json = {{"errno", error_name(outcome.error)}};
  if (outcome.value != 0) json["value"] = outcome.value;
  if (outcome.data) json["data"] = write_value(*outcome.data);
  if (outcome.bytes) json["bytes"] = to_hex(*outcome.bytes);
  if (outcome.reply) json["reply"] = to_hex(*outcome.reply);
  if (outcome.text) json["text"] = escape_bytes(*outcome.text);
  if (outcome.names) {
    json["names"] = Json::array();
    for (const DirectoryEntry& entry : *outcome.names) json["names"].push_back(write_value(entry));
  }
  if (outcome.stat) json["stat"] = write_value(*outcome.stat);
  if (outcome.statfs) json["statfs"] = write_value(*outcome.statfs);
  return json;
}

namespace {

template <class T>
void read_part(const JsonReader& reader, ObjectReader& object, std::string_view name,
               std::optional<T>& part) {
  object.allow(name);
  if (reader.node().is_object() && reader.node().contains(name)) {
    read_value(reader.child(name), part.emplace());
  }
}

}  // namespace

void read_value(const JsonReader& reader, Outcome& outcome) {
  outcome = Outcome{};
  ObjectReader object(reader, "an outcome");
  std::string error;
  object.required("errno", error);
  object.optional("value", outcome.value, std::int64_t{0});
  read_part(reader, object, "data", outcome.data);
  read_part(reader, object, "names", outcome.names);
  read_part(reader, object, "stat", outcome.stat);
  read_part(reader, object, "statfs", outcome.statfs);
  object.allow("bytes");
  object.allow("reply");
  object.allow("text");
  object.finish();
  if (!reader.ok()) return;
  if (reader.node().contains("bytes")) outcome.bytes = read_hex(reader.child("bytes"));
  if (reader.node().contains("reply")) outcome.reply = read_hex(reader.child("reply"));
  if (reader.node().contains("text")) {
    outcome.text = unescape_bytes(reader.child("text").string("a string")).value_or("");
  }
  const auto number = error_number(error);
  if (!number) reader.child("errno").fail("\"ok\" or a symbolic errno such as \"ENOENT\"");
  outcome.error = number.value_or(0);
}

std::vector<FieldDifference> differences(const Json& left, const Json& right) {
  const Json a = left.flatten();
  const Json b = right.flatten();
  const auto field_name = [](std::string pointer) {
    for (char& c : pointer) c = c == '/' ? '.' : c;
    return pointer.substr(1);
  };
  std::vector<FieldDifference> found;
  for (const auto& [pointer, value] : a.items()) {
    const std::string other = b.contains(pointer) ? b.at(pointer).dump() : "absent";
    if (value.dump() != other) found.push_back({field_name(pointer), value.dump(), other});
  }
  for (const auto& [pointer, value] : b.items()) {
    if (!a.contains(pointer)) found.push_back({field_name(pointer), "absent", value.dump()});
  }
  return found;
}

std::vector<FieldDifference> differences(const Outcome& left, const Outcome& right) {
  if (left == right) return {};
  return differences(write_value(left), write_value(right));
}

Outcome reply_outcome(std::string_view reply) {
  Outcome outcome;
  outcome.value = static_cast<std::int64_t>(reply.size());
  outcome.data = digest_of(reply);
  if (reply.size() <= kMostCarriedBytes) outcome.reply = std::string(reply);
  return outcome;
}

}  // namespace vexfs::parity
