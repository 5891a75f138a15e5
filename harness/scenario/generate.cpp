// SPDX-License-Identifier: MIT
#include "harness/scenario/generate.h"

#include <algorithm>
#include <cstdio>
#include <exception>

#include <rapidcheck.h>

#include "harness/scenario/generate_theme.h"

namespace vexfs::parity {
namespace {

constexpr int kRapidCheckSize = 100;  // below it ranges are cut short
constexpr int kTriesPerStep = 50;
constexpr unsigned kSwitchedOffPercent = 30;

// The moves of one scenario: some are switched off, those of the theme are not (swarm testing).
class Moves {
 public:
  Moves(const Theme& theme, Draw& draw) {
    for (const auto group :
         {name_moves(), file_moves(), attribute_moves(), volume_moves(), vector_update_moves(),
          vector_query_moves(), vector_file_moves(), theme_moves()}) {
      for (const Move& move : group) {
        moves_.push_back(move);
        const bool off = draw.chance(kSwitchedOffPercent);
        weights_.push_back(off ? 0 : move.weight);
      }
    }
    first_themed_ = moves_.size() - theme_moves().size();
    for (const Boost& boost : theme.boosts) {
      const auto move = std::find_if(moves_.begin(), moves_.end(),
                                     [&](const Move& m) { return m.name == boost.move; });
      weights_.at(static_cast<std::size_t>(move - moves_.begin())) = boost.weight;
    }
    ensure("create");
    ensure("mkdir");
  }

  struct Made {
    Operation operation;
    bool themed = false;  // brings the theme on: should succeed
  };

  /// An operation that the scene has objects for.
  Made make(Scene& scene) const {
    for (int i = 0; i < kTriesPerStep; ++i) {
      const std::size_t chosen = scene.draw.weighted(weights_);
      auto operation = moves_[chosen].make(scene);
      if (operation) return {*operation, chosen >= first_themed_};
    }
    return {Statfs{Path{"/"}}, false};
  }

 private:
  // Without these there would be nothing for the others to work on.
  void ensure(std::string_view name) {
    for (std::size_t i = 0; i < moves_.size(); ++i) {
      if (moves_[i].name == name) weights_[i] = std::max(weights_[i], 3u);
    }
  }

  std::vector<Move> moves_;
  std::vector<unsigned> weights_;
  std::size_t first_themed_ = 0;
};

std::optional<Credentials> draw_identity(Scene& scene) {
  if (!scene.draw.chance(scene.habits.stranger_percent)) return std::nullopt;
  switch (scene.draw.below(4)) {
    case 0:
      return Credentials{1000, 1000, {}};
    case 1:
      return Credentials{1001, 1001, {1000}};
    case 2:
      return Credentials{1001, 1001, {50, 1000}};
    default:
      return Credentials{1000, 50, {}};
  }
}

// Mounts differ when a stranger does this (docs/api.md, "Operations"), so the owner of all does it.
bool is_chown_of_nothing(const Operation& operation) {
  const auto* chown = std::get_if<Chown>(&operation);
  return chown != nullptr && chown->uid == kKeepId && chown->gid == kKeepId;
}

// On a read-only mount everything that changes fails alike: leave it again soon.
bool leave_read_only(Scene& scene) {
  return scene.world.options().read_only && scene.world.steps_since_mount() >= 4 &&
         scene.draw.chance(40);
}

Step draw_step(const Moves& moves, Scene& scene) {
  if (leave_read_only(scene)) {
    MountOptions options = scene.world.options();
    options.read_only = false;
    return Step{Remount{options}, std::nullopt, std::nullopt};
  }
  const auto [operation, themed] = moves.make(scene);
  Step step{operation, std::nullopt, std::nullopt};
  if (themed || is_volume_step(operation)) return step;
  if (scene.draw.chance(scene.habits.wrong_percent)) spoil(step.operation, scene);
  const auto identity = draw_identity(scene);
  if (!is_chown_of_nothing(step.operation)) step.as = identity;
  return step;
}

std::uint64_t first_of_uuid(Draw& draw) { return draw.below(std::uint64_t{1} << 48); }

std::string draw_uuid(Draw& draw) {
  char text[64];
  const std::uint64_t high = first_of_uuid(draw);
  const std::uint64_t low = first_of_uuid(draw);
  std::snprintf(text, sizeof text, "%08llx-%04llx-4000-8000-%012llx",
                static_cast<unsigned long long>(high >> 16),
                static_cast<unsigned long long>(high & 0xffff),
                static_cast<unsigned long long>(low));
  return text;
}

constexpr unsigned kFailingDevicePercent = 8;

const Theme& draw_theme(Draw& draw, std::span<const std::string> only) {
  std::vector<unsigned> weights;
  for (const Theme& theme : themes()) {
    const bool wanted = only.empty() || std::ranges::find(only, theme.name) != only.end();
    weights.push_back(wanted ? theme.weight : 0);
  }
  return themes()[draw.weighted(weights)];
}

Generated draw_scenario(std::span<const std::string> only) {
  Draw draw;
  const Theme& theme = draw_theme(draw, only);

  Generated made;
  Habits habits;
  draw_volume(draw, made.scenario.volume, made.scenario.mount);
  theme.set_up(draw, made.scenario.volume, made.scenario.mount, habits);
  made.scenario.volume.uuid = draw_uuid(draw);
  made.scenario.comment = "generated: " + std::string(theme.name);

  World world(made.scenario.volume, made.scenario.mount);
  Scene scene(world, draw, habits);
  const Moves moves(theme, draw);
  const std::uint64_t steps = draw.between(habits.least_steps, kMostSteps);
  for (std::uint64_t i = 0; i < steps; ++i) {
    made.scenario.steps.push_back(draw_step(moves, scene));
    made.outcomes.push_back(world.execute(made.scenario.steps.back()));
  }
  if (draw.chance(kFailingDevicePercent)) {
    for (Step& step : failing_device_steps(scene)) {
      made.outcomes.push_back(world.execute(step));
      made.scenario.steps.push_back(std::move(step));
    }
  }
  made.features = names_of(world.finish());
  return made;
}

}  // namespace

std::vector<std::string> theme_names() {
  std::vector<std::string> names;
  for (const Theme& theme : themes()) names.emplace_back(theme.name);
  return names;
}

std::expected<Generated, std::string> generate_scenario(std::uint64_t seed,
                                                        std::span<const std::string> only) {
  const auto failure = [seed](const std::string& what) {
    return std::unexpected("seed " + std::to_string(seed) + ": the generator failed: " + what);
  };
  try {
    Generated made =
        rc::gen::exec([only] { return draw_scenario(only); })(rc::Random(seed), kRapidCheckSize)
            .value();
    made.scenario.name = "seed-" + std::to_string(seed);
    made.scenario.seed = seed;
    return made;
  } catch (const std::exception& error) {
    return failure(error.what());
  }
}

std::expected<Scenario, std::string> nth_scenario(std::uint64_t run_seed, std::uint64_t n,
                                                  std::span<const std::string> only) {
  auto generated = generate_scenario(scenario_seed(run_seed, n), only);
  if (!generated) return std::unexpected(generated.error());
  return std::move(generated->scenario);
}

std::uint64_t scenario_seed(std::uint64_t run_seed, std::uint64_t index) {
  // splitmix64: neighbouring runs share no scenarios.
  std::uint64_t z = run_seed * 0x9e3779b97f4a7c15u + (index + 1) * 0xd1342543de82ef95u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace vexfs::parity
