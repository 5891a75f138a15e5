// SPDX-License-Identifier: MIT
// What a scenario brought the reference to, read off its volumes and outcomes; for coverage
// counters.
#pragma once

#include <string>
#include <vector>

#include "harness/scenario/scenario.h"
#include "harness/target/target.h"

namespace vexfs::parity {

/// The corners of the format that generated scenarios must reach often.
struct Features {
  bool wide_directory = false;      // a directory of two or more blocks
  bool deep_extents = false;        // an extent tree of depth 2 or more
  bool wrapped_log = false;         // the log's first block was written again
  bool wrapped_ring = false;        // the oldest event was forgotten
  bool unlinked_open_file = false;  // a file without a name that a handle kept
  bool crashed = false;             // power failed at least once
  bool linked_vectors = false;      // a link step
  bool upper_level = false;         // a graph with an entry above level 0
  bool duplicate_vector = false;    // a slot on the chain of another
  bool dead_vector = false;         // a slot whose vector was deleted or replaced
  bool search_cut_short = false;    // a limit of visits ended a search
  bool search_resumed = false;
  bool file_vector = false;  // an inode that may have a vector in its home's collection

  Features& operator|=(const Features& other);
};

/// The features that hold, as reports name them: "wide directory", ...
std::vector<std::string> names_of(const Features& features);

/// All names that names_of can give.
std::vector<std::string> all_feature_names();

/// What an unmounted volume shows.
Features features_of_volume(const Image& volume);

/// What one step and its outcome show.
Features features_of_step(const Step& step, const Outcome& outcome);

}  // namespace vexfs::parity
