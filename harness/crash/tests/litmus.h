// SPDX-License-Identifier: MIT
// Cases of the law that were derived by hand: tests/litmus/README.md says how they are written.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "harness/crash/tests/laws.h"
#include "harness/device/recorder.h"

namespace vexfs::parity::crash {

/// A content by its letter; '_' is what was there before everything.
using Letters = std::set<char>;

/// What happened up to one crash.
struct LitmusPhase {
  device::Recording recording;
  std::string letters;                 // of requests; ' ' for a flush
  std::map<std::uint64_t, char> base;  // by sector; '_' if absent
  Letters zeroes;                      // of requests that make zeroes, here or in a phase before
  std::uint64_t crash = 0;
  /// By sector: all letters that are legal; in every phase but the last, the one that was chosen.
  std::map<std::uint64_t, Letters> after;
};

struct LitmusCase {
  std::string name;
  std::string line;
  std::vector<LitmusPhase> phases;
};

/// The cases of a file. The error names the line and what is wrong with it.
std::expected<std::vector<LitmusCase>, std::string> read_litmus(const std::filesystem::path& file);

/// What `law` says of a sector after a phase.
Letters letters_by(const Law& law, const LitmusPhase& phase, std::uint64_t sector);

/// The volume after the phase with a legal letter in every sector, but `letter` in `sector`.
device::Volume image_with(const LitmusPhase& phase, std::uint64_t sector, char letter);

/// What stands for a letter in a volume.
std::byte byte_of(const LitmusPhase& phase, char letter);

}  // namespace vexfs::parity::crash
