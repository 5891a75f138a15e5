// SPDX-License-Identifier: MIT
#include "harness/vm/kernel_image.h"

#include <fstream>

namespace vexfs::parity::vm {

std::expected<std::vector<KernelImage>, InfraError> find_images(const std::filesystem::path& dir) {
  std::ifstream list(dir / "releases");
  if (!list) {
    return infra_error("no guest images in " + dir.string() +
                       ": run cmake/bootstrap, then build the target guest_images");
  }
  std::vector<KernelImage> images;
  KernelImage image;
  while (list >> image.family >> image.release) {
    image.vmlinux = dir / image.release / "vmlinux";
    image.initramfs = dir / image.release / "initramfs.cpio";
    for (const auto& file : {image.vmlinux, image.initramfs}) {
      if (std::filesystem::exists(file)) continue;
      return infra_error("guest image " + image.release + ": " + file.string() +
                         " is missing; build the target guest_images");
    }
    images.push_back(image);
  }
  if (images.empty())
    return infra_error("guest images: " + (dir / "releases").string() + " is empty");
  return images;
}

std::expected<KernelImage, InfraError> find_image(const std::filesystem::path& dir,
                                                  const std::string& name) {
  auto images = find_images(dir);
  if (!images) return std::unexpected(images.error());
  std::string known;
  for (KernelImage& image : *images) {
    if (name.empty() || image.family == name || image.release == name) return image;
    known += " " + image.family;
  }
  return infra_error("no guest image '" + name + "' in " + dir.string() + "; there are:" + known);
}

}  // namespace vexfs::parity::vm
