// SPDX-License-Identifier: MIT
// The image that the tests boot, and ext4 volumes as a stand-in for VexFS.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "harness/device/volume.h"
#include "harness/vm/guest.h"
#include "harness/vm/kernel_image.h"

namespace vexfs::parity::vm {

inline constexpr std::uint64_t kTestVolumeSize = 16 << 20;

// Of the kernel family in the environment variable PARITY_TEST_KERNEL, or the first one. Throws
// std::runtime_error with the reason if there is none.
KernelImage test_image();

std::filesystem::path test_dir(const std::string& name);

GuestOptions test_guest_options(const std::string& name);

// Boots, or throws std::runtime_error with the reason.
std::unique_ptr<Guest> boot_test_guest(const std::string& name);

// A byte string of a reply, e.g. the data of read_file.
std::string bytes_of(const nlohmann::json& value);

// An ext4 volume with a file /name that holds `content`. Throws std::runtime_error.
device::Volume ext4_volume(const std::string& name, const std::string& content);

}  // namespace vexfs::parity::vm
