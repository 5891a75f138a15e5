// SPDX-License-Identifier: MIT
// One crash state, named by what survived: short enough for a report or a scenario file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "harness/crash/legal_states.h"

namespace vexfs::parity::crash {

/// What one undecided request left on the medium.
struct Survivor {
  std::size_t request = 0;  // index in Recording::requests
  bool whole = true;
  /// If not whole: the sectors that survive, counted from the request's first one; ascending and
  /// not touching each other.
  std::vector<SectorRange> pieces = {};
  /// If not whole: sectors that hold neither old nor new content but garbage; ascending.
  std::vector<std::uint64_t> garbage = {};

  bool operator==(const Survivor&) const = default;
};

/// A crash, and the undecided requests that survived it, in the order in which they are applied on
/// top of what is durable. A sector of a survivor in which it is not legal is left alone, so that
/// every write set without garbage is a legal state.
struct WriteSet {
  std::uint64_t crash = 0;
  std::vector<Survivor> survivors = {};

  bool operator==(const WriteSet&) const = default;
};

/// "57: 12 13[0,2-7] 9[0-3,4!]": power fails at 57; request 12 survives whole, then sectors 0 and 2
/// to 7 of request 13, then of request 9 the sectors 0 to 3, and sector 4 as garbage.
std::string to_text(const WriteSet& set);
/// The reverse. The error says what is wrong and where.
std::expected<WriteSet, std::string> parse_write_set(std::string_view text);

/// The bytes that stand for garbage in one sector of a request.
std::vector<std::byte> garbage_of(std::size_t request, std::uint64_t sector);

}  // namespace vexfs::parity::crash
