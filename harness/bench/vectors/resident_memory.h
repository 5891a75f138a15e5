// SPDX-License-Identifier: MIT
// How much memory something takes.
#pragma once

#include <cstdint>
#include <functional>

namespace vexfs::parity {

/// By how many bytes resident memory grows in a process of its own from the start of `work` until
/// it calls what it is given. 0 if that process failed.
std::uint64_t resident_growth(const std::function<void(std::function<void()> measure)>& work);

}  // namespace vexfs::parity
