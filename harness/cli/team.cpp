// SPDX-License-Identifier: MIT
#include "harness/cli/team.h"

#include <algorithm>
#include <future>
#include <thread>

#include <fmt/format.h>

#include "harness/cli/places.h"
#include "harness/target/core_target.h"
#include "harness/target/guest_target.h"
#include "harness/target/reference_target.h"
#include "harness/target/shared_target.h"
#include "harness/vm/acceleration.h"

namespace vexfs::parity::cli {
namespace {

std::size_t processors() { return std::max(1U, std::thread::hardware_concurrency()); }

using Booted = std::expected<std::unique_ptr<GuestTarget>, TargetFailure>;

bool wants(const TeamOptions& options, const std::string& target) {
  const auto& all = options.targets;
  return std::find(all.begin(), all.end(), target) != all.end();
}

std::expected<std::vector<vm::KernelImage>, std::string> chosen_images(const TeamOptions& options) {
  auto images = vm::find_images(images_dir());
  if (!images) return std::unexpected(images.error().message);
  if (options.kernels.empty()) return std::move(*images);
  std::vector<vm::KernelImage> chosen;
  for (const std::string& kernel : options.kernels) {
    const auto image = vm::find_image(images_dir(), kernel);
    if (!image) return std::unexpected(image.error().message);
    chosen.push_back(*image);
  }
  return chosen;
}

std::expected<std::vector<GuestTargetOptions>, std::string> guests_to_boot(
    const TeamOptions& options, const std::filesystem::path& work_dir) {
  std::vector<GuestTargetOptions> guests;
  if (!wants(options, "fuse") && !wants(options, "kmod")) return guests;
  const auto images = chosen_images(options);
  if (!images) return std::unexpected(images.error());
  if (images->empty()) return std::unexpected("no guest image is built; run ./vexfs-parity doctor");
  const auto acceleration = vm::probe_acceleration(
      {images->front(), work_dir / "probe", images_dir() / "acceleration.json"});
  if (!acceleration) return std::unexpected(acceleration.error().message);
  for (const vm::KernelImage& image : *images) {
    for (const GuestKind kind : {GuestKind::kFuse, GuestKind::kKmod}) {
      const char* name = kind == GuestKind::kFuse ? "fuse" : "kmod";
      if (!wants(options, name)) continue;
      guests.push_back({kind, image, acceleration->accelerator,
                        work_dir / fmt::format("{}-{}", name, image.family)});
    }
  }
  return guests;
}

std::expected<std::vector<std::unique_ptr<Target>>, std::string> boot_all(
    const std::vector<GuestTargetOptions>& guests) {
  std::vector<std::future<Booted>> booting;
  for (const GuestTargetOptions& guest : guests) {
    booting.push_back(
        std::async(std::launch::async, [&guest] { return GuestTarget::boot(guest); }));
  }
  std::vector<std::unique_ptr<Target>> targets;
  std::string failed;
  for (auto& result : booting) {
    auto target = result.get();
    if (target) {
      targets.push_back(std::move(*target));
    } else if (failed.empty()) {
      failed = target.error().what + "\n" + target.error().evidence;
    }
  }
  if (!failed.empty()) return std::unexpected("a guest does not boot: " + failed);
  return targets;
}

using Targets = std::vector<std::unique_ptr<Target>>;

// For each of `guests` some that are alike, so that all cores have one to compute.
std::expected<std::vector<Targets>, std::string> boot_pools(
    const std::vector<GuestTargetOptions>& guests) {
  std::vector<Targets> pools(guests.size());
  if (guests.empty()) return pools;
  const std::size_t alike = std::max<std::size_t>(1, processors() / guests.size());
  for (std::size_t round = 0; round < alike; ++round) {
    std::vector<GuestTargetOptions> next = guests;
    for (GuestTargetOptions& guest : next) guest.work_dir += fmt::format("-{}", round);
    // One round after the other: the later ones start from the states that the first one saved.
    auto booted = boot_all(next);
    if (!booted) return std::unexpected(booted.error());
    for (std::size_t i = 0; i < pools.size(); ++i) pools[i].push_back(std::move((*booted)[i]));
  }
  return pools;
}

std::vector<std::unique_ptr<Target>> in_process_targets(const TeamOptions& options) {
  std::vector<std::unique_ptr<Target>> targets;
  if (wants(options, "core")) targets.push_back(std::make_unique<CoreTarget>());
  return targets;
}

}  // namespace

void add_team_options(CLI::App& command, TeamOptions& options) {
  command
      .add_option("--targets", options.targets,
                  "what stands beside the reference: core, fuse, kmod (default: all)")
      ->delimiter(',')
      ->check(CLI::IsMember({"core", "fuse", "kmod"}));
  command
      .add_option("--kernels", options.kernels, "kernel families of the guests, such as 6.1,6.12")
      ->delimiter(',');
}

WorkDir::WorkDir() : path(new_work_dir()) {}

WorkDir::~WorkDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

std::expected<std::vector<std::unique_ptr<Target>>, std::string> boot_guests(
    const TeamOptions& options, const std::filesystem::path& work_dir) {
  const auto guests = guests_to_boot(options, work_dir);
  if (!guests) return std::unexpected(guests.error());
  return boot_all(*guests);
}

std::expected<Team, std::string> assemble(const TeamOptions& options) {
  Team team;
  const auto guests = guests_to_boot(options, team.work_dir->path);
  if (!guests) return std::unexpected(guests.error());
  auto pools = boot_pools(*guests);
  if (!pools) return std::unexpected(pools.error());
  const std::size_t count = pools->empty() ? processors() : pools->front().size() + 1;
  std::vector<Targets> others;
  for (std::size_t i = 0; i < count; ++i) others.push_back(in_process_targets(options));
  for (Targets& pool : *pools) {
    auto shared = share_targets(std::move(pool), count);
    for (std::size_t i = 0; i < count; ++i) others[i].push_back(std::move(shared[i]));
  }
  team.names = {"reference"};
  for (const auto& target : others.front()) team.names.push_back(target->name());
  std::vector<std::unique_ptr<Lockstep>> locksteps;
  for (auto& targets : others) {
    locksteps.push_back(std::make_unique<Lockstep>(std::make_unique<ReferenceTarget>(),
                                                   std::move(targets), !pools->empty()));
  }
  team.crew = std::make_unique<Crew>(std::move(locksteps));
  return team;
}

}  // namespace vexfs::parity::cli
