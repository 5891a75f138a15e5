// SPDX-License-Identifier: MIT
// The agent: PID 1 of a guest. It loads modules, mounts volumes, runs steps and tools for the host,
// and tells every 500 ms that it is alive.
//
// Requests ("kind" and fields; optional ones in brackets) and what their replies add to "ok":
//   hello [realtime_ns: sets the clock]     release, modules: names of loaded modules, uptime_ms,
//                                           realtime_ns
//   echo [data]                             data
//   insmod path [params]
//   rmmod name
//   mount target device dir [options] [stack_kib: of each thread of vexfs-fuse]
//                                           target: "kmod" | "fuse" | "ext4"
//   umount dir                              fuse: daemon_exit, daemon_stderr
//   steps batch                             result: what guest::Session::execute returned. Both are
//                                           CBOR in a byte string, which nothing between the two
//                                           ends decodes
//   segment: mount's fields, batch, unmount mount, steps and, if `unmount` says so, umount in one;
//                                           result, and what umount adds. A refusal also says at
//                                           which stage: "mount" | "unmount"
//   record: segment's fields, seed, max_hold_us, bytes, steps: how many the batch has
//                                           segment on a disk with FUA that begins as the first
//                                           `bytes` of `device` and forgets all at the end, which
//                                           is an unmount in any case. Also: recording, of what
//                                           reached the disk until the last step, or the unmount
//   run argv [stdin]                        exit_code or signal, stdout, stderr (byte strings)
//   read_file path [offset] [length]        data (byte string)
//   write_file path data [mode]
//   dmesg                                   text: the kernel's log
//   show_tasks                              the stacks of all tasks go to the kernel's log;
//   answered
//                                           even while another request hangs
//   crash how                               how: "panic" | "oops" | "hang" | "exit"; no reply
//   poweroff                                no reply
// While steps run the agent may pause, as the batch says (session.h): it tells {"kind": "paused",
// "steps": how many are done} and waits for {"kind": "go_on"}, which has no reply.
// A heartbeat tells uptime_ms and request, the id of the one being executed (0: none).
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>

#include <nlohmann/json.hpp>

#include "harness/guest/commands.h"
#include "harness/guest/port.h"

namespace vexfs::parity::guest {

// Runs three threads: the caller's executes requests one after the other, one reads the port, one
// sends heartbeats.
class Agent {
 public:
  explicit Agent(Port port);

  // Never returns while the port works; returns why it does not.
  std::string serve();

 private:
  void read_requests();
  // What another thread than the executing one answers or takes; false for requests to execute.
  bool take_apart(const nlohmann::json& message);
  void pause(std::size_t steps_done);
  void send_heartbeats();
  void send(const nlohmann::json& message);

  Port port_;
  Commands commands_{[this](std::size_t steps_done) { pause(steps_done); }};
  std::atomic<std::uint64_t> executing_{0};  // id of the request, or 0

  std::mutex sending_;  // one frame at a time

  std::mutex queue_mutex_;  // guards the three below
  std::deque<nlohmann::json> queue_;
  bool going_on_ = false;  // the host's answer to a pause
  std::string broken_;
  std::condition_variable queue_changed_;
};

}  // namespace vexfs::parity::guest
