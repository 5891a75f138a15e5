// SPDX-License-Identifier: MIT
// Any bytes are legal input: thousands of volumes with one wrong field, and worse.
#include <chrono>

#include <gtest/gtest.h>

#include "reference/tools/fsck/check_volume.h"
#include "reference/tools/mutate/mutator.h"
#include "reference/tools/testing/volume_builder.h"

namespace vexfs::tools {
namespace {

// Reserved bits and fields are all watched, so nearly every change of a single field is seen. What
// is left over are values that no rule ties to others (times, owners, permissions, spare limits).
void check_mutations(const std::vector<std::byte>& volume, Reseal reseal, double least_seen) {
  const auto mutator = Mutator::open(volume);
  ASSERT_TRUE(mutator);
  auto image = volume;
  int seen = 0;
  constexpr int kCount = 2000;
  for (int seed = 0; seed < kCount; ++seed) {
    const Mutation mutation = mutator->mutate(image, static_cast<std::uint64_t>(seed), reseal);
    SCOPED_TRACE(mutation.text());
    const Findings findings = check_volume(image);
    seen += findings.all().empty() ? 0 : 1;
    for (const Finding& finding : findings.all()) {
      EXPECT_NE(repair_of(finding.rule), "") << finding.rule << " is not in the table of rules";
    }
    Mutator::undo(image, mutation);
  }
  EXPECT_EQ(image, volume) << "undo does not restore the volume";
  EXPECT_GT(seen, kCount * least_seen);
}

TEST(MalformedVolumes, CheckSurvivesWrongFields) {
  check_mutations(sample_volume(), Reseal::kNo, 0.9);
}

TEST(MalformedVolumes, CheckSurvivesWrongFieldsUnderRightChecksums) {
  check_mutations(sample_volume(), Reseal::kYes, 0.7);
}

TEST(MalformedVolumes, CheckSurvivesWrongFieldsInDirtyVolumes) {
  check_mutations(dirty_sample_volume(), Reseal::kYes, 0.1);
}

TEST(MalformedVolumes, CheckSurvivesManyWrongFieldsAtOnce) {
  const auto volume = dirty_sample_volume();
  const auto mutator = Mutator::open(volume);
  auto image = volume;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    mutator->mutate(image, seed, Reseal::kYes);
    if (seed % 10 != 0) continue;
    check_volume(image);
    if (seed % 100 == 0) image = volume;
  }
}

TEST(MalformedVolumes, CheckSurvivesVolumesThatAreCutOff) {
  const auto volume = sample_volume();
  for (std::size_t size = 0; size < volume.size(); size += 100'003) {
    EXPECT_FALSE(check_volume(Bytes(volume).first(size)).clean());
  }
}

}  // namespace
}  // namespace vexfs::tools
