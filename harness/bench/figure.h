// SPDX-License-Identifier: MIT
// One measured number, and how it is told.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace vexfs::parity {

struct Figure {
  std::string name;  // "guest ready, Linux 6.1"
  double value = 0;
  std::string unit;  // "s", "op/s", "us"
  std::optional<double> target;
  bool more_is_better = false;
  std::string note;  // how it was measured, or what to think of it

  /// No target: met.
  bool meets_target() const {
    return !target || (more_is_better ? value >= *target : value <= *target);
  }
};

/// The middle value; the lower of the two middle ones of an even number. At least one value.
double median(std::vector<double> values);

/// One line for each figure, columns aligned.
std::string figures_text(std::span<const Figure> figures);

nlohmann::json figures_json(std::span<const Figure> figures);

}  // namespace vexfs::parity
