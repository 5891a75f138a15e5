// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "harness/diff/compare_volumes.h"
#include "harness/lockstep/compare.h"

namespace vexfs::parity {

std::optional<Failure> compare_images(const Image& reference, const Image& other, bool raw,
                                      const std::string& target, FailureKind kind) {
  CompareOptions options;
  options.skip_free_blocks = !raw;
  options.max_differences = 40;
  const auto differences = compare_volumes(reference, other, options);
  if (differences.empty()) return std::nullopt;
  Failure failure;
  failure.kind = kind;
  failure.target = target;
  failure.signature =
      fmt::format("{} {} {}", name_of(kind), target, path_signature(differences.front().path));
  for (const Difference& difference : differences) failure.lines.push_back(difference.text());
  failure.evidence = hex_dump(differences.front());
  return failure;
}

}  // namespace vexfs::parity
