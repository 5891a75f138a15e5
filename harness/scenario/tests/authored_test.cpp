// SPDX-License-Identifier: MIT
// Every scenario that ships can be read, and the reference model meets its expectations.
#include <filesystem>

#include <gtest/gtest.h>

#include "harness/scenario/generate_world.h"
#include "harness/scenario/scenario.h"

namespace vexfs::parity {
namespace {

std::vector<std::filesystem::path> shipped() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SCENARIOS_DIR)) {
    if (entry.path().string().ends_with(".vxs.json")) files.push_back(entry.path());
  }
  return files;
}

TEST(Authored, TheModelMeetsWhatEachScenarioExpects) {
  ASSERT_GE(shipped().size(), 20u);
  for (const auto& file : shipped()) {
    const auto scenario = load_scenario(file);
    ASSERT_TRUE(scenario) << scenario.error();
    World world(scenario->volume, scenario->mount);
    for (std::size_t i = 0; i < scenario->steps.size(); ++i) {
      const Step& step = scenario->steps[i];
      const Outcome outcome = world.execute(step);
      for (const std::string& miss : unmet(step, outcome)) {
        ADD_FAILURE() << file << " step " << i << ": " << miss;
      }
    }
  }
}

}  // namespace
}  // namespace vexfs::parity
