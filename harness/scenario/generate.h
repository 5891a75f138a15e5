// SPDX-License-Identifier: MIT
// Random scenarios, made step by step against a reference model.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "harness/scenario/scenario.h"

namespace vexfs::parity {

struct Generated {
  Scenario scenario;
  std::vector<Outcome> outcomes;  // of the model, one for each step; volume steps answer "ok"
  std::vector<std::string>
      features;  // what the scenario reaches, by the names of harness/lockstep/features.h
};

/// The scenario of a seed; the same on every machine. Only one thread of a process may generate at
/// a time: RapidCheck keeps state of its own. The error is a mistake in the generator or the model,
/// with the seed. `only`: names of the themes that it may have; none: all.
std::expected<Generated, std::string> generate_scenario(std::uint64_t seed,
                                                        std::span<const std::string> only = {});

/// What scenarios are about.
std::vector<std::string> theme_names();

/// Seed of scenario number `index` in a run.
std::uint64_t scenario_seed(std::uint64_t run_seed, std::uint64_t index);

/// Scenario number `n` of a run. As generate_scenario().
std::expected<Scenario, std::string> nth_scenario(std::uint64_t run_seed, std::uint64_t n,
                                                  std::span<const std::string> only = {});

}  // namespace vexfs::parity
