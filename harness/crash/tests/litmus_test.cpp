// SPDX-License-Identifier: MIT
#include "harness/crash/tests/litmus.h"

#include <algorithm>
#include <cstdio>

#include <gtest/gtest.h>

namespace vexfs::parity::crash {
namespace {

std::vector<LitmusCase> all_cases() {
  std::vector<LitmusCase> all;
  for (const auto& entry : std::filesystem::directory_iterator(VEXFS_LITMUS)) {
    if (entry.path().extension() != ".txt") continue;
    auto cases = read_litmus(entry.path());
    if (!cases) {
      ADD_FAILURE() << cases.error();
      continue;
    }
    std::ranges::move(*cases, std::back_inserter(all));
  }
  return all;
}

std::string in_words(const Letters& letters) { return {letters.begin(), letters.end()}; }

// Does the law give exactly the sets of the case? In a phase before the last one, is the state that
// was chosen legal?
bool agrees(const Law& law, const LitmusCase& litmus) {
  for (const LitmusPhase& phase : litmus.phases) {
    for (const auto& [sector, expected] : phase.after) {
      const Letters said = letters_by(law, phase, sector);
      const bool last = &phase == &litmus.phases.back();
      if (last ? said != expected : !std::ranges::includes(said, expected)) return false;
    }
  }
  return true;
}

TEST(Litmus, EveryCaseIsWhatTheLawSays) {
  const auto cases = all_cases();
  EXPECT_GE(cases.size(), 200u);
  for (const LitmusCase& litmus : cases) {
    SCOPED_TRACE(litmus.line);
    for (const LitmusPhase& phase : litmus.phases) {
      ASSERT_EQ(flaw_of(phase.recording), std::nullopt);
      for (const auto& [sector, expected] : phase.after) {
        const Letters said = letters_by(law_of_the_model, phase, sector);
        if (&phase == &litmus.phases.back()) {
          EXPECT_EQ(in_words(said), in_words(expected)) << "in sector " << sector;
        } else {
          EXPECT_TRUE(std::ranges::includes(said, expected)) << "chosen in sector " << sector;
        }
      }
    }
  }
}

TEST(Litmus, EveryCaseSpeaksOfAllSectorsThatItWrites) {
  for (const LitmusCase& litmus : all_cases()) {
    const LitmusPhase& phase = litmus.phases.back();
    for (const auto& request : phase.recording.requests) {
      if (request.submitted >= phase.crash) continue;
      const SectorRange range = sectors_of(request);
      for (std::uint64_t s = range.first; s < range.end(); ++s) {
        EXPECT_TRUE(phase.after.contains(s)) << litmus.line;
      }
    }
  }
}

TEST(Litmus, AnImageIsLegalIfEachOfItsSectorsIs) {
  for (const LitmusCase& litmus : all_cases()) {
    SCOPED_TRACE(litmus.line);
    const LitmusPhase& phase = litmus.phases.back();
    const LegalStates states(phase.recording, phase.crash);
    for (const auto& [sector, expected] : phase.after) {
      Letters tried{'_', '?'};  // '?' was never written
      for (const char letter : phase.letters) {
        if (letter != ' ') tried.insert(letter);
      }
      for (const char letter : tried) {
        const bool legal = std::ranges::any_of(
            expected, [&](char other) { return byte_of(phase, other) == byte_of(phase, letter); });
        const auto illegal = states.first_illegal(image_with(phase, sector, letter));
        EXPECT_EQ(illegal, legal ? std::nullopt : std::optional(sector))
            << letter << " in sector " << sector << "\n"
            << states.explain(sector);
      }
    }
  }
}

TEST(Litmus, SimplerLawsFail) {
  const auto cases = all_cases();
  const auto missed = [&](const Law& law) {
    return std::ranges::count_if(cases, [&](const LitmusCase& it) { return !agrees(law, it); });
  };
  const auto by_submission = missed(newest_by_submission);
  const auto by_completion = missed(newest_by_completion);
  std::printf(
      "%zu litmus cases; wrong in %zu (the law), %zu (newest by submission), %zu (newest by "
      "completion)\n",
      cases.size(), static_cast<std::size_t>(missed(law_of_the_model)),
      static_cast<std::size_t>(by_submission), static_cast<std::size_t>(by_completion));
  EXPECT_GT(by_submission, 0);
  EXPECT_GT(by_completion, 0);
}

}  // namespace
}  // namespace vexfs::parity::crash
