// SPDX-License-Identifier: MIT
#include "harness/planted/guest_hunt.h"

#include <set>

#include <fmt/format.h>

#include "harness/scenario/scenario_codec.h"
#include "harness/target/reference_target.h"
#include "harness/vm/acceleration.h"

namespace vexfs::parity {

using enum FailureKind;

std::span<const GuestFault> guest_faults() {
  static const std::vector<GuestFault> kFaults{
      {GuestKind::kKmod,
       "rename_keeps_nlink",
       "a directory that moves leaves both parents' nlink",
       {kTrace, kVolume},
       {"planted/moved-directory"}},
      {GuestKind::kKmod,
       "event_of_failure",
       "a removal that failed leaves an event",
       {kTrace, kVolume},
       {"planted/failed-operation"}},
      {GuestKind::kKmod,
       "commit_crc_span",
       "the commit's checksum leaves out the commit's end",
       {kVolume, kRecovery},
       {"planted/moved-directory"}},
      {GuestKind::kKmod,
       "parked_reused",
       "a freed block is used again before the checkpoint",
       {kVolume},
       {"planted/parked-block"}},
      {GuestKind::kKmod,
       "orphans_kept",
       "recovery does not reclaim orphans",
       {kRecovery, kVolume},
       {"planted/orphan-at-crash"}},
      {GuestKind::kKmod,
       "truncate_keeps_tail",
       "a cut file keeps bytes behind its end",
       {kTrace, kVolume},
       {"planted/cut-what-is-home"}},
      {GuestKind::kFuse,
       "dead_attributes_cached",
       "attributes of a removed inode stay in the kernel's cache",
       {kTrace},
       {"planted/removed-directory"}},
      {GuestKind::kFuse,
       "release_lost",
       "a close does not reach the engine",
       {kTrace, kVolume},
       {"files/unlinked"}},
      {GuestKind::kFuse,
       "release_late",
       "a close reaches the engine only after what follows it",
       {kTrace, kVolume},
       {"files/unlinked"}},
      {GuestKind::kFuse,
       "old_attributes_replied",
       "a change of attributes answers those from before it",
       {kTrace},
       {"planted/cut-and-grow"}},
  };
  return kFaults;
}

void GuestHunt::run(Pair& pair, std::string_view trigger, HuntResult& result) const {
  const auto scenario = load_scenario(options_.scenarios_dir / fmt::format("{}.vxs.json", trigger));
  if (!scenario) {
    result.broken = scenario.error();
    return;
  }
  ++result.scenarios;
  const auto comparison = pair.lockstep->run(*scenario);
  if (!comparison) {
    result.broken = scenario->name + ": " + comparison.error();
  } else if (const auto& failure = comparison->failure) {
    result.alarming.push_back(result.scenarios - 1);
    if (result.caught) return;
    result.caught = Caught{std::string(name_of(failure->kind)), failure->signature, scenario->name,
                           result.scenarios, failure->lines};
  }
}

std::expected<GuestHunt, std::string> GuestHunt::prepare(const GuestHuntOptions& options) {
  const auto acceleration =
      vm::probe_acceleration({options.image, options.work_dir / "probe", options.acceleration});
  if (!acceleration) return std::unexpected(acceleration.error().message);
  GuestHunt hunt(options);
  for (const GuestKind kind : {GuestKind::kKmod, GuestKind::kFuse}) {
    const char* name = kind == GuestKind::kKmod ? "kmod" : "fuse";
    auto guest = GuestTarget::boot(
        {kind, options.image, acceleration->accelerator, options.work_dir / name});
    if (!guest) {
      return std::unexpected(
          fmt::format("a guest does not boot: {}\n{}", guest.error().what, guest.error().evidence));
    }
    Pair& pair = hunt.pair_of(kind);
    pair.guest = guest->get();
    std::vector<std::unique_ptr<Target>> others;
    others.push_back(std::move(*guest));
    pair.lockstep =
        std::make_unique<Lockstep>(std::make_unique<ReferenceTarget>(), std::move(others), true);
  }
  return hunt;
}

HuntResult GuestHunt::seek(const GuestFault& fault) {
  HuntResult result;
  Pair& pair = pair_of(fault.where);
  pair.guest->plant(std::string(fault.name));
  for (const std::string_view trigger : fault.triggers) {
    if (!result.caught && result.broken.empty()) run(pair, trigger, result);
  }
  pair.guest->plant("");
  return result;
}

HuntResult GuestHunt::seek_false_alarms() {
  HuntResult result;
  std::set<std::pair<GuestKind, std::string_view>> seen;
  for (const GuestFault& fault : guest_faults()) {
    for (const std::string_view trigger : fault.triggers) {
      if (seen.insert({fault.where, trigger}).second) run(pair_of(fault.where), trigger, result);
    }
  }
  return result;
}

}  // namespace vexfs::parity
