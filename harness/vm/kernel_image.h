// SPDX-License-Identifier: MIT
// A kernel and the initramfs that a guest boots with it.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/device/error.h"

namespace vexfs::parity::vm {

struct KernelImage {
  std::string family;   // e.g. "6.12"
  std::string release;  // as uname -r says in the guest
  std::filesystem::path vmlinux;
  std::filesystem::path initramfs;
};

// The images in a folder as the build makes it (vm-images/README.md): a file `releases` with a line
// "family release" for each, and <release>/{vmlinux,initramfs.cpio}. In the order of the file.
std::expected<std::vector<KernelImage>, InfraError> find_images(const std::filesystem::path& dir);

// The one of that family or release; the first if `name` is empty.
std::expected<KernelImage, InfraError> find_image(const std::filesystem::path& dir,
                                                  const std::string& name);

}  // namespace vexfs::parity::vm
