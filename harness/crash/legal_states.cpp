// SPDX-License-Identifier: MIT
#include "harness/crash/legal_states.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

namespace vexfs::parity::crash {
namespace {

using device::RecordedRequest;
using device::RequestKind;

bool changes_sectors(RequestKind kind) {
  return kind == RequestKind::kWrite || kind == RequestKind::kWriteZeroes ||
         kind == RequestKind::kTrim;
}

using Sector = std::array<std::byte, kSectorBytes>;

Sector read_sector(const device::Volume& volume, std::uint64_t sector) {
  Sector content;
  volume.read(sector * kSectorBytes, content);
  return content;
}

}  // namespace

SectorRange sectors_of(const RecordedRequest& request) {
  if (!changes_sectors(request.kind)) return {};
  return {request.offset / kSectorBytes, request.length / kSectorBytes};
}

std::span<const std::byte, kSectorBytes> data_of(const RecordedRequest& request,
                                                 std::uint64_t sector) {
  static constexpr Sector kZeroes{};
  if (request.kind != RequestKind::kWrite) return kZeroes;
  return std::span(request.data)
      .subspan(sector * kSectorBytes - request.offset)
      .first<kSectorBytes>();
}

std::optional<std::string> flaw_of(const device::Recording& recording) {
  for (std::size_t i = 0; i < recording.requests.size(); ++i) {
    const RecordedRequest& request = recording.requests[i];
    if (!changes_sectors(request.kind)) continue;
    const auto flaw = [&](const char* what) {
      return fmt::format("request {} ({} of {} bytes at {}) {}", i, name_of(request.kind),
                         request.length, request.offset, what);
    };
    if (request.offset % kSectorBytes != 0 || request.length % kSectorBytes != 0) {
      return flaw("is not made of whole 512-byte sectors");
    }
    if (!recording.base.contains(request.offset, request.length)) {
      return flaw("reaches past the end of the volume");
    }
    if (request.kind == RequestKind::kWrite && request.data.size() != request.length) {
      return flaw("was recorded without its data");
    }
  }
  return std::nullopt;
}

LegalStates::LegalStates(const device::Recording& recording, std::uint64_t crash)
    : recording_(&recording), crash_(crash) {
  const auto& requests = recording.requests;
  const auto end = std::ranges::lower_bound(requests, crash, {}, &RecordedRequest::submitted);
  arrived_ = static_cast<std::size_t>(end - requests.begin());
  for (std::size_t i = 0; i < arrived_; ++i) {
    if (requests[i].kind == RequestKind::kFlush && completed(i)) {
      flushed_below_ = requests[i].submitted;
    }
  }
}

bool LegalStates::completed(std::size_t request) const {
  const RecordedRequest& it = recording_->requests[request];
  return it.completed != 0 && it.completed < crash_ && it.error == 0;
}

bool LegalStates::durable(std::size_t request) const {
  const RecordedRequest& it = recording_->requests[request];
  return changes_sectors(it.kind) && completed(request) &&
         (it.fua || it.completed < flushed_below_);
}

std::optional<std::size_t> LegalStates::flush_of(std::size_t request) const {
  const auto& requests = recording_->requests;
  if (!durable(request)) return std::nullopt;
  for (std::size_t i = request + 1; i < arrived_; ++i) {
    if (requests[i].kind == RequestKind::kFlush && before(request, i) && completed(i)) return i;
  }
  return std::nullopt;
}

bool LegalStates::before(std::size_t first, std::size_t second) const {
  const auto& requests = recording_->requests;
  return requests[first].completed != 0 && requests[first].completed < requests[second].submitted;
}

std::optional<std::size_t> LegalStates::cover_of(Source source, std::uint64_t sector) const {
  for (std::size_t i = source == kBase ? 0 : source + 1; i < arrived_; ++i) {
    if (!sectors_of(recording_->requests[i]).contains(sector) || !durable(i)) continue;
    if (source == kBase || before(source, i)) return i;
  }
  return std::nullopt;
}

std::vector<Claim> LegalStates::claims(std::uint64_t sector) const {
  std::vector<Claim> claims{{kBase, cover_of(kBase, sector)}};
  for (std::size_t i = 0; i < arrived_; ++i) {
    if (sectors_of(recording_->requests[i]).contains(sector)) {
      claims.push_back({i, cover_of(i, sector)});
    }
  }
  return claims;
}

std::vector<Source> LegalStates::choices(std::uint64_t sector) const {
  std::vector<Source> choices;
  for (const Claim& claim : claims(sector)) {
    if (claim.legal()) choices.push_back(claim.source);
  }
  return choices;
}

std::string LegalStates::describe(std::size_t request) const {
  const RecordedRequest& it = recording_->requests[request];
  std::string text = fmt::format("request {} ({}{}, arrived {}", request, name_of(it.kind),
                                 it.fua ? " with FUA" : "", it.submitted);
  if (it.completed == 0 || it.completed >= crash_) {
    text += ", not answered";
  } else if (it.error != 0) {
    text += fmt::format(", failed {}", it.completed);
  } else {
    text += fmt::format(", answered {}", it.completed);
  }
  if (const auto flush = flush_of(request)) {
    const RecordedRequest& by = recording_->requests[*flush];
    text +=
        fmt::format(", flushed by request {} from {} to {}", *flush, by.submitted, by.completed);
  }
  return text + ")";
}

std::string LegalStates::explain(std::uint64_t sector) const {
  std::string text;
  for (const Claim& claim : claims(sector)) {
    const std::string source =
        claim.source == kBase ? "the content before the recording" : describe(claim.source);
    if (claim.legal()) {
      text += fmt::format("sector {}: {} is legal\n", sector, source);
    } else {
      text += fmt::format("sector {}: {} is not legal, as {} is durable and came after it\n",
                          sector, source, describe(*claim.covered_by));
    }
  }
  return text;
}

bool LegalStates::explained(const device::Volume& image, std::uint64_t sector) const {
  const Sector content = read_sector(image, sector);
  for (const Source source : choices(sector)) {
    const bool same = source == kBase ? content == read_sector(recording_->base, sector)
                                      : std::ranges::equal(
                                            content, data_of(recording_->requests[source], sector));
    if (same) return true;
  }
  return false;
}

std::optional<std::uint64_t> LegalStates::first_illegal(const device::Volume& image) const {
  constexpr std::uint64_t kPerChunk = device::Volume::kChunkBytes / kSectorBytes;
  // A sector that no request changes shows in a comparison with the base; the others are looked at
  // one by one.
  std::vector<bool> changed(image.size() / kSectorBytes);
  for (std::size_t i = 0; i < arrived_; ++i) {
    const SectorRange range = sectors_of(recording_->requests[i]);
    for (std::uint64_t s = range.first; s < range.end(); ++s) changed[s] = true;
  }
  for (const std::size_t chunk : device::Volume::differing_chunks(recording_->base, image)) {
    for (std::uint64_t s = chunk * kPerChunk; s < (chunk + 1) * kPerChunk; ++s) {
      if (s < changed.size()) changed[s] = true;
    }
  }
  for (std::uint64_t sector = 0; sector < changed.size(); ++sector) {
    if (changed[sector] && !explained(image, sector)) return sector;
  }
  return std::nullopt;
}

}  // namespace vexfs::parity::crash
