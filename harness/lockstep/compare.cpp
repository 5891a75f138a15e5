// SPDX-License-Identifier: MIT
#include "harness/lockstep/compare.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "harness/scenario/door_reply.h"
#include "harness/scenario/error_name.h"
#include "harness/scenario/operation_fields.h"
#include "harness/scenario/scenario_codec.h"
#include "reference/tools/fsck/check_volume.h"

namespace vexfs::parity {
namespace {

constexpr std::size_t kMostLines = 20;

std::string step_text(std::size_t index, const Step& step) {
  return fmt::format("step {}: {}", index, write_value(step).dump());
}

}  // namespace

std::optional<Failure> compare_outcomes(std::span<const Step> steps, std::size_t first_step,
                                        std::span<const Outcome> reference,
                                        std::span<const Outcome> other, const std::string& target) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (reference[i] == other[i]) continue;
    Failure failure;
    failure.kind = FailureKind::kTrace;
    failure.target = target;
    failure.step = first_step + i;
    failure.lines.push_back(step_text(first_step + i, steps[i]));
    const auto fields = differences(steps[i].operation, reference[i], other[i]);
    for (const FieldDifference& field : fields) {
      failure.lines.push_back(
          fmt::format("{}: reference {} / {} {}", field.field, field.left, target, field.right));
    }
    const std::string first = fields.empty() ? "outcome" : fields.front().field;
    failure.signature =
        fmt::format("trace {} {} {}", target, operation_name(steps[i].operation), first);
    return failure;
  }
  return std::nullopt;
}

std::optional<Failure> check_expectations(std::span<const Step> steps, std::size_t first_step,
                                          std::span<const Outcome> reference) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto missed = unmet(steps[i], reference[i]);
    if (missed.empty()) continue;
    Failure failure;
    failure.kind = FailureKind::kExpectation;
    failure.target = "reference";
    failure.step = first_step + i;
    failure.signature = fmt::format("expectation {}", operation_name(steps[i].operation));
    failure.lines.push_back(step_text(first_step + i, steps[i]));
    failure.lines.insert(failure.lines.end(), missed.begin(), missed.end());
    return failure;
  }
  return std::nullopt;
}

std::optional<Failure> check_volume(std::span<const std::byte> volume, const std::string& target) {
  const tools::Findings findings = tools::check_volume(volume);
  if (findings.clean()) return std::nullopt;
  Failure failure;
  failure.kind = FailureKind::kFsck;
  failure.target = target;
  for (const tools::Finding& finding : findings.all()) {
    if (finding.severity != tools::Severity::kError) continue;
    if (failure.signature.empty())
      failure.signature = fmt::format("fsck {} {}", target, finding.rule);
    if (failure.lines.size() == kMostLines) break;
    failure.lines.push_back(fmt::format("{}: {}: expected {}, found {}", finding.rule, finding.path,
                                        finding.expected, finding.actual));
  }
  return failure;
}

std::optional<Failure> compare_failures(const TargetFailure* reference, const TargetFailure* other,
                                        const std::string& target) {
  if (reference == nullptr && other == nullptr) return std::nullopt;
  Failure failure;
  failure.target = target;
  if (other != nullptr && other->kind == TargetFailure::Kind::kDied) {
    failure.kind = FailureKind::kDeath;
    failure.signature = fmt::format("death {} {}", target, other->what);
    failure.lines.push_back(other->what);
    failure.evidence = other->evidence;
    return failure;
  }
  const int expected = reference != nullptr ? reference->error : 0;
  const int got = other != nullptr ? other->error : 0;
  if (reference != nullptr && other != nullptr && expected == got) return std::nullopt;
  failure.kind = FailureKind::kRefusal;
  failure.signature =
      fmt::format("refusal {} {} {}", target, error_name(expected), error_name(got));
  if (reference != nullptr) failure.lines.push_back("reference: " + reference->what);
  if (other != nullptr) failure.lines.push_back(target + ": " + other->what);
  if (other == nullptr) failure.lines.push_back(target + ": no error");
  if (other != nullptr) failure.evidence = other->evidence;
  return failure;
}

}  // namespace vexfs::parity
