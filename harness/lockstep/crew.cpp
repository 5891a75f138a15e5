// SPDX-License-Identifier: MIT
#include "harness/lockstep/crew.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace vexfs::parity {
namespace {

// How far the fastest thread may be ahead of what was taken.
constexpr std::uint64_t kMostAhead = 64;

Ran run_one(Lockstep& lockstep, std::expected<Scenario, std::string> scenario) {
  const auto start = std::chrono::steady_clock::now();
  auto result = scenario
                    ? lockstep.run(*scenario)
                    : std::expected<LockstepResult, std::string>(std::unexpected(scenario.error()));
  return {std::move(scenario), std::move(result), std::chrono::steady_clock::now() - start};
}

// What the threads of one Crew::run() share.
class Relay {
 public:
  Relay(std::uint64_t first, std::uint64_t end, const Generator& generate)
      : next_(first), taken_(first), end_(end), generate_(generate) {}

  // Runs scenarios until there are no more or stop() was called.
  void work(Lockstep& lockstep) {
    std::unique_lock lock(mutex_);
    for (;;) {
      room_.wait(lock, [&] { return next_ >= end_ || next_ < taken_ + kMostAhead; });
      if (next_ >= end_) return;
      const std::uint64_t number = next_++;
      auto scenario = generate_(number);  // below the lock, for RapidCheck knows one thread only
      lock.unlock();
      Ran ran = run_one(lockstep, std::move(scenario));
      lock.lock();
      ran_.emplace(number, std::move(ran));
      ready_.notify_one();
    }
  }

  // The next one in order; waits for it.
  Ran take() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return ran_.contains(taken_); });
    Ran ran = std::move(ran_.extract(taken_).mapped());
    ++taken_;
    room_.notify_all();
    return ran;
  }

  // No scenario begins any more.
  void stop() {
    const std::lock_guard lock(mutex_);
    end_ = 0;
    room_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable room_;   // for threads that are too far ahead
  std::condition_variable ready_;  // for take()
  std::uint64_t next_;             // to begin
  std::uint64_t taken_;            // below this all were
  std::uint64_t end_;
  const Generator& generate_;
  std::map<std::uint64_t, Ran> ran_;
};

}  // namespace

void Crew::run(std::uint64_t first, std::uint64_t end, const Generator& generate,
               const std::function<void(const Scenario&)>& begin,
               const std::function<bool(Ran)>& take) {
  if (locksteps_.size() == 1) {
    for (bool going = true; going && first < end; ++first) {
      auto scenario = generate(first);
      if (scenario) begin(*scenario);
      going = take(run_one(lead(), std::move(scenario)));
    }
    return;
  }
  Relay relay(first, end, generate);
  std::vector<std::jthread> threads;
  for (const auto& lockstep : locksteps_) {
    threads.emplace_back([&relay, &lockstep] { relay.work(*lockstep); });
  }
  for (bool going = true; going && first < end; ++first) {
    Ran ran = relay.take();
    if (ran.scenario) begin(*ran.scenario);
    going = take(std::move(ran));
  }
  relay.stop();
}

}  // namespace vexfs::parity
