// SPDX-License-Identifier: MIT
#include "tools/vexctl/progress.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace vexfs::ctl {

std::string progress_line(std::optional<double> fraction, std::uint64_t done, double seconds) {
  constexpr int kPlaces = 30;
  std::string line;
  if (fraction) {
    const double part = std::clamp(*fraction, 0.0, 1.0);
    const int full = static_cast<int>(part * kPlaces);
    line = fmt::format("[{:#<{}}{:-<{}}] {:3}%  ", "", full, "", kPlaces - full,
                       static_cast<int>(part * 100));
  }
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  return line + fmt::format("{} vectors  {:.0f}/s", done, rate);
}

Progress::Progress()
    : terminal_(::isatty(STDERR_FILENO) != 0), start_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (terminal_) std::fputs("\r\033[K", stderr);
}

void Progress::show(std::optional<double> fraction, std::uint64_t done) {
  if (!terminal_) return;
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
  fmt::print(stderr, "\r\033[K{}", progress_line(fraction, done, spent.count()));
  std::fflush(stderr);
}

}  // namespace vexfs::ctl
