// SPDX-License-Identifier: MIT
#include "harness/vm/host_clock.h"

#include <time.h>
#include <x86intrin.h>

namespace vexfs::parity::vm {
namespace {

constexpr std::uint64_t kMeasuredNanoseconds = 20'000'000;

std::uint64_t raw_nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_RAW, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

struct Reading {
  std::uint64_t nanoseconds = 0;
  std::uint64_t ticks = 0;
};

// Of several tries the one with the least time between its readings: on a busy host the process
// may lose its CPU for milliseconds between the two clocks.
Reading read_both() {
  Reading best;
  std::uint64_t best_width = ~std::uint64_t{0};
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t before = raw_nanoseconds();
    const std::uint64_t ticks = __rdtsc();
    const std::uint64_t width = raw_nanoseconds() - before;
    if (width >= best_width) continue;
    best_width = width;
    best = {before + width / 2, ticks};
  }
  return best;
}

std::uint64_t measure_khz() {
  const Reading first = read_both();
  while (raw_nanoseconds() - first.nanoseconds < kMeasuredNanoseconds) {
  }
  const Reading last = read_both();
  return (last.ticks - first.ticks) * 1'000'000 / (last.nanoseconds - first.nanoseconds);
}

}  // namespace

std::uint64_t host_tsc_khz() {
  static const std::uint64_t khz = measure_khz();
  return khz;
}

}  // namespace vexfs::parity::vm
