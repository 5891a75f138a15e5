// SPDX-License-Identifier: MIT
#include "harness/crash/floor.h"

namespace vexfs::parity::crash {

Floor::Floor(const device::Recording& recording)
    : recording_(&recording),
      states_(recording, 0),
      image_(recording.base),
      owners_(recording.base.size() / kSectorBytes, kNobody),
      settled_(recording.requests.size()) {}

void Floor::advance(std::uint64_t crash) {
  states_ = LegalStates(*recording_, crash);
  for (std::size_t i = 0; i < states_.arrived(); ++i) {
    if (!settled_[i] && states_.durable(i)) settle(i);
  }
}

void Floor::settle(std::size_t request) {
  const device::RecordedRequest& it = recording_->requests[request];
  const SectorRange range = sectors_of(it);
  for (std::uint64_t sector = range.first; sector < range.end(); ++sector) {
    if (owners_[sector] != kNobody && owners_[sector] > request) continue;
    owners_[sector] = static_cast<std::uint32_t>(request);
    image_.put(sector, data_of(it, sector));
  }
  settled_[request] = true;
}

Source Floor::owner(std::uint64_t sector) const {
  return owners_[sector] == kNobody ? kBase : owners_[sector];
}

// What comes before any durable request of the sector also comes before the one that arrived last.
bool Floor::legal(std::size_t request, std::uint64_t sector) const {
  const std::uint32_t owner = owners_[sector];
  return owner == kNobody || owner == request || !states_.before(request, owner);
}

std::vector<std::size_t> Floor::undecided() const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < states_.arrived(); ++i) {
    const SectorRange range = sectors_of(recording_->requests[i]);
    for (std::uint64_t sector = range.first; sector < range.end(); ++sector) {
      if (owners_[sector] == i || !legal(i, sector)) continue;
      found.push_back(i);
      break;
    }
  }
  return found;
}

HashedImage Floor::state(const WriteSet& set) const {
  HashedImage image = image_;
  for (const Survivor& survivor : set.survivors) apply(survivor, image);
  return image;
}

void Floor::apply(const Survivor& survivor, HashedImage& image) const {
  const device::RecordedRequest& request = recording_->requests[survivor.request];
  const SectorRange all = sectors_of(request);
  const auto put = [&](const SectorRange& piece) {
    for (std::uint64_t s = piece.first; s < piece.end() && s < all.count; ++s) {
      const std::uint64_t sector = all.first + s;
      if (legal(survivor.request, sector)) image.put(sector, data_of(request, sector));
    }
  };
  if (survivor.whole) return put({0, all.count});
  for (const SectorRange& piece : survivor.pieces) put(piece);
  for (const std::uint64_t s : survivor.garbage) {
    if (s >= all.count || !legal(survivor.request, all.first + s)) continue;
    const std::vector<std::byte> garbage = garbage_of(survivor.request, s);
    image.put(all.first + s, std::span(garbage).first<kSectorBytes>());
  }
}

}  // namespace vexfs::parity::crash
