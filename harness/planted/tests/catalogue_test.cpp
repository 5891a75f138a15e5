// SPDX-License-Identifier: MIT
#include "harness/planted/catalogue.h"

#include <set>

#include <gtest/gtest.h>

namespace vexfs::parity {
namespace {

TEST(Catalogue, HasEveryFaultOfTheEngineOnce) {
  std::set<core::Fault> listed;
  for (const PlantedFault& fault : planted_faults()) {
    EXPECT_TRUE(listed.insert(fault.fault).second) << core::fault_name(fault.fault) << " is twice";
    EXPECT_FALSE(fault.checks.empty()) << core::fault_name(fault.fault);
  }
  std::set<core::Fault> known;
  for (int i = 1; core::fault_name(static_cast<core::Fault>(i)) != "none"; ++i) {
    known.insert(static_cast<core::Fault>(i));
  }
  EXPECT_GT(known.size(), 10u);
  EXPECT_EQ(listed, known);
}

TEST(Catalogue, IsOfAnEngineThatCanBeWrong) { EXPECT_TRUE(core::kCanPlant); }

}  // namespace
}  // namespace vexfs::parity
