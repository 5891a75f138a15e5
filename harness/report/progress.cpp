// SPDX-License-Identifier: MIT
#include <cstdio>
#include <iostream>

#include <unistd.h>

#include "harness/report/printers.h"
#include "harness/report/tally.h"

namespace vexfs::parity {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kRedrawInterval = std::chrono::milliseconds(100);
constexpr nanoseconds kPlainInterval = std::chrono::seconds(10);
constexpr std::string_view kClearLine = "\r\033[K";

std::string per_second(std::uint64_t count, nanoseconds time) {
  const double seconds = std::chrono::duration<double>(time).count();
  char text[32];
  std::snprintf(text, sizeof text, "%.0f",
                seconds > 0 ? static_cast<double>(count) / seconds : 0.0);
  return text;
}

// "12 scenarios, 0 failed, 310 ops/s, 4 crash states/s, coverage 88, shrinking x to 7 steps"
std::string totals(const Tally& tally, nanoseconds time, const ShrinkProgress& shrink) {
  std::string line = std::to_string(tally.scenarios) + " scenarios, " +
                     std::to_string(tally.scenarios - tally.parity) + " failed, " +
                     per_second(tally.operations, time) + " ops/s, " +
                     per_second(tally.crash_states, time) + " crash states/s, coverage " +
                     std::to_string(tally.coverage);
  if (!shrink.name.empty()) {
    line += ", shrinking " + shrink.name + " to " + std::to_string(shrink.steps) + " steps (" +
            std::to_string(shrink.runs) + " runs)";
  }
  return line;
}

std::string failure_text(const ScenarioFinished& event) {
  std::string text = verdict_name(event.verdict) + " in " + event.name;
  if (!event.signature.empty()) text += ": " + event.signature;
  text += "\n";
  if (!event.detail.empty()) text += event.detail + (event.detail.ends_with('\n') ? "" : "\n");
  if (!event.case_file.empty()) text += "replay it: vexfs-parity replay " + event.case_file + "\n";
  return text;
}

// What both forms of progress have in common: totals, and the moments at which something is to be
// shown.
class Progress : public Listener {
 public:
  Progress(std::ostream& out, Now now, nanoseconds interval)
      : out_(out), now_(std::move(now)), interval_(interval) {}

  void on(const RunStarted& event) override {
    begin_ = shown_ = now_();
    std::string line = event.command + ", seed " + std::to_string(event.seed);
    for (const std::string& target : event.targets)
      line += (target == event.targets[0] ? ": " : ", ") + target;
    scroll(line + "\n");
  }
  void on(const ScenarioFinished& event) override {
    tally_.add(event);
    if (shrink_.name == event.name) shrink_ = {};
    if (event.verdict != Verdict::kParity) scroll(failure_text(event));
    show_if_due();
  }
  void on(const ShrinkProgress& event) override {
    shrink_ = event;
    show_if_due();
  }
  void on(const Notice& event) override { scroll(event.text + "\n"); }
  void on(const RunFinished& event) override {
    shrink_ = {};
    scroll(verdict_name(event.verdict) + ": " + status() + "\n");
  }

 protected:
  virtual void scroll(const std::string& text) = 0;
  virtual void show(const std::string& line) = 0;

  std::string status() const { return totals(tally_, now_() - begin_, shrink_); }
  std::ostream& out() { return out_; }

 private:
  void show_if_due() {
    const nanoseconds now = now_();
    if (now - shown_ < interval_) return;
    shown_ = now;
    show(status());
  }

  std::ostream& out_;
  Now now_;
  nanoseconds interval_;
  nanoseconds begin_{0};
  nanoseconds shown_{0};
  Tally tally_;
  ShrinkProgress shrink_;
};

class TerminalProgress : public Progress {
 public:
  TerminalProgress(std::ostream& out, Now now) : Progress(out, std::move(now), kRedrawInterval) {}

 private:
  void scroll(const std::string& text) override { out() << kClearLine << text << std::flush; }
  void show(const std::string& line) override { out() << kClearLine << line << std::flush; }
};

class PlainProgress : public Progress {
 public:
  PlainProgress(std::ostream& out, Now now) : Progress(out, std::move(now), kPlainInterval) {}

 private:
  void scroll(const std::string& text) override { out() << text << std::flush; }
  void show(const std::string& line) override { out() << line << "\n" << std::flush; }
};

}  // namespace

Now steady_now() {
  return [] { return std::chrono::steady_clock::now().time_since_epoch(); };
}

std::unique_ptr<Listener> terminal_progress(std::ostream& out, Now now) {
  return std::make_unique<TerminalProgress>(out, std::move(now));
}

std::unique_ptr<Listener> plain_progress(std::ostream& out, Now now) {
  return std::make_unique<PlainProgress>(out, std::move(now));
}

std::unique_ptr<Listener> progress_for_stdout() {
  return ::isatty(STDOUT_FILENO) ? terminal_progress(std::cout) : plain_progress(std::cout);
}

}  // namespace vexfs::parity
