// SPDX-License-Identifier: MIT
// Where the program finds what the build made and what the repository holds.
#pragma once

#include <filesystem>
#include <vector>

namespace vexfs::parity::cli {

/// Kernels and initramfs files, <build>/images.
std::filesystem::path images_dir();

/// Scratch for sockets, logs and saved guest states; a new folder for each call, short enough for a
/// socket's path.
std::filesystem::path new_work_dir();

/// All scenario files below `dir`, sorted by path.
std::vector<std::filesystem::path> scenario_files(const std::filesystem::path& dir);

/// The scenarios that ship: regressions first, then authored ones.
std::vector<std::filesystem::path> shipped_scenarios();

}  // namespace vexfs::parity::cli
