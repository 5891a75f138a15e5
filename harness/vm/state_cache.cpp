// SPDX-License-Identifier: MIT
#include "harness/vm/state_cache.h"

#include <sys/stat.h>

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
bool link_or_copy_files(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::remove_all(to, error);
  fs::create_directories(to, error);
  for (const auto& entry : fs::directory_iterator(from, error)) {
    const fs::path target = to / entry.path().filename();
    std::error_code unlinked;
    fs::create_hard_link(entry.path(), target, unlinked);
    if (unlinked && !fs::copy_file(entry.path(), target, unlinked)) return false;
  }
  return !error;
}

// Which folder of that name it is; 0 if there is none.
ino_t identity_of(const fs::path& dir) {
  struct stat status{};
  return ::stat(dir.c_str(), &status) == 0 ? status.st_ino : 0;
}

}  // namespace

StateCache::StateCache(const KernelImage& image, const std::string& configuration)
    : dir_(image.vmlinux.parent_path() / "states"),
      label_(hash_of(configuration)),
      content_(hash_of(hash_of(read_whole(image.vmlinux)) + hash_of(read_whole(image.initramfs)) +
                       read_whole("/proc/sys/kernel/random/boot_id"))) {}

bool StateCache::fetch(const fs::path& dir) const {
  const fs::path kept = dir_ / (label_ + "-" + content_);
  const ino_t before = identity_of(kept);
  // All files must be of one state: another process may forget and store at any moment.
  return before != 0 && link_or_copy_files(kept, dir) && identity_of(kept) == before;
}

void StateCache::store(const fs::path& dir) const {
  // Under another name first: another process may fetch at any moment. If another has stored the
  // same meanwhile, its state stays.
  std::error_code error;
  const fs::path part = dir_ / fmt::format("part-{}-{}", ::getpid(), label_);
  if (link_or_copy_files(dir, part)) fs::rename(part, dir_ / (label_ + "-" + content_), error);
  fs::remove_all(part, error);
  for (const auto& entry : fs::directory_iterator(dir_, error)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(label_ + "-") && name != label_ + "-" + content_) {
      fs::remove_all(entry.path(), error);
    }
  }
}

void StateCache::forget() const {
  std::error_code error;
  fs::remove_all(dir_ / (label_ + "-" + content_), error);
}

}  // namespace vexfs::parity::vm
