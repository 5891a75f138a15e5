// SPDX-License-Identifier: MIT
// vexfs-fuse: mounts a VexFS volume through FUSE.
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <syslog.h>

#include "fuse/core/block_device.h"
#include "fuse/core/volume.h"
#include "fuse/daemon/daemon.h"
#include "fuse/daemon/launch.h"
#include "fuse/daemon/mountpoint.h"
#include "fuse/daemon/options.h"
#include "fuse/daemon/session.h"
#include "fuse/daemon/termination.h"

namespace vexfs::daemon {
namespace {

// Says what failed and returns the exit code. In the background nobody reads the terminal, but the
// system's log.
int complain(const core::Error& error) {
  fmt::print(stderr, "vexfs-fuse: {}\n", error.message);
  syslog(LOG_ERR, "%s", error.message.c_str());
  return error.number;
}

std::expected<std::unique_ptr<core::Volume>, core::Error> open_volume(const Options& options) {
  const auto refused = [&options](const core::Error& error) {
    return std::unexpected(core::Error{
        error.number, fmt::format("cannot mount {}: {}", options.device, error.message)});
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
    return complain(launch.error());
  }
  block_termination_signals();
  const auto volume = open_volume(options);
  if (!volume) {
    return complain(volume.error());
  }
  Daemon daemon(**volume, options.fault);
  auto mountpoint = Mountpoint::attach(options);
  if (!mountpoint) {
    (*volume)->unmount();
    return complain(mountpoint.error());
  }
  auto session = Session::open(daemon, mountpoint->take_connection());
  if (!session) {
    mountpoint->detach();
    (*volume)->unmount();
    return complain(session.error());
  }
  launch->mounted();
  serve(daemon, **session, *mountpoint);
  session->reset();  // closes the connection
  mountpoint->settle();
  if (const auto done = (*volume)->unmount(); !done) {
    return complain(
        {done.error(),
         fmt::format("cannot unmount {} cleanly: {}; the next mount recovers what was durable, and "
                     "fsck.vexfs tells if the volume is damaged",
                     options.device, std::strerror(done.error()))});
  }
  return 0;
}

int start(int argc, char** argv) {
  const auto options = parse_command_line(argc, argv);
  if (options) {
    return run(*options);
  }
  if (options.error().number == 0) {
    fmt::print("{}", options.error().message);
    return 0;
  }
  return complain(options.error());
}

}  // namespace
}  // namespace vexfs::daemon

int main(int argc, char** argv) { return vexfs::daemon::start(argc, argv); }
