// SPDX-License-Identifier: MIT
// The files in `.vexfs` of a mounted volume's root.
#pragma once

#include <string>

#include "tools/vexctl/failure.h"

namespace vexfs::ctl {

// ".vexfs" of the mount that `path` is on, as an absolute path. Fails if that is no VexFS.
Result<std::string> volume_files(const std::string& path);

}  // namespace vexfs::ctl
