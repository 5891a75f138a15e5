// SPDX-License-Identifier: MIT
#include "harness/crash/authored.h"

#include <algorithm>

#include "harness/crash/recover.h"
#include "harness/lockstep/fresh_volume.h"
#include "harness/target/reference_target.h"

namespace vexfs::parity::crash {
namespace {

using Steps = std::vector<Step>::const_iterator;

Steps end_of_mount(Steps from, Steps end) {
  return std::find_if(from, end, [](const Step& step) { return !is_session_step(step.operation); });
}

bool has_place(const Step& step) {
  const auto* crash = std::get_if<Crash>(&step.operation);
  return crash != nullptr && !std::holds_alternative<std::monostate>(crash->at);
}

/// Leaves in `authored` what the next mount begins with, after the steps [from, end) and `ending`.
std::expected<void, std::string> pass(Steps from, Steps end, const Operation& ending,
                                      AuthoredCrash& authored) {
  const bool crash = std::holds_alternative<Crash>(ending);
  MountOptions& options = authored.mount.mount;
  auto ran = ReferenceTarget().run({authored.base, options, std::span(from, end),
                                    crash ? Ending::kPowerFailure : Ending::kUnmount});
  if (!ran) return std::unexpected(ran.error().what);
  if (const auto* remount = std::get_if<Remount>(&ending)) options = remount->options;
  authored.base = std::move(ran->volume);
  if (!crash) return {};
  auto recovered = recover_by_reference(authored.base, options);
  if (!recovered) return std::unexpected(recovered.error().what);
  authored.base = std::move(recovered->volume);
  return {};
}

}  // namespace

std::expected<AuthoredCrash, std::string> authored_crash(const Scenario& scenario) {
  const Steps begin = scenario.steps.begin();
  const Steps end = scenario.steps.end();
  const Steps chosen = std::find_if(begin, end, has_place);
  AuthoredCrash authored;
  authored.mount = scenario;
  authored.crash.at = AnyMoment{};
  auto base = fresh_volume(scenario.volume);
  if (!base) return std::unexpected(base.error());
  authored.base = std::move(*base);
  Steps from = begin;
  Steps to = end_of_mount(from, end);
  while (chosen != end && to != chosen) {
    if (auto passed = pass(from, to, to->operation, authored); !passed) {
      return std::unexpected(passed.error());
    }
    from = to + 1;
    to = end_of_mount(from, end);
  }
  authored.first_step = static_cast<std::size_t>(from - begin);
  authored.mount.steps.assign(from, to);
  if (chosen == end) return authored;
  authored.has_place = true;
  authored.crash = std::get<Crash>(chosen->operation);
  authored.first_after = static_cast<std::size_t>(chosen + 1 - begin);
  authored.after.assign(chosen + 1, end_of_mount(chosen + 1, end));
  return authored;
}

}  // namespace vexfs::parity::crash
