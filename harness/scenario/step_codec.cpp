// SPDX-License-Identifier: MIT
// One step: {"op": NAME, fields..., "as": {...}, "expect": ...}.
#include "harness/scenario/door_reply.h"
#include "harness/scenario/error_name.h"
#include "harness/scenario/operation_fields.h"
#include "harness/scenario/scenario_codec.h"

namespace vexfs::parity {
namespace {

template <std::size_t... I>
Operation make_alternative(std::size_t index, std::index_sequence<I...>) {
  Operation operation;
  ((index == I ? (operation.emplace<I>(), true) : false) || ...);
  return operation;
}

std::optional<Operation> operation_named(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kOperationNames); ++i) {
    if (kOperationNames[i] == name) return make_operation(i);
  }
  return std::nullopt;
}

std::string all_names() {
  std::string list;
  for (std::string_view name : kOperationNames)
    list += (list.empty() ? "" : ", ") + std::string(name);
  return list;
}

// "ok", an errno or null where the reader faulted.
int read_error(const JsonReader& reader) {
  constexpr std::string_view kWhat = "\"ok\" or a symbolic errno such as \"ENOENT\"";
  const auto number = error_number(reader.string(kWhat));
  if (!number) reader.fail(std::string(kWhat));
  return number.value_or(0);
}

constexpr std::string_view kStatFields[] = {"ino", "mode", "nlink", "uid", "gid", "size", "blocks"};

void read_stat_map(const JsonReader& reader, std::map<std::string, std::int64_t>& stat) {
  ObjectReader object(reader, "an object of stat fields");
  for (std::string_view name : kStatFields) {
    if (reader.node().is_object() && reader.node().contains(name)) {
      object.required(name, stat[std::string(name)]);
    }
    object.allow(name);
  }
  object.finish();
}

std::int64_t stat_field(const StatFields& stat, std::string_view name) {
  if (name == "ino") return static_cast<std::int64_t>(stat.ino);
  if (name == "mode") return stat.mode;
  if (name == "nlink") return static_cast<std::int64_t>(stat.nlink);
  if (name == "uid") return stat.uid;
  if (name == "gid") return stat.gid;
  if (name == "size") return stat.size;
  return static_cast<std::int64_t>(stat.blocks);
}

// The first one holds the others.
void read_alternatives(const JsonReader& reader, Expectation& expectation) {
  std::vector<Expectation> all;
  for (std::size_t i = 0; i < reader.node().size(); ++i) {
    const JsonReader item = reader.child(i);
    if (item.node().is_array()) item.fail("an expectation that is no list itself");
    if (!reader.ok()) return;
    read_value(item, all.emplace_back());
  }
  if (all.size() < 2) return reader.fail("at least two expectations, of which one shall hold");
  expectation = all.front();
  expectation.others.assign(all.begin() + 1, all.end());
}

}  // namespace

Operation make_operation(std::size_t index) {
  return make_alternative(index, std::make_index_sequence<std::variant_size_v<Operation>>());
}

void read_value(const JsonReader& reader, Expectation& expectation) {
  if (reader.node().is_array()) return read_alternatives(reader, expectation);
  if (reader.node().is_string()) {
    expectation.error = read_error(reader);
    return;
  }
  ObjectReader object(reader, "an errno or an object with errno, value, text, names, stat, reply");
  const auto present = [&](std::string_view name) {
    object.allow(name);
    return reader.node().is_object() && reader.node().contains(name);
  };
  if (present("errno")) expectation.error = read_error(reader.child("errno"));
  if (present("value")) read_value(reader.child("value"), expectation.value.emplace());
  if (present("text")) read_value(reader.child("text"), expectation.text.emplace());
  if (present("names")) read_value(reader.child("names"), expectation.names.emplace());
  if (present("stat")) read_stat_map(reader.child("stat"), expectation.stat);
  if (present("reply")) {
    expectation.reply = reader.node().at("reply");
    reader.child("reply").is_object("an object with members of the reply");
  }
  object.finish();
}

Json write_value(const Expectation& expectation) {
  Json json = {{"errno", error_name(expectation.error)}};
  if (expectation.value) json["value"] = *expectation.value;
  if (expectation.text) json["text"] = *expectation.text;
  if (expectation.names) json["names"] = *expectation.names;
  if (!expectation.stat.empty()) json["stat"] = expectation.stat;
  if (!expectation.reply.is_null()) json["reply"] = expectation.reply;
  if (json.size() == 1) json = Json(json["errno"]);
  if (expectation.others.empty()) return json;
  Json all = Json::array({std::move(json)});
  for (const Expectation& other : expectation.others) all.push_back(write_value(other));
  return all;
}

void read_value(const JsonReader& reader, Step& step) {
  step = Step{};
  ObjectReader object(reader, "a step: an object with \"op\"");
  std::string name;
  object.required("op", name);
  if (!reader.ok()) return;
  const auto operation = operation_named(name);
  if (!operation) return reader.child("op").fail("one of " + all_names());
  step.operation = *operation;
  visit_fields(object, step.operation);
  object.allow("as");
  object.allow("expect");
  object.finish();
  if (!reader.ok()) return;
  const Read* read = std::get_if<Read>(&step.operation);
  if (read != nullptr && read->length > kMaxDataBytes) {
    reader.child("length").fail("at most " + std::to_string(kMaxDataBytes) + " bytes");
  }
  if (reader.node().contains("as")) read_value(reader.child("as"), step.as.emplace());
  if (reader.node().contains("expect")) read_value(reader.child("expect"), step.expect.emplace());
}

Json write_value(const Step& step) {
  ObjectWriter object;
  object.json["op"] = std::string(operation_name(step.operation));
  visit_fields(object, step.operation);
  if (step.as) object.json["as"] = write_value(*step.as);
  if (step.expect) object.json["expect"] = write_value(*step.expect);
  return object.json;
}

namespace {

std::vector<std::string> missed_of(const Expectation& expectation, const Step& step,
                                   const Outcome& outcome) {
  std::vector<std::string> misses;
  const auto check = [&](std::string_view what, const std::string& expected,
                         const std::string& got) {
    if (expected != got) {
      misses.push_back(std::string(what) + ": expected " + expected + ", got " + got);
    }
  };
  check("errno", error_name(expectation.error), error_name(outcome.error));
  if (!misses.empty()) return misses;
  if (expectation.value)
    check("value", std::to_string(*expectation.value), std::to_string(outcome.value));
  if (expectation.text)
    check("text", *expectation.text, escape_bytes(outcome.text.value_or("(none)")));
  for (const auto& [name, value] : expectation.stat) {
    const std::string got =
        outcome.stat ? std::to_string(stat_field(*outcome.stat, name)) : "(none)";
    check("stat." + name, std::to_string(value), got);
  }
  if (expectation.names) {
    Json names = Json::array();
    for (const DirectoryEntry& entry : outcome.names.value_or(std::vector<DirectoryEntry>{})) {
      if (entry.name != "." && entry.name != "..") names.push_back(escape_bytes(entry.name));
    }
    check("names", Json(*expectation.names).dump(), names.dump());
  }
  if (!expectation.reply.is_null()) {
    const Json reply =
        outcome.reply ? reply_json(*outcome.reply, element_type_of(step.operation)) : Json();
    if (!contains(reply, expectation.reply)) {
      check("reply", expectation.reply.dump(), reply.dump());
    }
  }
  return misses;
}

}  // namespace

std::vector<std::string> unmet(const Step& step, const Outcome& outcome) {
  if (!step.expect) return {};
  auto misses = missed_of(*step.expect, step, outcome);
  for (const Expectation& other : step.expect->others) {
    if (misses.empty()) break;
    const auto more = missed_of(other, step, outcome);
    if (more.empty()) return {};
    for (const std::string& miss : more) misses.push_back("or " + miss);
  }
  return misses;
}

}  // namespace vexfs::parity
