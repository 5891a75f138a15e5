// SPDX-License-Identifier: MIT
#include "harness/vm/agent_link.h"

#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>

namespace vexfs::parity::vm {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr int kWatchIntervalMs = 100;
constexpr std::size_t kConsoleTailLines = 60;
// After the first bad sign on the console: time for the rest of it, and for QEMU to end.
constexpr auto kSignPatience = 700ms;
// Of the guest's time, for a request while the kernel says that something hangs.
constexpr auto kHangPatience = 10s;

std::string describe_request(const json& request) {
  std::string text = request.value("kind", "?");
  for (const char* key : {"target", "device", "dir", "options", "path", "how"}) {
    if (request.contains(key) && request[key].is_string()) {
      text.append(" ").append(key).append("=").append(request[key].get<std::string>());
    }
  }
  if (request.contains("batch") && request["batch"].is_binary()) {
    const auto batch =
        nlohmann::ordered_json::from_cbor(request["batch"].get_binary(), true, false);
    text += " " + batch.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 2000);
  }
  return text;
}

}  // namespace

AgentLink::AgentLink(Machine& machine, const SilenceLimits& limits)
    : machine_(machine),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      console_(machine.work_dir() / "console.log"),
      meter_(limits, now()),
      watcher_([this] { watch(); }) {}

AgentLink::~AgentLink() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t put = ::write(stop_.get(), &one, sizeof(one));
  watcher_.join();
}

MachineTime AgentLink::now() const {
  return {std::chrono::steady_clock::now(), machine_.process().times()};
}

// The watcher's thread: everything that the machine says passes here.
void AgentLink::watch() {
  bool serial_open = true;
  while (true) {
    std::array<pollfd, 4> ready{{{machine_.port_fd(), POLLIN, 0},
                                 {serial_open ? machine_.serial_fd() : -1, POLLIN, 0},
                                 {machine_.process().exit_fd(), POLLIN, 0},
                                 {stop_.get(), POLLIN, 0}}};
    ::poll(ready.data(), ready.size(), kWatchIntervalMs);
    const bool exited = ready[2].revents != 0;
    const Lock lock(mutex_);
    if (stopping_) return;
    if (ready[0].revents != 0 || exited) receive();
    if (ready[1].revents != 0 || exited) serial_open = console_.drain(machine_.serial_fd());
    judge(exited);
    changed_.notify_all();
    if (death_) return;
  }
}

void AgentLink::receive() {
  std::array<std::byte, 64 * 1024> buffer;
  while (true) {
    const ssize_t got = ::recv(machine_.port_fd(), buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;  // at the end of the stream QEMU has ended, which is noticed apart
    meter_.heard(now());
    reader_.feed(std::span(buffer).first(static_cast<std::size_t>(got)));
    take_messages();
  }
}

void AgentLink::take_messages() {
  while (broken_.empty()) {
    auto message = reader_.next();
    if (!message) {
      broken_ = message.error();
      return;
    }
    if (!*message) return;
    const auto id = (*message)->value("id", std::uint64_t{0});
    if ((*message)->value("kind", "") == "paused") {
      pauses_.push_back((*message)->value("steps", std::size_t{0}));
    } else if (id != 0) {
      replies_[id] = std::move(**message);
    }
  }
}

void AgentLink::judge(bool exited) {
  const auto time = now();
  const auto& sign = console_.sign();
  const bool damaged = sign && sign->kind != SignKind::kHang;
  if (damaged && !sign_seen_) sign_seen_ = time.wall;
  if (exited && machine_.killed()) {
    declare_dead(DeathKind::kExit, "killed by the harness: a power failure");
  } else if (damaged && (exited || time.wall - *sign_seen_ > kSignPatience)) {
    const bool panicked = sign->kind == SignKind::kPanic;
    declare_dead(panicked ? DeathKind::kPanic : DeathKind::kOops, sign->headline);
  } else if (exited) {
    declare_dead(DeathKind::kExit, "QEMU ended by itself");
  } else if (sign && hangs(time)) {
    declare_dead(DeathKind::kSilence, sign->headline);
  } else if (meter_.dead(time)) {
    declare_dead(DeathKind::kSilence, meter_.booted()
                                          ? "no sign of life while the guest had time to give one"
                                          : "the guest did not boot to its agent");
  }
}

// The kernel says that something hangs. Its clock also runs while the host does other things, so
// it is believed only if the request in flight has had enough of the guest's own time.
bool AgentLink::hangs(const MachineTime& time) const {
  return in_flight_since_ && guest_time(*in_flight_since_, time) >= kHangPatience;
}

void AgentLink::declare_dead(DeathKind kind, std::string headline) {
  const auto time = now();
  machine_.kill();  // from now on it is: nothing may reach the volume any more
  console_.drain(machine_.serial_fd());
  death_ = DeathReport{.kind = kind,
                       .headline = std::move(headline),
                       .in_flight = in_flight_,
                       .console_tail = console_.tail(kConsoleTailLines),
                       .qemu_output = machine_.qemu_output(),
                       .unheard = meter_.unheard(time),
                       .computed = meter_.computed(time)};
}

std::optional<GuestError> AgentLink::obstacle() const {
  if (death_) return GuestError{GuestError::Kind::kDeath, describe(*death_), death_};
  if (!broken_.empty()) {
    return GuestError{GuestError::Kind::kInfra,
                      "the agent's stream is broken: " + broken_ + "; start the guest anew",
                      {}};
  }
  return std::nullopt;
}

std::expected<json, GuestError> AgentLink::call(json request, std::chrono::milliseconds limit,
                                                const OnPause& on_pause) {
  const std::scoped_lock one_call(calling_);
  const std::string what = describe_request(request);
  std::uint64_t id = 0;
  {
    const Lock lock(mutex_);
    if (!stuck_.empty()) {
      return std::unexpected(
          GuestError{GuestError::Kind::kTimeout,
                     "the guest is still stuck in '" + stuck_ + "'; kill it and start it anew",
                     {}});
    }
    id = next_id_++;
    in_flight_ = what;
    in_flight_since_ = now();
  }
  request["id"] = id;
  const auto frame = guest::encode_frame(request);
  if (frame.empty()) {
    return std::unexpected(GuestError{
        GuestError::Kind::kInfra, "request '" + what + "' is too long; send it in parts", {}});
  }
  const auto start = now();
  if (auto sent = send(frame); !sent) return std::unexpected(sent.error());
  const auto go_on = guest::encode_frame({{"kind", "go_on"}});
  Lock lock(mutex_);
  while (true) {
    if (const auto reply = replies_.find(id); reply != replies_.end()) {
      json answer = std::move(reply->second);
      replies_.erase(reply);
      in_flight_.clear();
      in_flight_since_.reset();
      answer.erase("id");
      return answer;
    }
    if (auto error = obstacle()) return std::unexpected(*error);
    if (!pauses_.empty()) {
      const std::size_t steps_done = pauses_.front();
      pauses_.pop_front();
      lock.unlock();
      if (on_pause) on_pause(steps_done);
      if (auto sent = send(go_on); !sent) return std::unexpected(sent.error());
      lock.lock();
      continue;
    }
    if (guest_time(start, now()) >= limit) {
      stuck_ = what;
      lock.unlock();
      return std::unexpected(timeout_error(what));
    }
    changed_.wait_for(lock, 100ms);
  }
}

std::expected<void, GuestError> AgentLink::send(const std::vector<std::byte>& frame) {
  std::size_t sent = 0;
  while (sent < frame.size()) {
    {
      const Lock lock(mutex_);
      if (auto error = obstacle()) return std::unexpected(*error);
    }
    const ssize_t put =
        ::send(machine_.port_fd(), frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL);
    if (put >= 0) {
      sent += static_cast<std::size_t>(put);
    } else if (errno == EAGAIN || errno == EPIPE) {
      // Full: until the guest reads on. Or QEMU has ended, and the watcher is about to say so.
      pollfd entry{errno == EAGAIN ? machine_.port_fd() : -1, POLLOUT, 0};
      ::poll(&entry, 1, kWatchIntervalMs);
    }
  }
  return {};
}

GuestError AgentLink::timeout_error(const std::string& what) {
  return {GuestError::Kind::kTimeout,
          "the guest lives but does not end '" + what + "'; its tasks:\n" + stacks_of_tasks(),
          {}};
}

// The agent answers these two even while its worker is stuck.
std::string AgentLink::stacks_of_tasks() {
  std::string text = "(not available)";
  for (const char* kind : {"show_tasks", "dmesg"}) {
    std::uint64_t id = 0;
    {
      const Lock lock(mutex_);
      id = next_id_++;
    }
    if (!send(guest::encode_frame({{"id", id}, {"kind", kind}}))) return text;
    Lock lock(mutex_);
    changed_.wait_for(lock, 5s,
                      [&] { return replies_.contains(id) || death_ || !broken_.empty(); });
    if (!replies_.contains(id)) return text;
    text = replies_[id].value("text", text);
    replies_.erase(id);
  }
  return tail(text, 400);
}

std::optional<DeathReport> AgentLink::death() const {
  const Lock lock(mutex_);
  return death_;
}

bool AgentLink::suspected() const {
  const Lock lock(mutex_);
  return death_ || meter_.suspected(now());
}

std::string AgentLink::console_tail(std::size_t lines) const {
  const Lock lock(mutex_);
  return console_.tail(lines);
}

}  // namespace vexfs::parity::vm
