// SPDX-License-Identifier: MIT
// What a run has tried: for each operation its answers, and which features were reached.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "harness/scenario/json_reader.h"

namespace vexfs::parity {

class Coverage {
 public:
  /// Counts one executed operation; `error` is "ok" or an errno's name. True if this pair is new.
  bool count(std::string_view operation, std::string_view error);

  /// Counts a scenario that reached a feature, such as "directory of two blocks". Call once a
  /// scenario and feature. True if the feature is new.
  bool reach(std::string_view feature);

  void merge(const Coverage& other);

  std::uint64_t times(std::string_view operation, std::string_view error) const;
  std::uint64_t reached(std::string_view feature) const;
  /// Names of the errors (not "ok") that `operation` has met.
  std::set<std::string> errors_of(std::string_view operation) const;
  /// Number of distinct (operation, answer) pairs and features: what "new coverage" counts.
  std::size_t size() const;
  /// Operations in all, and the share of them that succeeded (0 to 1; 0 for none).
  std::uint64_t operations() const;
  double success_share() const;

  /// For a person: a line for each operation, "  mkdir           ok 5123, EEXIST 210".
  std::string text() const;

  /// {"operations": {"mkdir": {"ok": 5, "EEXIST": 1}}, "features": {"...": 3}}
  Json to_json() const;

  bool operator==(const Coverage&) const = default;

 private:
  using Counts = std::map<std::string, std::uint64_t, std::less<>>;
  std::map<std::string, Counts, std::less<>> answers_;
  Counts features_;
};

}  // namespace vexfs::parity
