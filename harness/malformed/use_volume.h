// SPDX-License-Identifier: MIT
// What is done with a mounted volume that may be damaged: everything is listed and read, then some
// things are changed, and what is compared of that.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/scenario/scenario.h"

namespace vexfs::parity {

/// How far an examined volume's answers are laid down (docs/format.md, "Validation on read").
enum class Laid {
  kAll,      // fsck finds nothing: also the bytes that changes leave
  kAnswers,  // fsck finds damage: what operations answer
  kReads,    // and blocks may have two owners: until something is changed
};

/// By what fsck says of the volume.
Laid laid_down(std::span<const std::byte> volume);

/// Executes one operation and answers what it gave; nothing once there is no point in going on.
using Ask = std::function<std::optional<Outcome>(Operation)>;

/// Lists and reads what can be reached from the root, at most `most_nodes` names (a damaged tree
/// may be endless). Answers the files found.
std::vector<std::string> walk_volume(const Ask& ask, std::size_t most_nodes);

/// Uses the allocators, directories, the log and the event ring.
void change_volume(const Ask& ask, const std::vector<std::string>& files);

}  // namespace vexfs::parity
