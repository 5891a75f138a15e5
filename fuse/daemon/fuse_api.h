// SPDX-License-Identifier: MIT
// libfuse's low-level interface, in the version that Debian 12 has.
#pragma once

#define FUSE_USE_VERSION 314

#include <fuse3/fuse_lowlevel.h>  // NOLINT(misc-include-cleaner): for everybody who includes this
