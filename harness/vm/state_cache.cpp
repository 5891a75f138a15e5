// SPDX-License-Identifier: MIT
#include "harness/vm/state_cache.h"

#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>
#include <xxhash.h>

namespace vexfs::parity::vm {
namespace {

namespace fs = std::filesystem;

std::string read_whole(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return std::move(text).str();
}

std::string hash_of(const std::string& bytes) {
  return fmt::format("{:016x}", XXH3_64bits(bytes.data(), bytes.size()));
}

// A link costs nothing and outlives the removal of the other name; across filesystems, a copy.
bool link_or_copy(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::remove(to, error);
  fs::create_hard_link(from, to, error);
  if (!error) return true;
  return fs::copy_file(from, to, error) && !error;
}

}  // namespace

StateCache::StateCache(const KernelImage& image, const std::string& configuration)
    : dir_(image.vmlinuz.parent_path() / "states"),
      label_(hash_of(configuration)),
      content_(hash_of(hash_of(read_whole(image.vmlinuz)) + hash_of(read_whole(image.initramfs)) +
                       read_whole("/proc/sys/kernel/random/boot_id"))) {}

bool StateCache::fetch(const fs::path& file) const {
  const fs::path kept = dir_ / (label_ + "-" + content_);
  return fs::exists(kept) && link_or_copy(kept, file);
}

void StateCache::store(const fs::path& file) const {
  std::error_code error;
  fs::create_directories(dir_, error);
  // Under another name first: another process may fetch at any moment.
  const fs::path part = dir_ / fmt::format("part-{}-{}", ::getpid(), label_);
  if (!link_or_copy(file, part)) {
    fs::remove(part, error);
    return;
  }
  fs::rename(part, dir_ / (label_ + "-" + content_), error);
  for (const auto& entry : fs::directory_iterator(dir_, error)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(label_ + "-") && name != label_ + "-" + content_) {
      fs::remove(entry.path(), error);
    }
  }
}

void StateCache::forget() const {
  std::error_code error;
  fs::remove(dir_ / (label_ + "-" + content_), error);
}

}  // namespace vexfs::parity::vm
