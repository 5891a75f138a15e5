// SPDX-License-Identifier: MIT
// A progress bar on standard error, if that is a terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace vexfs::ctl {

// "  [#####-----]  50%   1200 vectors   400/s" of 10 places; without a fraction no bar.
std::string progress_line(std::optional<double> fraction, std::uint64_t done, double seconds);

class Progress {
 public:
  Progress();
  ~Progress();  // wipes the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::optional<double> fraction, std::uint64_t done);

 private:
  bool terminal_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace vexfs::ctl
