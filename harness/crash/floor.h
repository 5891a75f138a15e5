// SPDX-License-Identifier: MIT
// What is certain at a crash, kept up to date while the crash moves forward through a recording,
// and the crash states that stand on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/crash/hashed_image.h"
#include "harness/crash/legal_states.h"
#include "harness/crash/write_set.h"

namespace vexfs::parity::crash {

/// The volume with everything that is durable and nothing else. Where durable requests are
/// concurrent, it holds the one that arrived last; the others are undecided.
///
/// Const access from many threads is safe.
class Floor {
 public:
  /// Before the first request. The recording is without flaw and outlives this.
  explicit Floor(const device::Recording& recording);

  /// Moves the crash forward; `crash` is not below the one before.
  void advance(std::uint64_t crash);

  const LegalStates& states() const { return states_; }
  const HashedImage& image() const { return image_; }

  /// The requests that may or may not show in at least one sector, as they arrived: those that
  /// arrived and are not durable, and durable ones that lost a sector to a concurrent one.
  std::vector<std::size_t> undecided() const;
  /// May this request show in this sector of its own? The same as LegalStates::legal(), but quick.
  bool legal(std::size_t request, std::uint64_t sector) const;
  /// Whom the floor shows in a sector: kBase or a durable request.
  Source owner(std::uint64_t sector) const;

  /// The crash state that a write set of this very crash names. Its requests have arrived.
  HashedImage state(const WriteSet& set) const;

 private:
  static constexpr std::uint32_t kNobody = static_cast<std::uint32_t>(-1);

  void settle(std::size_t request);
  void apply(const Survivor& survivor, HashedImage& image) const;

  const device::Recording* recording_;
  LegalStates states_;
  HashedImage image_;
  std::vector<std::uint32_t> owners_;  // by sector
  std::vector<bool> settled_;          // by request: applied to the floor
};

}  // namespace vexfs::parity::crash
