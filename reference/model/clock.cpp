// SPDX-License-Identifier: MIT
// docs/determinism.md, "The clock".
#include <ctime>

#include "reference/model/mounted.h"

namespace vexfs::model {

std::int64_t clock_now(const Mounted& volume) {
  if (volume.options.manual_clock) return volume.clock;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

Timestamp timestamp_now(const Mounted& volume) {
  constexpr std::int64_t kBillion = 1'000'000'000;
  const std::int64_t now = clock_now(volume);
  std::int64_t seconds = now / kBillion;
  std::int64_t rest = now % kBillion;
  if (rest < 0) {  // the floor, also before 1970
    --seconds;
    rest += kBillion;
  }
  return {seconds, static_cast<std::uint32_t>(rest)};
}

}  // namespace vexfs::model
