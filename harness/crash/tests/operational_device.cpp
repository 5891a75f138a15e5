// SPDX-License-Identifier: MIT
#include "harness/crash/tests/operational_device.h"

#include <algorithm>
#include <unordered_set>

namespace vexfs::parity::crash {
namespace {

// One sector of the device. Values are 0 for the first content and r + 1 for request r.
struct Sector {
  unsigned medium = 0;
  unsigned cache = 0;
  bool dirty = false;    // the cache was not put on the medium yet
  unsigned pending = 0;  // bit r: request r is in flight and was not taken yet
  unsigned awaited = 0;  // bit r: request r is answered only when the sector is clean
};

constexpr unsigned kBits = 17;

Sector unpack(std::uint64_t state, unsigned sector) {
  const auto bits = static_cast<unsigned>(state >> (sector * kBits));
  return {.medium = bits & 7,
          .cache = (bits >> 3) & 7,
          .dirty = ((bits >> 6) & 1) != 0,
          .pending = (bits >> 7) & 31,
          .awaited = (bits >> 12) & 31};
}

std::uint64_t pack(std::uint64_t state, unsigned sector, const Sector& is) {
  const std::uint64_t bits =
      is.medium | is.cache << 3 | (is.dirty ? 1U : 0U) << 6 | is.pending << 7 | is.awaited << 12;
  const std::uint64_t mask = (std::uint64_t{1} << kBits) - 1;
  return (state & ~(mask << (sector * kBits))) | bits << (sector * kBits);
}

}  // namespace

OperationalDevice::OperationalDevice(unsigned sectors) : sectors_(sectors), states_{0} {}

void OperationalDevice::arrive(unsigned request, const Command& command) {
  if (command.fua) writes_with_fua_ |= 1U << request;
  bool changed = false;
  for (State& state : states_) {
    for (unsigned s = 0; s < sectors_; ++s) {
      Sector sector = unpack(state, s);
      if (command.flush) {
        if (!sector.dirty) continue;
        sector.awaited |= 1U << request;
      } else {
        if ((command.sectors >> s & 1) == 0) continue;
        sector.pending |= 1U << request;
      }
      state = pack(state, s, sector);
      changed = true;
    }
  }
  if (changed) close();
}

void OperationalDevice::answer(unsigned request) {
  const unsigned bit = 1U << request;
  std::erase_if(states_, [&](State state) {
    for (unsigned s = 0; s < sectors_; ++s) {
      const Sector sector = unpack(state, s);
      if (((sector.pending | sector.awaited) & bit) != 0) return true;
    }
    return false;
  });
}

// Adds what the device may do on its own.
void OperationalDevice::close() {
  std::unordered_set<State> known(states_.begin(), states_.end());
  const auto reach = [&](State state) {
    if (known.insert(state).second) states_.push_back(state);
  };
  for (std::size_t i = 0; i < states_.size(); ++i) {
    for (unsigned s = 0; s < sectors_; ++s) {
      const State state = states_[i];
      const Sector now = unpack(state, s);
      if (now.dirty) {  // put it on the medium
        Sector next = now;
        next.medium = now.cache;
        next.dirty = false;
        next.awaited = 0;
        reach(pack(state, s, next));
      }
      for (unsigned request = 0; request < kMostRequests; ++request) {
        const unsigned bit = 1U << request;
        if ((now.pending & bit) == 0) continue;
        Sector next = now;  // take a write
        next.cache = request + 1;
        next.dirty = true;
        next.pending &= ~bit;
        if ((writes_with_fua_ & bit) != 0) next.awaited |= bit;
        reach(pack(state, s, next));
      }
    }
  }
}

unsigned OperationalDevice::media(unsigned sector) const {
  unsigned found = 0;
  for (const State state : states_) found |= 1U << unpack(state, sector).medium;
  return found;
}

std::uint64_t OperationalDevice::media_of_both() const {
  std::uint64_t found = 0;
  for (const State state : states_) {
    found |= std::uint64_t{1} << (unpack(state, 0).medium * 6 + unpack(state, 1).medium);
  }
  return found;
}

}  // namespace vexfs::parity::crash
