// SPDX-License-Identifier: MIT
// What the agent does with a `steps` request: run a batch of scenario steps on a mounted volume.
//
// session.cpp and execute.cpp belong to the scenario part; the agent (agent.cpp) only forwards to
// them. They are linked into a static executable that is PID 1: nothing here may use name
// services, locales or dlopen, and nothing may print to standard output or standard error.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "harness/scenario/json_reader.h"

namespace vexfs::parity::guest {

// Tells the host how many steps of the batch are done and returns when it says to go on.
using Pause = std::function<void(std::size_t steps_done)>;

// One mounted volume as the steps of one scenario see it: open files and directories, the current
// identity, the counters that name data. The agent makes a new session for each mount, and drops
// it (which must close every descriptor under the mount) before it unmounts.
class Session {
 public:
  // `mount_dir` is an absolute path without a trailing slash, e.g. "/mnt".
  explicit Session(std::string mount_dir);
  ~Session();

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Runs a batch in order and returns its reply: what happened for each step. A step that fails is
  // part of the answer; a batch that cannot be understood answers {"error": "<what and where>"}.
  // Pauses when as many steps are done as the batch's member "pauses" lists, in ascending order: 0
  // is before the first. Does not throw. Not thread-safe: the agent calls it from one thread.
  Json execute(const Json& batch, const Pause& pause = [](std::size_t) {});

 private:
  struct State;
  std::unique_ptr<State> state_;  // defined by session.cpp
};

}  // namespace vexfs::parity::guest
