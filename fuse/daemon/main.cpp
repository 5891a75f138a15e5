// SPDX-License-Identifier: MIT
// vexfs-fuse: mounts a VexFS volume through FUSE.
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "fuse/core/block_device.h"
#include "fuse/core/volume.h"
#include "fuse/daemon/daemon.h"
#include "fuse/daemon/exit_code.h"
#include "fuse/daemon/launch.h"
#include "fuse/daemon/mountpoint.h"
#include "fuse/daemon/options.h"
#include "fuse/daemon/session.h"
#include "fuse/daemon/termination.h"

namespace vexfs::daemon {
namespace {

int complain(int exit_code, std::string_view message) {
  fmt::print(stderr, "vexfs-fuse: {}\n", message);
  return exit_code;
}

std::expected<std::unique_ptr<core::Volume>, std::string> open_volume(const Options& options) {
  const auto refused = [&options](const core::Error& error) {
    return std::unexpected(fmt::format("cannot mount {}: {} ({})", options.device, error.message,
                                       std::strerror(error.number)));
  };
  auto device = core::FileDevice::open(options.device, options.volume.read_only);
  if (!device) {
    return refused(device.error());
  }
  auto volume = core::Volume::open(std::move(*device), options.volume);
  if (!volume) {
    return refused(volume.error());
  }
  return std::move(*volume);
}

// Serves until somebody unmounts. The end of the session is the release of every handle: requests
// that the kernel had queued at the unmount never arrive.
void serve(Daemon& daemon, Session& session, Mountpoint& mountpoint) {
  daemon.volume.set_event_hook([&daemon](uint64_t head) { daemon.watchers.wake(head); });
  {
    const TerminationWatch watch([&session, &mountpoint] {
      if (!mountpoint.detach()) {
        session.stop();
      }
    });
    session.serve();
  }
  daemon.volume.set_event_hook({});
}

int run(const Options& options) {
  auto launch = Launch::begin(options.foreground);
  if (!launch) {
    return complain(kExitNotMounted, launch.error());
  }
  block_termination_signals();
  const auto volume = open_volume(options);
  if (!volume) {
    return complain(kExitNotMounted, volume.error());
  }
  Daemon daemon(**volume);
  auto mountpoint = Mountpoint::attach(options);
  if (!mountpoint) {
    (*volume)->unmount();
    return complain(kExitNotMounted, mountpoint.error());
  }
  auto session = Session::open(daemon, mountpoint->take_connection());
  if (!session) {
    mountpoint->detach();
    (*volume)->unmount();
    return complain(kExitNotMounted, session.error());
  }
  launch->mounted();
  serve(daemon, **session, *mountpoint);
  session->reset();  // closes the connection
  mountpoint->settle();
  if (const auto done = (*volume)->unmount(); !done) {
    return complain(kExitUnmountFailed,
                    fmt::format("cannot unmount {} cleanly: {}; the next mount recovers what was "
                                "durable, fsck.vexfs tells if the volume is damaged",
                                options.device, std::strerror(done.error())));
  }
  return kExitOk;
}

int start(int argc, char** argv) {
  const auto options = parse_command_line(argc, argv);
  if (options) {
    return run(*options);
  }
  if (options.error().exit_code == kExitOk) {
    fmt::print("{}", options.error().message);
    return kExitOk;
  }
  return complain(options.error().exit_code, options.error().message);
}

}  // namespace
}  // namespace vexfs::daemon

int main(int argc, char** argv) { return vexfs::daemon::start(argc, argv); }
