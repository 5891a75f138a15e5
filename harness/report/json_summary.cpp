// SPDX-License-Identifier: MIT
// The machine-readable forms: one summary object, and one object for each event.
#include <fstream>
#include <iostream>

#include "harness/report/printers.h"
#include "harness/report/tally.h"

namespace vexfs::parity {
namespace {

double seconds_of(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

Json finished_json(const ScenarioFinished& event) {
  Json json = {{"name", event.name},
               {"verdict", verdict_name(event.verdict)},
               {"operations", event.operations},
               {"crash_states", event.crash_states},
               {"new_coverage", event.new_coverage},
               {"seconds", seconds_of(event.time)}};
  if (!event.signature.empty()) json["signature"] = event.signature;
  if (!event.detail.empty()) json["detail"] = event.detail;
  if (!event.case_file.empty()) json["case"] = event.case_file;
  return json;
}

std::string text_of(const Json& json, int indent) {
  // Console tails and names are bytes; a report must stay valid UTF-8.
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

class JsonSummary : public Listener {
 public:
  JsonSummary(std::filesystem::path file, const Coverage& coverage, Now now)
      : file_(std::move(file)), coverage_(coverage), now_(std::move(now)) {}

  void on(const RunStarted& event) override {
    started_ = event;
    begin_ = now_();
  }
  void on(const ScenarioFinished& event) override {
    tally_.add(event);
    if (event.verdict != Verdict::kParity) failures_.push_back(finished_json(event));
  }
  void on(const RunFinished& event) override {
    std::ofstream out(file_, std::ios::trunc);
    out << text_of(summary(event), 2) << "\n";
    out.close();
    if (!out)
      std::cerr << file_.string() << ": the summary cannot be written; is the folder there?\n";
  }

 private:
  Json summary(const RunFinished& event) const {
    return {{"command", started_.command},
            {"seed", started_.seed},
            {"targets", started_.targets},
            {"verdict", verdict_name(event.verdict)},
            {"exit_code", static_cast<int>(event.verdict)},
            {"seconds", seconds_of(now_() - begin_)},
            {"scenarios", tally_.scenarios},
            {"parity", tally_.parity},
            {"divergences", tally_.divergences},
            {"harness_failures", tally_.harness_failures},
            {"oopses", tally_.oopses},
            {"no_verdict", tally_.no_verdict},
            {"operations", tally_.operations},
            {"crash_states", tally_.crash_states},
            {"failures", failures_},
            {"coverage", coverage_.to_json()}};
  }

  std::filesystem::path file_;
  const Coverage& coverage_;
  Now now_;
  RunStarted started_;
  std::chrono::nanoseconds begin_{0};
  Tally tally_;
  Json failures_ = Json::array();
};

class JsonlLog : public Listener {
 public:
  explicit JsonlLog(const std::filesystem::path& file) : out_(file, std::ios::trunc) {
    if (!out_) std::cerr << file.string() << ": the log cannot be written; is the folder there?\n";
  }

  void on(const RunStarted& event) override {
    write("run started",
          {{"command", event.command}, {"seed", event.seed}, {"targets", event.targets}});
  }
  void on(const ScenarioStarted& event) override {
    write("scenario started", {{"name", event.name}});
  }
  void on(const ScenarioFinished& event) override {
    write("scenario finished", finished_json(event));
  }
  void on(const ShrinkProgress& event) override {
    write("shrink", {{"name", event.name}, {"steps", event.steps}, {"runs", event.runs}});
  }
  void on(const Notice& event) override { write("notice", {{"text", event.text}}); }
  void on(const RunFinished& event) override {
    write("run finished", {{"verdict", verdict_name(event.verdict)}});
  }

 private:
  void write(std::string_view kind, const Json& body) {
    Json json = {{"event", std::string(kind)}};
    json.update(body);
    out_ << text_of(json, -1) << "\n" << std::flush;
  }

  std::ofstream out_;
};

}  // namespace

std::unique_ptr<Listener> json_summary(std::filesystem::path file, const Coverage& coverage,
                                       Now now) {
  return std::make_unique<JsonSummary>(std::move(file), coverage, std::move(now));
}

std::unique_ptr<Listener> jsonl_log(std::filesystem::path file) {
  return std::make_unique<JsonlLog>(file);
}

}  // namespace vexfs::parity
