// SPDX-License-Identifier: MIT
#include "harness/vm/tests/guest_environment.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include <unistd.h>

namespace vexfs::parity::vm {
namespace fs = std::filesystem;

KernelImage test_image() {
  const char* family = std::getenv("PARITY_TEST_KERNEL");
  auto image = find_image(PARITY_TEST_IMAGES, family == nullptr ? "" : family);
  if (!image) throw std::runtime_error(image.error().message);
  return *image;
}

fs::path test_dir(const std::string& name) {
  return fs::temp_directory_path() / (name + "_" + std::to_string(::getpid()));
}

GuestOptions test_guest_options(const std::string& name) {
  return {.image = test_image(),
          .accelerator = Accelerator::kTcg,
          .memory_mib = 256,
          .work_dir = test_dir(name),
          .volume_size = kTestVolumeSize,
          .limits = {},
          .preparation = {},
          .reuse_state = false};
}

std::unique_ptr<Guest> boot_test_guest(const std::string& name) {
  auto guest = Guest::boot(test_guest_options(name));
  if (!guest) throw std::runtime_error(guest.error().message);
  return std::move(*guest);
}

std::string bytes_of(const nlohmann::json& value) {
  const auto& bytes = value.get_binary();
  return {bytes.begin(), bytes.end()};
}

device::Volume ext4_volume(const std::string& name, const std::string& content) {
  const fs::path dir = test_dir("mkfs");
  const fs::path image = dir / "image";
  fs::create_directories(dir / "root");
  std::ofstream(dir / "root" / name) << content;
  std::ofstream(image).close();
  fs::resize_file(image, kTestVolumeSize);
  const std::string command = "mkfs.ext4 -q -F -O ^has_journal -d " + (dir / "root").string() +
                              " " + image.string() + " >/dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  auto volume = device::Volume::load(image);
  fs::remove_all(dir);
  if (!volume) throw std::runtime_error(volume.error().message);
  return *volume;
}

}  // namespace vexfs::parity::vm
