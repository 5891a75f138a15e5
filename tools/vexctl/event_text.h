// SPDX-License-Identifier: MIT
// An event on one line, without a newline.
#pragma once

#include <string>

#include "reference/tools/inspect/event.h"

namespace vexfs::ctl {

// Numbers of the header and the fields by name; `next` is the position after it.
std::string event_json(const tools::EventRecord& record);
// Position, time in UTC, type, and the fields as name=value.
std::string event_text(const tools::EventRecord& record);

}  // namespace vexfs::ctl
