// SPDX-License-Identifier: MIT
#include "reference/vector/parameters.h"

#include <gtest/gtest.h>

namespace vexfs::vectors {
namespace {

std::string parsed(std::string_view text) {
  const auto parameters = parse_parameters(text, 7);
  return parameters ? to_text(*parameters) : "refused";
}

TEST(Parameters, TakeTheirDefaults) {
  EXPECT_EQ(parsed("dim=384"), "dim=384 type=f32 metric=l2 m=16 ef_construction=200 seed=7");
  EXPECT_EQ(parsed("type=binary dim=9"),
            "dim=9 type=binary metric=hamming m=16 ef_construction=200 seed=7");
  EXPECT_EQ(parsed("seed=18446744073709551615 ef_construction=1 m=4 metric=dot type=i8 dim=007"),
            "dim=7 type=i8 metric=dot m=4 ef_construction=1 seed=18446744073709551615");
}

TEST(Parameters, AreRefusedInAnyOtherForm) {
  for (const auto* text : {"",
                           "dim",
                           "dim=",
                           "dim=0",
                           "dim=16385",
                           "dim=-1",
                           "dim=+1",
                           "dim= 1",
                           "dim=1 ",
                           " dim=1",
                           "dim=1  m=4",
                           "dim=1 dim=1",
                           "dim=1x",
                           "m=4",
                           "dim=1 m=3",
                           "dim=1 m=65",
                           "dim=1 m=65540",
                           "dim=1 ef_construction=0",
                           "dim=1 ef_construction=4097",
                           "dim=1 seed=18446744073709551616",
                           "dim=1 type=f64",
                           "dim=1 type=f16 metric=cosine",
                           "dim=1 metric=hamming",
                           "dim=1 type=binary metric=l2",
                           "dim=1 color=red",
                           "dim=1\n"})
    EXPECT_EQ(parsed(text), "refused") << text;
  EXPECT_EQ(parsed("dim=1 seed=" + std::string(245, '0')), "refused") << "256 bytes";
}

TEST(Parameters, SayHowLongARowIs) {
  EXPECT_EQ(row_bytes({.dim = 9, .type = VEXFS_TYPE_BINARY}), 2U);
  EXPECT_EQ(row_bytes({.dim = 9, .type = VEXFS_TYPE_F16}), 18U);
  EXPECT_EQ(stride({.dim = 16}), 64U);
  EXPECT_EQ(stride({.dim = 17}), 128U);
}

}  // namespace
}  // namespace vexfs::vectors
