// SPDX-License-Identifier: MIT
// Which contents a device may have after power failed: docs/crash-model.md as a function of what a
// recorder saw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/device/recorder.h"
#include "harness/device/volume.h"

namespace vexfs::parity::crash {

/// The unit that is never torn.
inline constexpr std::uint64_t kSectorBytes = 512;

struct SectorRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;

  std::uint64_t end() const { return first + count; }
  bool contains(std::uint64_t sector) const { return sector >= first && sector - first < count; }
  bool operator==(const SectorRange&) const = default;
};

/// The sectors that a write, write_zeroes or trim changes; none for other kinds.
SectorRange sectors_of(const device::RecordedRequest& request);

/// What a request makes of one of its sectors: a part of its data, or zeroes.
std::span<const std::byte, kSectorBytes> data_of(const device::RecordedRequest& request,
                                                 std::uint64_t sector);

/// Where the content of a sector comes from: the index of a request in Recording::requests, or
/// kBase, the content before the recording.
using Source = std::size_t;
inline constexpr Source kBase = static_cast<Source>(-1);

/// What the rule says about one source of a sector.
struct Claim {
  Source source = kBase;
  /// The durable request that came after the source and forbids it; nothing: the source is legal.
  std::optional<std::size_t> covered_by;

  bool legal() const { return !covered_by; }
};

/// Why a recording cannot be explored: a request that is not made of whole sectors, lies outside
/// the volume, or has not the data it should have. Nothing if all is well; everything below
/// requires that.
std::optional<std::string> flaw_of(const device::Recording& recording);

/// The law for one recording and one crash. The recording outlives it. Const access from many
/// threads is safe.
class LegalStates {
 public:
  /// Power fails at `crash`: exactly what is numbered below it has happened.
  LegalStates(const device::Recording& recording, std::uint64_t crash);

  const device::Recording& recording() const { return *recording_; }
  std::uint64_t crash() const { return crash_; }

  /// How many requests have arrived: those with an index below.
  std::size_t arrived() const { return arrived_; }
  /// The request has been answered, and well.
  bool completed(std::size_t request) const;
  /// The request changes sectors, and after the crash nothing older than it can be there.
  bool durable(std::size_t request) const;
  /// The first flush that makes a completed request durable; nothing if only FUA does, or nothing.
  std::optional<std::size_t> flush_of(std::size_t request) const;
  /// `first` was answered before `second` arrived. Otherwise `second` came first or the two are
  /// concurrent.
  bool before(std::size_t first, std::size_t second) const;

  /// May `sector` have the content of `source` (which changes it or is kBase)?
  bool legal(Source source, std::uint64_t sector) const { return !cover_of(source, sector); }
  /// The legal sources of a sector: kBase first, then requests as they arrived. Never empty.
  std::vector<Source> choices(std::uint64_t sector) const;
  /// All sources of a sector that have arrived, in the order of choices().
  std::vector<Claim> claims(std::uint64_t sector) const;
  /// The claims in words, one a line: the proof that goes with a verdict.
  std::string explain(std::uint64_t sector) const;

  /// The first sector of `image` that no legal source explains. The sizes must be equal.
  std::optional<std::uint64_t> first_illegal(const device::Volume& image) const;

 private:
  std::optional<std::size_t> cover_of(Source source, std::uint64_t sector) const;
  bool explained(const device::Volume& image, std::uint64_t sector) const;
  std::string describe(std::size_t request) const;

  const device::Recording* recording_;
  std::uint64_t crash_;
  std::size_t arrived_;
  std::uint64_t flushed_below_ = 0;  // what was answered below this number is durable
};

}  // namespace vexfs::parity::crash
