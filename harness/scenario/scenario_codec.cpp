// SPDX-License-Identifier: MIT
#include "harness/scenario/scenario_codec.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace vexfs::parity {
namespace {

constexpr int kVersion = 1;

bool is_uuid(std::string_view text) {
  constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (kShape[i] == '-' ? text[i] != '-' : !hex) return false;
  }
  return true;
}

std::expected<Json, std::string> parse_json(std::string_view text) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const std::size_t end = std::min<std::size_t>(error.byte, text.size());
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
    return std::unexpected("not JSON (line " + std::to_string(line) + "): " + error.what());
  }
}

}  // namespace

void read_value(const JsonReader& reader, VolumeOptions& volume) {
  volume = VolumeOptions{};
  ObjectReader object(reader, "an object with volume options");
  visit_volume(
      [&](std::string_view name, auto& member) {
        if (reader.node().is_object() && reader.node().contains(name)) {
          object.required(name, member.emplace());
        }
        object.allow(name);
      },
      volume);
  object.finish();
  if (volume.uuid && !is_uuid(*volume.uuid)) {
    reader.child("uuid").fail("a uuid: 8-4-4-4-12 lower-case hex digits");
  }
}

Json write_value(const VolumeOptions& volume) {
  Json json = Json::object();
  visit_volume(
      [&](std::string_view name, const auto& member) {
        if (member) json[std::string(name)] = *member;
      },
      volume);
  return json;
}

void read_value(const JsonReader& reader, Finding& finding) {
  ObjectReader object(reader, "an object with signature and builds");
  object.required("signature", finding.signature);
  object.allow("builds");
  object.finish();
  if (!reader.ok() || !reader.node().contains("builds")) return;
  const JsonReader builds = reader.child("builds");
  if (!builds.is_object("an object of target names and build identities")) return;
  for (const auto& [name, value] : builds.node().items()) {
    read_value(builds.child(name), finding.builds[name]);
  }
}

Json write_value(const Finding& finding) {
  return {{"signature", finding.signature}, {"builds", finding.builds}};
}

void read_value(const JsonReader& reader, Scenario& scenario) {
  scenario = Scenario{};
  ObjectReader object(reader, "a scenario: an object with \"vxs\": 1");
  std::uint32_t version = 0;
  object.required("vxs", version);
  if (reader.ok() && version != kVersion) reader.child("vxs").fail("format version 1");
  object.required("name", scenario.name);
  object.optional("comment", scenario.comment, std::string());
  object.optional("volume", scenario.volume, VolumeOptions{});
  object.optional("mount", scenario.mount, MountOptions{});
  object.optional("seed", scenario.seed, std::uint64_t{0});
  object.required("steps", scenario.steps);
  object.allow("found");
  object.finish();
  if (reader.ok() && reader.node().contains("found")) {
    read_value(reader.child("found"), scenario.found.emplace());
  }
}

Json write_value(const Scenario& scenario) {
  Json json = {{"vxs", kVersion}, {"name", scenario.name}};
  if (!scenario.comment.empty()) json["comment"] = scenario.comment;
  json["volume"] = write_value(scenario.volume);
  json["mount"] = write_value(scenario.mount);
  json["seed"] = scenario.seed;
  json["steps"] = Json::array();
  for (const Step& step : scenario.steps) json["steps"].push_back(write_value(step));
  if (scenario.found) json["found"] = write_value(*scenario.found);
  return json;
}

std::expected<Scenario, std::string> parse_scenario(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return std::unexpected(json.error());
  std::optional<Fault> fault;
  Scenario scenario;
  read_value(JsonReader(*json, "", fault), scenario);
  if (fault) return std::unexpected(fault->message());
  return scenario;
}

std::string format_scenario(const Scenario& scenario) {
  const Json json = write_value(scenario);
  std::string text = "{";
  for (const auto& [key, value] : json.items()) {
    text += (text.size() > 1 ? ",\n  \"" : "\n  \"") + key + "\": ";
    if (key != "steps") {
      text += value.dump();
      continue;
    }
    text += "[";
    for (std::size_t i = 0; i < value.size(); ++i)
      text += (i > 0 ? ",\n    " : "\n    ") + value[i].dump();
    text += value.empty() ? "]" : "\n  ]";
  }
  return text + "\n}\n";
}

std::expected<Scenario, std::string> load_scenario(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return std::unexpected(file.string() + ": cannot be read; is it there?");
  auto scenario = parse_scenario(text.str());
  if (!scenario) return std::unexpected(file.string() + ": " + scenario.error());
  return scenario;
}

std::expected<void, std::string> save_scenario(const Scenario& scenario,
                                               const std::filesystem::path& file) {
  std::filesystem::path temporary = file;
  temporary += ".new";
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out << format_scenario(scenario);
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(temporary, file, error);
  if (!out || error) {
    return std::unexpected(file.string() +
                           ": cannot be written; does the folder exist, is it full?");
  }
  return {};
}

}  // namespace vexfs::parity
