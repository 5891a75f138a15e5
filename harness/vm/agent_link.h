// SPDX-License-Identifier: MIT
// The host's end of the conversation with the agent, which also listens whether the guest lives.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>

#include "harness/device/unique_fd.h"
#include "harness/guest/frame.h"
#include "harness/vm/console.h"
#include "harness/vm/death.h"
#include "harness/vm/machine.h"
#include "harness/vm/silence_meter.h"

namespace vexfs::parity::vm {

// Why a call has no reply. Only kDeath and kTimeout say something about the guest.
struct GuestError {
  enum class Kind : std::uint8_t {
    kDeath,    // `death` tells how
    kTimeout,  // it lives, but the request did not end; `message` has the stacks of its tasks
    kInfra,    // the harness or the machine is to blame
  };
  Kind kind = Kind::kInfra;
  std::string message;
  std::optional<DeathReport> death;
};

// Told how many steps of a batch are done.
using OnPause = std::function<void(std::size_t steps_done)>;

// Watches the machine from a thread of its own from construction on, and kills it when it is dead.
// The machine must outlive the link.
class AgentLink {
 public:
  static constexpr std::chrono::milliseconds kDefaultLimit = std::chrono::seconds(60);

  AgentLink(Machine& machine, const SilenceLimits& limits);
  ~AgentLink();

  AgentLink(const AgentLink&) = delete;
  AgentLink& operator=(const AgentLink&) = delete;

  // Sends a request (see harness/guest/agent.h) and returns its reply, which may say "ok": false.
  // `limit` counts the guest's time: a host that is busy with other things prolongs it. After a
  // timeout every further call fails. From any thread, one call after the other. When the agent
  // pauses, `on_pause` is called in this thread before it may go on.
  std::expected<nlohmann::json, GuestError> call(nlohmann::json request,
                                                 std::chrono::milliseconds limit = kDefaultLimit,
                                                 const OnPause& on_pause = {});

  // How the guest died, if it did.
  std::optional<DeathReport> death() const;
  // No sign of life for 2 s: the guest may be dead, or the host busy.
  bool suspected() const;
  std::string console_tail(std::size_t lines) const;

 private:
  using Lock = std::unique_lock<std::mutex>;

  MachineTime now() const;
  void watch();
  void receive();
  void take_messages();
  void judge(bool exited);
  bool hangs(const MachineTime& time) const;
  void declare_dead(DeathKind kind, std::string headline);

  std::expected<void, GuestError> send(const std::vector<std::byte>& frame);
  std::optional<GuestError> obstacle() const;  // with the lock held
  GuestError timeout_error(const std::string& what);
  std::string stacks_of_tasks();

  Machine& machine_;
  std::mutex calling_;  // one call at a time

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  bool stopping_ = false;
  UniqueFd stop_;  // wakes the watcher
  guest::FrameReader reader_;
  Console console_;
  SilenceMeter meter_;
  std::optional<std::chrono::steady_clock::time_point> sign_seen_;
  std::map<std::uint64_t, nlohmann::json> replies_;
  std::deque<std::size_t> pauses_;  // of the agent that nobody has answered
  std::uint64_t next_id_ = 1;
  std::string in_flight_;  // the request being executed, or empty
  std::optional<MachineTime> in_flight_since_;
  std::string broken_;  // why the stream cannot be trusted any more
  std::string stuck_;   // the request that did not end
  std::optional<DeathReport> death_;
  std::thread watcher_;
};

}  // namespace vexfs::parity::vm
