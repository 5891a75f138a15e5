// SPDX-License-Identifier: MIT
#include "harness/shrink/minimize.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace vexfs::parity {
namespace {

using Items = std::vector<int>;

Items numbers(int count) {
  Items items(static_cast<std::size_t>(count));
  std::iota(items.begin(), items.end(), 0);
  return items;
}

Deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

bool has(const Items& items, int wanted) {
  return std::find(items.begin(), items.end(), wanted) != items.end();
}

constexpr auto kIgnore = [](const Items&) {};

TEST(Minimize, FindsTheItemsThatMatter) {
  const auto holds = [](const Items& items) {
    return has(items, 3) && has(items, 40) && has(items, 41);
  };
  EXPECT_EQ(minimize<int>(numbers(60), holds, in(std::chrono::minutes(1)), kIgnore),
            (Items{3, 40, 41}));
}

TEST(Minimize, FindsNothingWhereNothingMatters) {
  EXPECT_EQ(
      minimize<int>(
          numbers(9), [](const Items&) { return true; }, in(std::chrono::minutes(1)), kIgnore),
      Items{});
}

TEST(Minimize, DropsPairsThatOnlyGoTogether) {
  // 5 and 6 are like the opening and closing of one file: one without the other changes the
  // failure.
  const auto holds = [](const Items& items) {
    return has(items, 1) && has(items, 5) == has(items, 6);
  };
  EXPECT_EQ(minimize<int>(numbers(12), holds, in(std::chrono::minutes(1)), kIgnore), Items{1});
}

TEST(Minimize, NeverAsksTwiceAndAsksLittle) {
  std::set<Items> asked;
  const auto holds = [&](const Items& items) {
    EXPECT_TRUE(asked.insert(items).second);
    return has(items, 17) && has(items, 44);
  };
  EXPECT_EQ(minimize<int>(numbers(60), holds, in(std::chrono::minutes(1)), kIgnore).size(), 2u);
  EXPECT_LE(asked.size(), 60u);
}

TEST(Minimize, ReportsEachImprovement) {
  std::size_t smallest = 20;
  const auto improved = [&](const Items& items) {
    EXPECT_LT(items.size(), smallest);
    EXPECT_TRUE(has(items, 7));
    smallest = items.size();
  };
  minimize<int>(
      numbers(20), [](const Items& items) { return has(items, 7); }, in(std::chrono::minutes(1)),
      improved);
  EXPECT_EQ(smallest, 1u);
}

TEST(Minimize, ObeysTheDeadlineWithinAPass) {
  const auto slow = [](const Kept& kept) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return kept.size() > 190;
  };
  const auto begin = std::chrono::steady_clock::now();
  const auto result =
      minimize_indices(200, slow, in(std::chrono::milliseconds(50)), [](const Kept&) {});
  EXPECT_FALSE(result.finished);
  EXPECT_LE(result.runs, 11u);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  EXPECT_GT(result.kept.size(), 190u);
}

}  // namespace
}  // namespace vexfs::parity
