// SPDX-License-Identifier: MIT
// Every rule of docs/format.md, checked on a volume image.
#pragma once

#include <span>
#include <string_view>

#include "reference/tools/inspect/finding.h"
#include "reference/tools/inspect/volume_view.h"

namespace vexfs::tools {

// Checks the volume in `image`, which is only read. A dirty log is first replayed in memory, so
// that what is checked is what the next mount would find. Any bytes are legal input.
Findings check_volume(Bytes image);

// A rule that a finding can name, and what a repair would do about it.
struct Rule {
  std::string_view name;
  std::string_view repair;
};
// All rules, by name.
std::span<const Rule> all_rules();
// What a repair would do about findings of this rule; empty for an unknown rule.
std::string_view repair_of(std::string_view rule);

}  // namespace vexfs::tools
