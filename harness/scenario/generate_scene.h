// SPDX-License-Identifier: MIT
// What a generator of operations works with, and the table of all of them.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/generate_draw.h"
#include "harness/scenario/generate_world.h"

namespace vexfs::parity {

inline constexpr std::uint64_t kMostSteps = 60;

/// How a theme bends the choices that all generators share.
struct Habits {
  unsigned stranger_percent = 6;   // steps that somebody else than root executes
  unsigned long_name_percent = 3;  // new names of 200 to 255 bytes
  std::uint64_t least_steps = 30;  // of at most kMostSteps
  unsigned wrong_percent = 25;     // steps spoiled on purpose
  std::string favourite;           // a directory that new names go to more often; may not exist
};

class Scene {
 public:
  Scene(World& world_in, Draw& draw_in, Habits habits_in)
      : world(world_in), draw(draw_in), habits(std::move(habits_in)) {}

  /// A node that satisfies the condition; nullptr if there is none.
  const Node* node(const std::function<bool(const Node&)>& condition);
  /// Path of an existing directory.
  std::string directory();
  /// A name that the directory does not have.
  std::string fresh_name(const std::string& directory);
  /// A path whose parent exists and which does not.
  std::string fresh_path();
  /// An open handle that satisfies the condition; nullptr if there is none.
  const OpenHandle* handle(const std::function<bool(const OpenHandle&)>& condition);
  /// A name for a handle that is not in use.
  Handle fresh_handle();
  /// Some bytes, mostly few.
  Data data(std::uint64_t most);
  /// A collection; none if there is none.
  std::optional<Collection> collection();
  /// A pattern of rows that fit the collection: of few seeds, so that rows come again.
  RowPattern pattern(const Collection& collection);
  /// Some ids out of a few hundred, so that they meet again.
  Ids ids(std::uint64_t most);
  Mode file_mode();
  Mode directory_mode();

  World& world;
  Draw& draw;
  Habits habits;
  std::int64_t clock = 0;           // last set by a step
  std::uint64_t next_fragment = 0;  // of the theme with fragmented files
};

/// Makes one operation for the scene, or nothing where the scene has no object for it.
using Maker = std::optional<Operation> (*)(Scene& scene);

struct Move {
  std::string_view name;
  unsigned weight = 0;  // against the other moves; 0: only in themes that ask for it
  Maker make = nullptr;
};

// Each in its generate_*.cpp.
std::span<const Move> name_moves();
std::span<const Move> file_moves();
std::span<const Move> attribute_moves();
std::span<const Move> volume_moves();
std::span<const Move> vector_update_moves();
std::span<const Move> vector_query_moves();
std::span<const Move> vector_file_moves();
std::span<const Move> theme_moves();

/// The last steps of a scenario in which the device fails, up to the recovery; none on a read-only
/// mount. docs/determinism.md, "Errors of the device".
std::vector<Step> failing_device_steps(Scene& scene);

/// Breaks one argument: a path that is missing, too long or of the wrong type, a handle that is
/// closed or not fit, an impossible size.
void spoil(Operation& operation, Scene& scene);

}  // namespace vexfs::parity
