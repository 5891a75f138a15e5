// SPDX-License-Identifier: MIT
#include "tools/vexctl/file_names.h"

#include <algorithm>
#include <memory>
#include <set>

#include <dirent.h>

#include "reference/contract/vector.h"

namespace vexfs::ctl {

bool is_file_id(std::uint64_t id) { return (id & VEXFS_ID_FILE) != 0; }

std::map<std::uint64_t, std::string> file_names(const std::string& directory,
                                                std::span<const std::uint64_t> ids) {
  std::set<std::uint64_t> wanted;
  std::ranges::copy_if(ids, std::inserter(wanted, wanted.end()), is_file_id);
  std::map<std::uint64_t, std::string> names;
  if (wanted.empty()) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(directory.c_str()), &::closedir);
  if (!entries) return names;
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::uint64_t id = VEXFS_ID_FILE | entry->d_ino;
    if (wanted.contains(id)) names.emplace(id, entry->d_name);
  }
  return names;
}

}  // namespace vexfs::ctl
