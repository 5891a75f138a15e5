// SPDX-License-Identifier: MIT
#include "harness/guest/session.h"

#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "harness/guest/execute.h"
#include "harness/guest/execute_as.h"
#include "harness/scenario/operation_fields.h"
#include "harness/scenario/outcome_codec.h"
#include "harness/scenario/scenario_codec.h"

namespace vexfs::parity::guest {

struct Session::State {
  std::string mount_dir;
  OpenFiles files;
};

namespace {

struct Batch {
  std::vector<Step> steps;
  std::optional<std::uint64_t> events_position;
  std::vector<std::uint64_t> pauses;  // after so many steps; ascending
};

// The steps of a request, or what is wrong with it. Other members belong to the agent's protocol.
std::optional<Fault> read_batch(const Json& request, Batch& batch) {
  std::optional<Fault> fault;
  const JsonReader reader(request, "", fault);
  ObjectReader object(reader, "an object with \"steps\"");
  object.required("steps", batch.steps);
  if (!fault && request.contains("events_position")) {
    read_value(reader.child("events_position"), batch.events_position.emplace());
  }
  if (!fault && request.contains("pauses")) read_value(reader.child("pauses"), batch.pauses);
  for (std::size_t i = 0; i < batch.steps.size() && !fault; ++i) {
    if (is_volume_step(batch.steps[i].operation)) {
      reader.child("steps").child(i).fail(
          "a step that a session executes; this one is the target's");
    }
  }
  return fault;
}

Outcome execute_step(const Step& step, OpenFiles& files) {
  if (!step.as) return execute(step.operation, files);
  const ActingAs identity(*step.as);
  return identity.error() != 0 ? Outcome::failure(identity.error())
                               : execute(step.operation, files);
}

Json error_reply(const std::string& what) { return {{"error", what}}; }

}  // namespace

Session::Session(std::string mount_dir) : state_(std::make_unique<State>()) {
  state_->mount_dir = std::move(mount_dir);
}

Session::~Session() = default;

Json Session::execute(const Json& request, const Pause& pause) try {
  Batch batch;
  if (const auto fault = read_batch(request, batch)) return error_reply(fault->message());
  if (batch.events_position) state_->files.events_position = *batch.events_position;
  const InsideMount inside(state_->mount_dir);
  if (!inside.error().empty()) return error_reply(inside.error());
  Json outcomes = Json::array();
  auto next_pause = batch.pauses.begin();
  const auto pause_if_due = [&](std::size_t done) {
    if (next_pause == batch.pauses.end() || *next_pause != done) return;
    pause(done);
    ++next_pause;
  };
  pause_if_due(0);
  for (const Step& step : batch.steps) {
    outcomes.push_back(write_value(execute_step(step, state_->files)));
    pause_if_due(outcomes.size());
  }
  return {{"outcomes", std::move(outcomes)}, {"events_position", state_->files.events_position}};
} catch (const std::exception& error) {
  return error_reply(std::string("the session failed: ") + error.what());
}

}  // namespace vexfs::parity::guest
