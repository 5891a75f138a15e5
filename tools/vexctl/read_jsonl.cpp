// SPDX-License-Identifier: MIT
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/vexctl/json_row.h"
#include "tools/vexctl/row_reader.h"

namespace vexfs::ctl {
namespace {

using nlohmann::json;

std::unexpected<Failure> wrong(const std::string& what) {
  return std::unexpected(
      Failure{what + R"(: a vector is a list of numbers, or {"id": 7, "vector": [0.5, 1]})"});
}

class JsonlReader : public RowReader {
 public:
  explicit JsonlReader(InputFile file) : RowReader(std::move(file)) {}

  Result<bool> next(Row& row) override {
    for (std::string text;;) {
      const auto got = file_.read_line(text);
      if (!got || !*got) return got;
      line_++;
      if (std::ranges::all_of(text, [](unsigned char c) { return std::isspace(c) != 0; })) continue;
      auto parsed = parse_json_row(text);
      if (!parsed) return file_.failure(fmt::format("line {}: {}", line_, parsed.error().message));
      row = std::move(*parsed);
      return true;
    }
  }

 private:
  std::uint64_t line_ = 0;
};

}  // namespace

Result<Row> parse_json_row(const std::string& text) {
  const json value = json::parse(text, nullptr, false);
  if (value.is_discarded()) return wrong("this is no JSON");
  const json list = value.is_object() ? value.value("vector", json()) : value;
  if (!list.is_array()) return wrong("there is no list");
  Row row;
  for (const json& element : list) {
    if (!element.is_number()) return wrong("an element is " + element.dump() + ", no number");
    row.values.push_back(element.get<double>());
  }
  if (!value.is_object() || !value.contains("id")) return row;
  if (!value["id"].is_number_unsigned()) {
    return wrong("the id " + value["id"].dump() + " is no whole number from 0");
  }
  row.id = value["id"].get<std::uint64_t>();
  return row;
}

Result<std::unique_ptr<RowReader>> open_jsonl(InputFile file) {
  return std::make_unique<JsonlReader>(std::move(file));
}

}  // namespace vexfs::ctl
