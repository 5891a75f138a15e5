// SPDX-License-Identifier: MIT
// What the engine tells about a run while it goes on. Printers only listen: they decide nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace vexfs::parity {

/// How a scenario, or a whole run, ended. The values are the exit codes of vexfs-parity.
enum class Verdict : int {
  kParity = 0,
  kDivergence = 1,     // targets differ, or a crash state recovered wrongly
  kUsage = 2,          // only of a run
  kHarnessFailed = 3,  // the harness or the machine, never the filesystem
  kNoVerdict = 4,      // the budget ended first
  kOops = 5,           // the guest kernel
};

/// "parity", "divergence", "usage", "harness failed", "no verdict", "oops".
std::string verdict_name(Verdict verdict);

struct RunStarted {
  std::string command;  // the subcommand and its arguments
  std::uint64_t seed = 0;
  std::vector<std::string> targets;
};

struct ScenarioStarted {
  std::string name;
};

struct ScenarioFinished {
  std::string name;
  Verdict verdict = Verdict::kParity;
  std::string signature;           // of a failure
  std::string detail;              // for a person, several lines
  std::string case_file;           // where the scenario was written, if it was
  std::uint64_t operations = 0;    // executed on each target
  std::uint64_t crash_states = 0;  // judged
  std::size_t new_coverage = 0;    // pairs and features that no earlier scenario had
  std::chrono::nanoseconds time{0};
};

struct ShrinkProgress {
  std::string name;
  std::size_t steps = 0;  // of the smallest so far
  std::size_t runs = 0;
};

/// Something a person should read now: a guest that died, a fallback that was taken.
struct Notice {
  std::string text;
};

struct RunFinished {
  Verdict verdict = Verdict::kParity;
};

/// Events come from one thread, in order, between one RunStarted and one RunFinished.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on(const RunStarted&) {}
  virtual void on(const ScenarioStarted&) {}
  virtual void on(const ScenarioFinished&) {}
  virtual void on(const ShrinkProgress&) {}
  virtual void on(const Notice&) {}
  virtual void on(const RunFinished&) {}
};

/// Passes each event on to all listeners, in the order in which they were added.
class Broadcast : public Listener {
 public:
  void add(std::unique_ptr<Listener> listener) { listeners_.push_back(std::move(listener)); }

  void on(const RunStarted& event) override { tell(event); }
  void on(const ScenarioStarted& event) override { tell(event); }
  void on(const ScenarioFinished& event) override { tell(event); }
  void on(const ShrinkProgress& event) override { tell(event); }
  void on(const Notice& event) override { tell(event); }
  void on(const RunFinished& event) override { tell(event); }

 private:
  template <class Event>
  void tell(const Event& event) {
    for (const auto& listener : listeners_) listener->on(event);
  }

  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace vexfs::parity
