// SPDX-License-Identifier: MIT
#include <concepts>
#include <span>
#include <utility>

#include "harness/scenario/operation_fields.h"
#include "harness/shrink/simplify.h"

namespace vexfs::parity {
namespace {

constexpr Mode kPlainMode{0755};
constexpr std::size_t kMostCandidates = 64;

// Candidates for one field, by its type. Each rule ends after finitely many steps.

template <std::integral Number>
std::vector<Number> simpler(const Number& value) {
  std::vector<Number> found;
  for (Number delta = value; delta != 0; delta = static_cast<Number>(delta / 2)) {
    found.push_back(static_cast<Number>(value - delta));
  }
  return found;
}

std::vector<bool> simpler(const bool&) { return {}; }  // a default, and so left to `optional`

std::vector<Mode> simpler(const Mode& mode) {
  return mode == kPlainMode ? std::vector<Mode>{} : std::vector<Mode>{kPlainMode};
}

template <class Flags>
std::vector<Flags> without_each_bit(const Flags& flags, std::span<const Named> names) {
  std::vector<Flags> found;
  for (const Named& named : names) {
    if (flags.bits & named.value) found.push_back(Flags{flags.bits & ~named.value});
  }
  return found;
}
std::vector<OpenFlags> simpler(const OpenFlags& flags) {
  return without_each_bit(flags, open_bit_names());
}
std::vector<RenameFlags> simpler(const RenameFlags& flags) {
  return without_each_bit(flags, rename_flag_names());
}

std::vector<TimeChange> simpler(const TimeChange& change) {
  if (change.kind == TimeChange::Kind::kOmit) return {};
  if (change == TimeChange{TimeChange::Kind::kSet, 1, 0}) return {TimeChange{}};
  return {TimeChange{}, TimeChange{TimeChange::Kind::kSet, 1, 0}};
}

std::vector<Data> simpler(const Data& data) {
  std::vector<Data> found;
  const std::uint64_t bytes = data_size(data);
  const auto* fill = std::get_if<ByteFill>(&data);
  const auto kind = [fill](std::uint64_t size) {
    return ByteFill{fill ? fill->value : std::uint8_t{'x'}, size};
  };
  for (const std::uint64_t size : simpler(bytes)) found.push_back(kind(size));
  if (fill == nullptr) {
    found.push_back(kind(bytes));
  }
  return found;
}

std::vector<std::optional<std::int64_t>> simpler(const std::optional<std::int64_t>& offset) {
  std::vector<std::optional<std::int64_t>> found;
  if (!offset) return {std::int64_t{0}};
  for (const std::int64_t value : simpler(*offset)) found.emplace_back(value);
  return found;
}

// Each number by itself, as long as they are few.
std::vector<Rows> simpler(const Rows& rows) {
  std::vector<Rows> found;
  if (const auto* pattern = std::get_if<RowPattern>(&rows)) {
    for (const std::uint32_t fewer : simpler(pattern->rows)) {
      if (fewer == 0) continue;  // stands for another number
      RowPattern candidate = *pattern;
      candidate.rows = fewer;
      found.emplace_back(candidate);
    }
    return found;
  }
  const auto& list = std::get<RowList>(rows);
  for (std::size_t i = 0; i < list.size() && found.size() < kMostCandidates; ++i) {
    for (std::size_t j = 0; j < list[i].size() && found.size() < kMostCandidates; ++j) {
      for (const Number plain : {Number{0}, Number{1}}) {
        if (list[i][j] == plain) break;
        RowList candidate = list;
        candidate[i][j] = plain;
        found.emplace_back(std::move(candidate));
      }
    }
  }
  return found;
}

template <class Other>
std::vector<Other> simpler(const Other&) {
  return {};  // names have rules of their own; types and options stay
}

// Puts the `wanted`-th candidate of all fields in place.
class Mutator {
 public:
  explicit Mutator(std::size_t wanted) : left_(wanted) {}

  template <class T>
  void required(std::string_view, T& field) {
    if (applied) return;
    const auto candidates = simpler(std::as_const(field));
    if (left_ < candidates.size()) {
      field = candidates[left_];
      applied = true;
    } else {
      left_ -= candidates.size();
    }
  }

  template <class T, class Default>
  void optional(std::string_view name, T& field, const Default& fallback) {
    if (applied || field == fallback) return;
    if (left_ == 0) {
      field = fallback;
      applied = true;
      return;
    }
    --left_;
    required(name, field);
  }

  bool applied = false;

 private:
  std::size_t left_;
};

}  // namespace

std::vector<Step> simpler_steps(const Step& step) {
  std::vector<Step> found;
  if (step.as) {
    found.push_back(step);
    found.back().as.reset();
    if (!step.as->groups.empty()) {
      found.push_back(step);
      found.back().as->groups.clear();
    }
  }
  for (Step& simpler : simpler_vectors(step)) found.push_back(std::move(simpler));
  for (std::size_t wanted = 0;; ++wanted) {
    Step candidate = step;
    Mutator mutator(wanted);
    visit_fields(mutator, candidate.operation);
    if (!mutator.applied) return found;
    if (candidate != step) found.push_back(std::move(candidate));
  }
}

}  // namespace vexfs::parity
