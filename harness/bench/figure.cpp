// SPDX-License-Identifier: MIT
#include "harness/bench/figure.h"

#include <algorithm>

#include <fmt/format.h>

namespace vexfs::parity {
namespace {

std::string number(double value) {
  return fmt::format("{:.{}f}", value, value >= 1000 ? 0 : value >= 10 ? 1 : 3);
}

std::string target_text(const Figure& figure) {
  if (!figure.target) return "";
  return fmt::format("{} {}", figure.more_is_better ? ">=" : "<=", number(*figure.target));
}

}  // namespace

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::string figures_text(std::span<const Figure> figures) {
  std::string text =
      fmt::format("{:<44} {:>10} {:<5} {:>10} {:<7} {}\n", "figure", "value", "", "target", "", "");
  for (const Figure& figure : figures) {
    const char* met = !figure.target ? "" : figure.meets_target() ? "met" : "MISSED";
    text += fmt::format("{:<44} {:>10} {:<5} {:>10} {:<7} {}\n", figure.name, number(figure.value),
                        figure.unit, target_text(figure), met, figure.note);
  }
  return text;
}

nlohmann::json figures_json(std::span<const Figure> figures) {
  nlohmann::json list = nlohmann::json::array();
  for (const Figure& figure : figures) {
    nlohmann::json object{{"name", figure.name},
                          {"value", figure.value},
                          {"unit", figure.unit},
                          {"note", figure.note}};
    if (figure.target) {
      object["target"] = *figure.target;
      object["met"] = figure.meets_target();
    }
    list.push_back(std::move(object));
  }
  return list;
}

}  // namespace vexfs::parity
