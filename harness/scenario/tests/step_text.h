// SPDX-License-Identifier: MIT
// Steps as a person writes them, for tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/scenario/scenario_codec.h"

namespace vexfs::parity {

/// Reads `text` into `step`; what is wrong with it, or "".
inline std::string fault_of(std::string_view text, Step& step) {
  std::optional<Fault> fault;
  const Json json = Json::parse(text);
  read_value(JsonReader(json, "", fault), step);
  return fault ? fault->message() : "";
}

}  // namespace vexfs::parity
