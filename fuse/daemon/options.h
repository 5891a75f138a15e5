// SPDX-License-Identifier: MIT
// The command line: vexfs-fuse DEVICE DIR [-f] [-o option,...]
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "fuse/core/result.h"
#include "fuse/core/types.h"
#include "fuse/daemon/planted.h"

namespace vexfs::daemon {

struct Options {
  std::string device;
  std::string directory;
  // Stay in the foreground: the process is the filesystem until it is unmounted.
  bool foreground = false;
  core::MountOptions volume;
  Fault fault = Fault::kNone;  // of the adapter; that of the engine is in `volume`
  // MS_* of mount(2), read-only included.
  unsigned long mount_flags = 0;
};

// Reads the command line. Unknown options and values are refused with EINVAL (docs/api.md, "Mount
// options"); number 0 stands for a call of --help, whose text is the message.
std::expected<Options, core::Error> parse_command_line(int argc, char** argv);

// Applies one `-o` list, such as "ro,clock=manual", to `options`; what stands later counts. The
// error is a sentence that names the option.
std::expected<void, std::string> apply_option_list(std::string_view list, Options& options);

}  // namespace vexfs::daemon
