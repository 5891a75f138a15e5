// SPDX-License-Identifier: MIT
// A device as it works, not as a law: a volatile cache for each sector, which takes writes while
// they are in flight and puts sectors on the medium when it likes. Knows nothing of the rule that
// it is there to check.
#pragma once

#include <cstdint>
#include <vector>

namespace vexfs::parity::crash {

/// What is asked of the device: a write of some sectors, or a flush.
struct Command {
  bool flush = false;
  bool fua = false;      // of a write
  unsigned sectors = 0;  // of a write: bit s for sector s
};

/// All states in which a device of 1 or 2 sectors may be after what it was asked and what it
/// answered. Requests are numbered from 0, in the order of their arrival; at most 5.
///
/// The device: a write that arrived is taken into the cache of each of its sectors at some moment
/// before it is answered, and replaces what the cache holds. At any moment a sector may go from the
/// cache to the medium. A flush may be answered when all sectors that were dirty at its arrival
/// have gone there since; a write with FUA when its sectors have since it was taken.
class OperationalDevice {
 public:
  static constexpr unsigned kMostRequests = 5;

  explicit OperationalDevice(unsigned sectors);

  void arrive(unsigned request, const Command& command);
  /// Keeps the states in which the device can answer it.
  void answer(unsigned request);

  /// What the medium may hold in a sector: bit 0 for the first content, bit r + 1 for request r.
  unsigned media(unsigned sector) const;
  /// Every combination that the sectors may hold together, of 2 sectors: bit a * 6 + b for a in
  /// sector 0 and b in sector 1, where 0 is the first content and r + 1 request r.
  std::uint64_t media_of_both() const;

 private:
  using State = std::uint64_t;  // 17 bits for each sector

  void close();

  unsigned sectors_;
  unsigned writes_with_fua_ = 0;
  std::vector<State> states_;
};

}  // namespace vexfs::parity::crash
