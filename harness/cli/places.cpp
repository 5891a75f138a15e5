// SPDX-License-Identifier: MIT
#include "harness/cli/places.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace vexfs::parity::cli {
namespace fs = std::filesystem;

fs::path images_dir() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  return program.parent_path().parent_path().parent_path() / "images";
}

fs::path new_work_dir() {
  std::string pattern = (fs::temp_directory_path() / "vexfs-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) return fs::temp_directory_path() / "vexfs-work";
  return pattern;
}

std::vector<fs::path> scenario_files(const fs::path& dir) {
  std::vector<fs::path> files;
  std::error_code error;
  for (auto it = fs::recursive_directory_iterator(dir, error); !error && it != fs::end(it);
       it.increment(error)) {
    if (it->is_regular_file() && it->path().string().ends_with(".vxs.json"))
      files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> shipped_scenarios() {
  const fs::path root = fs::path(VEXFS_SOURCE_DIR) / "scenarios";
  const fs::path regressions = root / "regressions";
  std::vector<fs::path> files = scenario_files(regressions);
  for (const fs::path& file : scenario_files(root)) {
    if (std::find(files.begin(), files.end(), file) == files.end()) files.push_back(file);
  }
  return files;
}

}  // namespace vexfs::parity::cli
