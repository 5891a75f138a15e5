// SPDX-License-Identifier: MIT
// Runs a function where it can crash or hang without taking the harness with it.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <string>

namespace vexfs::parity {

/// Runs `work` in a forked child and returns what it returned. The error says how the child ended
/// instead ("killed by signal 11 (Segmentation fault)", "did not end within 60 s"). To be called
/// while this process has one thread only. Output that the child has not flushed is lost.
std::expected<std::string, std::string> run_in_child(const std::function<std::string()>& work,
                                                     std::chrono::seconds limit);

}  // namespace vexfs::parity
