// SPDX-License-Identifier: MIT
#include "tools/vexctl/volume.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace vexfs::ctl {
namespace {

bool is_mount_root(const std::filesystem::path& path) {
  struct statx status{};
  return path == path.root_path() ||
         (::statx(AT_FDCWD, path.c_str(), 0, STATX_BASIC_STATS, &status) == 0 &&
          (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0);
}

}  // namespace

Result<std::string> volume_files(const std::string& path) {
  std::error_code error;
  auto root = std::filesystem::canonical(path, error);
  if (error) return std::unexpected(system_failure("looking for " + path, error.value()));
  while (!is_mount_root(root)) root = root.parent_path();
  const auto files = root / ".vexfs";
  if (::access((files / "stats").c_str(), F_OK) == 0) return files.string();
  return std::unexpected(Failure{
      fmt::format("{} is not on VexFS: {} has no .vexfs/stats. Give a path on a mounted VexFS",
                  path, root.string())});
}

}  // namespace vexfs::ctl
