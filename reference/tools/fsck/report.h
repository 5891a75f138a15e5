// SPDX-License-Identifier: MIT
// Findings for a person and for a program.
#pragma once

#include <string>

#include "reference/tools/inspect/finding.h"

namespace vexfs::tools {

// Each finding with its path, what was expected, what was there and what a repair would do; then
// one line of summary. Ends with a newline.
std::string findings_text(const std::string& device, const Findings& findings);
// {"device", "clean", "errors", "findings": [{"severity", "rule", "path", ...}]}, indented.
std::string findings_json(const std::string& device, const Findings& findings);

}  // namespace vexfs::tools
