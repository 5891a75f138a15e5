// SPDX-License-Identifier: MIT
// A scenario: a volume, how it is mounted, and the steps on it. One `*.vxs.json` file.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/json_reader.h"
#include "harness/scenario/operation.h"
#include "harness/scenario/outcome.h"

namespace vexfs::parity {

/// Geometry and limits for mkfs. What is absent is mkfs's default.
struct VolumeOptions {
  std::optional<std::uint64_t> blocks;  // of 4096 bytes
  std::optional<std::uint64_t> inodes;
  std::optional<std::uint64_t> log_blocks;
  std::optional<std::uint64_t> ring_blocks;
  std::optional<std::uint64_t> tx_units;
  std::optional<std::uint64_t> tx_blocks;
  std::optional<std::uint64_t> extent_fanout;
  std::optional<std::uint64_t> max_links;
  std::optional<std::uint64_t> unit_extents;
  std::optional<std::uint64_t> unit_blocks;
  std::optional<std::uint64_t> checkpoint_blocks;
  std::optional<std::uint64_t> checkpoint_freed;
  std::optional<std::string> uuid;  // 8-4-4-4-12 lower-case hex digits
  bool operator==(const VolumeOptions&) const = default;
};

/// What a step must answer. Only what is named is checked.
struct Expectation {
  int error = 0;
  std::optional<std::int64_t> value;
  std::optional<std::string> text;
  std::optional<std::vector<std::string>> names;  // in order, without "." and ".."
  std::map<std::string, std::int64_t>
      stat;                         // "nlink", "size", "blocks", "mode", "uid", "gid", "ino"
  Json reply;                       // members of a door's reply; null: none is checked
  std::vector<Expectation> others;  // any of these will do as well
  bool operator==(const Expectation&) const = default;
};

struct Step {
  Operation operation;
  std::optional<Credentials> as;  // none: root
  std::optional<Expectation> expect;
  bool operator==(const Step&) const = default;
};

/// What a run found with this scenario.
struct Finding {
  std::string signature;                      // the failure that shrinking kept
  std::map<std::string, std::string> builds;  // target -> build identity
  bool operator==(const Finding&) const = default;
};

struct Scenario {
  std::string name;
  std::string comment;
  VolumeOptions volume;
  MountOptions mount;
  std::uint64_t seed = 0;
  std::vector<Step> steps;
  std::optional<Finding> found;
  bool operator==(const Scenario&) const = default;
};

/// How `outcome` misses what the step expects, one line for each; empty if it is met or nothing is
/// expected.
std::vector<std::string> unmet(const Step& step, const Outcome& outcome);

/// Reads a scenario. The error is one line with the JSON pointer of the fault and what was expected
/// there.
std::expected<Scenario, std::string> parse_scenario(std::string_view text);

/// The text of a scenario file, one step a line; parse_scenario(format_scenario(s)) == s.
std::string format_scenario(const Scenario& scenario);

/// The file forms of the two above; errors name the file.
std::expected<Scenario, std::string> load_scenario(const std::filesystem::path& file);
std::expected<void, std::string> save_scenario(const Scenario& scenario,
                                               const std::filesystem::path& file);

}  // namespace vexfs::parity
