// SPDX-License-Identifier: MIT
// Faults of the adapter that can be switched on to prove that a check catches them: the mount
// option fault=NAME, which also takes those of the engine. Only in the build with VEXFS_PLANTED; in
// every other build the question is a compile-time no.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "fuse/core/planted.h"

namespace vexfs::daemon {

/** One mistake each; the comment says what goes wrong and which check should catch it. */
enum class Fault {
  kNone,
  /** Attributes of an inode without links stay in the kernel's cache. Check: fstat after reclaim.
   */
  kDeadAttributesCached,
  /** A close does not reach the engine. Check: volume after an unlinked file was closed. */
  kReleaseLost,
  /** A change of attributes answers those from before it. Check: stat after truncate. */
  kOldAttributesReplied,
  /** A close reaches the engine only after what follows it. Check: volume after an unlinked file
     was closed and the volume was synced. */
  kReleaseLate,
};

inline constexpr std::array<std::pair<std::string_view, Fault>, 4> kFaultNames{{
    {"dead_attributes_cached", Fault::kDeadAttributesCached},
    {"release_lost", Fault::kReleaseLost},
    {"old_attributes_replied", Fault::kOldAttributesReplied},
    {"release_late", Fault::kReleaseLate},
}};

/** The fault of that name; kNone if there is none. */
constexpr Fault fault_of(std::string_view name) {
  for (const auto& [known, fault] : kFaultNames) {
    if (known == name) {
      return fault;
    }
  }
  return Fault::kNone;
}

/** Whether a daemon that was mounted with the fault `chosen` has this one. */
constexpr bool planted(Fault chosen, Fault fault) { return core::kCanPlant && chosen == fault; }

}  // namespace vexfs::daemon
