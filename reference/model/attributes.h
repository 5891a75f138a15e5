// SPDX-License-Identifier: MIT
// Changes of attributes, truncation included: docs/determinism.md, "Change of size" and "Times".
#pragma once

#include "reference/model/mounted.h"

namespace vexfs::model {

Result<posix::Attr> get_attributes(const Mounted& volume, Ino ino);
Result<posix::Attr> set_attributes(Mounted& volume, Ino ino, const posix::SetAttr& change);

}  // namespace vexfs::model
