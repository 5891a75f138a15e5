// SPDX-License-Identifier: MIT
#include "harness/crash/tests/random_recording.h"

#include <algorithm>
#include <random>
#include <vector>

#include "harness/crash/legal_states.h"

namespace vexfs::parity::crash {
namespace {

using device::Request;
using device::RequestKind;

constexpr RequestKind kKinds[] = {
    RequestKind::kWrite,       RequestKind::kWrite, RequestKind::kWrite, RequestKind::kFlush,
    RequestKind::kWriteZeroes, RequestKind::kTrim,  RequestKind::kRead,  RequestKind::kFlush};

}  // namespace

device::Recording random_recording(std::uint64_t seed, const RecordingShape& shape) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t end) { return random() % end; };
  device::Volume base(shape.sectors * kSectorBytes);
  const std::vector<std::byte> old(kSectorBytes, std::byte{0xee});
  for (std::uint64_t s = 0; s < shape.sectors; s += 2) base.write(s * kSectorBytes, old);
  device::Recorder recorder(base);
  std::vector<std::size_t> open;
  for (std::size_t asked = 0; asked < shape.requests || below(4) != 0;) {
    if (below(8) == 0) recorder.mark("m");
    if (asked < shape.requests && below(2) == 0) {
      Request request;
      request.kind = kKinds[below(std::size(kKinds))];
      const bool flush = request.kind == RequestKind::kFlush;
      const std::uint64_t count = flush ? 0 : 1 + below(shape.longest);
      request.fua = !flush && below(4) == 0;
      request.length = static_cast<std::uint32_t>(count * kSectorBytes);
      request.offset = flush ? 0 : below(shape.sectors - count + 1) * kSectorBytes;
      const std::vector<std::byte> data(request.kind == RequestKind::kWrite ? request.length : 0,
                                        static_cast<std::byte>(asked + 1));
      request.data = data;
      open.push_back(recorder.submit(request));
      ++asked;
    } else if (!open.empty()) {
      const auto chosen = open.begin() + static_cast<std::ptrdiff_t>(below(open.size()));
      recorder.complete(*chosen, below(16) == 0 ? 5 : 0);
      open.erase(chosen);
    }
  }
  return recorder.recording();
}

}  // namespace vexfs::parity::crash
