// SPDX-License-Identifier: MIT
// Where power fails, as it stands in a scenario file.
#include "harness/scenario/value_codec.h"

namespace vexfs::parity {
namespace {

constexpr std::string_view kForms =
    "\"any\", {\"step\":..}, {\"after\":..}, {\"flush\":..} or {\"writes\":[..]}";

constexpr Named kSeverities[] = {
    {"prefix", static_cast<std::uint32_t>(crash::Severity::kPrefix)},
    {"drop", static_cast<std::uint32_t>(crash::Severity::kDrop)},
    {"torn", static_cast<std::uint32_t>(crash::Severity::kTorn)},
    {"garbage", static_cast<std::uint32_t>(crash::Severity::kGarbage)}};

struct PlaceWriter {
  Json operator()(const std::monostate&) const { return nullptr; }  // has no text: it is absent
  Json operator()(const AnyMoment&) const { return "any"; }
  Json operator()(const DuringStep& at) const { return {{"step", at.step}}; }
  Json operator()(const AfterStep& at) const { return {{"after", at.step}}; }
  Json operator()(const DuringFlush& at) const { return {{"flush", at.flush}}; }
  Json operator()(const OneState& at) const { return {{"writes", at.write_sets}}; }
};

}  // namespace

void read_value(const JsonReader& reader, CrashPlace& value) {
  value = AnyMoment{};
  if (reader.node() == "any") return;
  if (!reader.is_object(kForms)) return;
  ObjectReader object(reader, kForms);
  if (reader.node().contains("step")) {
    object.required("step", value.emplace<DuringStep>().step);
  } else if (reader.node().contains("after")) {
    object.required("after", value.emplace<AfterStep>().step);
  } else if (reader.node().contains("flush")) {
    auto& flush = value.emplace<DuringFlush>().flush;
    object.required("flush", flush);
    if (flush == 0) reader.child("flush").fail("the number of a flush: the first one is 1");
  } else if (reader.node().contains("writes")) {
    auto& sets = value.emplace<OneState>().write_sets;
    object.required("writes", sets);
    if (sets.empty()) reader.child("writes").fail("at least one write set");
  } else {
    reader.fail(std::string(kForms));
  }
  object.finish();
}

Json write_value(const CrashPlace& value) { return std::visit(PlaceWriter{}, value); }

void read_value(const JsonReader& reader, crash::Severity& value) {
  value = static_cast<crash::Severity>(read_name(reader, kSeverities));
}

Json write_value(const crash::Severity& value) {
  return write_name(kSeverities, static_cast<std::uint32_t>(value));
}

}  // namespace vexfs::parity
