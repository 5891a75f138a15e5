// SPDX-License-Identifier: MIT
#include "harness/guest/agent.h"

#include <array>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include <pthread.h>
#include <sched.h>

#include "harness/guest/frame.h"
#include "harness/guest/kernel_log.h"
#include "harness/guest/reply.h"

namespace vexfs::parity::guest {
namespace {

constexpr auto kHeartbeatInterval = std::chrono::milliseconds(500);

std::int64_t uptime_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// A busy filesystem must not be able to keep the heart from beating; a dead kernel can.
void run_before_others() {
  const sched_param priority{.sched_priority = 1};
  ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &priority);
}

}  // namespace

Agent::Agent(Port port) : port_(std::move(port)) {}

std::string Agent::serve() {
  std::thread([this] { read_requests(); }).detach();
  std::thread([this] { send_heartbeats(); }).detach();
  while (true) {
    nlohmann::json request;
    {
      std::unique_lock lock(queue_mutex_);
      queue_changed_.wait(lock, [this] { return !queue_.empty() || !broken_.empty(); });
      if (!broken_.empty()) return broken_;
      request = std::move(queue_.front());
      queue_.pop_front();
    }
    const auto id = request.value("id", std::uint64_t{0});
    executing_ = id;
    auto reply = commands_.execute(request);
    executing_ = 0;
    reply["id"] = id;
    send(reply);
  }
}

void Agent::read_requests() {
  FrameReader reader;
  std::array<std::byte, 32 * 1024> buffer;
  std::string broken;
  while (broken.empty()) {
    const std::size_t got = port_.read(buffer);
    if (got == 0) {
      broken = "the host has closed the port";
      break;
    }
    reader.feed(std::span(buffer).first(got));
    while (true) {
      auto message = reader.next();
      if (!message) broken = message.error();
      if (!message || !*message) break;
      if (take_apart(**message)) continue;
      const std::scoped_lock lock(queue_mutex_);
      queue_.push_back(std::move(**message));
      queue_changed_.notify_one();
    }
  }
  const std::scoped_lock lock(queue_mutex_);
  broken_ = broken;
  queue_changed_.notify_one();
}

bool Agent::take_apart(const nlohmann::json& message) {
  const auto kind = message.value("kind", "");
  if (kind == "go_on") {
    const std::scoped_lock lock(queue_mutex_);
    going_on_ = true;
    queue_changed_.notify_one();
    return true;
  }
  if (!Commands::is_diagnosis(kind)) return false;
  // These are for the case that the executing thread is stuck.
  auto reply = Commands::diagnose(kind);
  reply["id"] = message.value("id", std::uint64_t{0});
  send(reply);
  return true;
}

void Agent::pause(std::size_t steps_done) {
  send({{"kind", "paused"}, {"steps", steps_done}});
  std::unique_lock lock(queue_mutex_);
  queue_changed_.wait(lock, [this] { return going_on_ || !broken_.empty(); });
  going_on_ = false;
}

void Agent::send_heartbeats() {
  run_before_others();
  while (true) {
    send({{"kind", "heartbeat"}, {"uptime_ms", uptime_ms()}, {"request", executing_.load()}});
    std::this_thread::sleep_for(kHeartbeatInterval);
  }
}

void Agent::send(const nlohmann::json& message) {
  auto frame = encode_frame(message);
  if (frame.empty()) {
    auto reply = failure(EFBIG, "the reply is above the limit of a frame; ask for less at a time");
    reply["id"] = message.value("id", std::uint64_t{0});
    frame = encode_frame(reply);
  }
  const std::scoped_lock lock(sending_);
  if (!port_.write(frame)) log_warning("a message to the host was lost: the port is gone");
}

}  // namespace vexfs::parity::guest
