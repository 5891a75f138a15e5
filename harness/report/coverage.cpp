// SPDX-License-Identifier: MIT
#include "harness/report/coverage.h"

#include <fmt/format.h>

namespace vexfs::parity {

bool Coverage::count(std::string_view operation, std::string_view error) {
  return ++answers_[std::string(operation)][std::string(error)] == 1;
}

bool Coverage::reach(std::string_view feature) { return ++features_[std::string(feature)] == 1; }

void Coverage::merge(const Coverage& other) {
  for (const auto& [operation, counts] : other.answers_) {
    for (const auto& [error, times] : counts) answers_[operation][error] += times;
  }
  for (const auto& [feature, times] : other.features_) features_[feature] += times;
}

std::uint64_t Coverage::times(std::string_view operation, std::string_view error) const {
  const auto counts = answers_.find(operation);
  if (counts == answers_.end()) return 0;
  const auto found = counts->second.find(error);
  return found == counts->second.end() ? 0 : found->second;
}

std::uint64_t Coverage::reached(std::string_view feature) const {
  const auto found = features_.find(feature);
  return found == features_.end() ? 0 : found->second;
}

std::set<std::string> Coverage::errors_of(std::string_view operation) const {
  std::set<std::string> errors;
  const auto counts = answers_.find(operation);
  if (counts == answers_.end()) return errors;
  for (const auto& [error, times] : counts->second) {
    if (error != "ok") errors.insert(error);
  }
  return errors;
}

std::size_t Coverage::size() const {
  std::size_t pairs = features_.size();
  for (const auto& [operation, counts] : answers_) pairs += counts.size();
  return pairs;
}

std::uint64_t Coverage::operations() const {
  std::uint64_t total = 0;
  for (const auto& [operation, counts] : answers_) {
    for (const auto& [error, times] : counts) total += times;
  }
  return total;
}

double Coverage::success_share() const {
  std::uint64_t successes = 0;
  for (const auto& [operation, counts] : answers_) successes += times(operation, "ok");
  return operations() == 0 ? 0.0
                           : static_cast<double>(successes) / static_cast<double>(operations());
}

std::string Coverage::text() const {
  std::string text;
  for (const auto& [operation, counts] : answers_) {
    text += fmt::format("  {:<15} ok {}", operation, times(operation, "ok"));
    for (const std::string& error : errors_of(operation)) {
      text += fmt::format(", {} {}", error, times(operation, error));
    }
    text += "\n";
  }
  return text;
}

Json Coverage::to_json() const {
  Json json = {{"operations", Json::object()}, {"features", Json::object()}};
  for (const auto& [operation, counts] : answers_) {
    for (const auto& [error, times] : counts) json["operations"][operation][error] = times;
  }
  for (const auto& [feature, times] : features_) json["features"][feature] = times;
  return json;
}

}  // namespace vexfs::parity
