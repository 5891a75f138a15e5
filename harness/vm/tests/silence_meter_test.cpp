// SPDX-License-Identifier: MIT
#include "harness/vm/silence_meter.h"

#include <gtest/gtest.h>

namespace vexfs::parity::vm {
namespace {

using namespace std::chrono_literals;

const auto kStart = std::chrono::steady_clock::time_point(1000s);

MachineTime at(std::chrono::nanoseconds wall, std::chrono::nanoseconds computed,
               std::chrono::nanoseconds waited = 0s) {
  return {kStart + wall, {.computed = computed, .waited = waited}};
}

SilenceMeter booted_meter() {
  SilenceMeter meter({}, at(0s, 0s));
  meter.heard(at(0s, 0s));
  return meter;
}

TEST(SilenceMeter, SuspectsAfterTwoSecondsAndKeepsPatience) {
  const auto meter = booted_meter();
  EXPECT_FALSE(meter.suspected(at(1900ms, 1900ms)));
  EXPECT_TRUE(meter.suspected(at(2s, 2s)));
  EXPECT_FALSE(meter.dead(at(2s, 2s)));
}

TEST(SilenceMeter, ABusyGuestIsDeadAfterFiveSecondsOfComputing) {
  const auto meter = booted_meter();
  EXPECT_FALSE(meter.dead(at(4900ms, 4900ms)));
  EXPECT_TRUE(meter.dead(at(5s, 5s)));
}

TEST(SilenceMeter, AGuestThatTheHostStarvesIsNotDead) {
  const auto meter = booted_meter();
  EXPECT_FALSE(meter.dead(at(300s, 2s, 295s)));
}

TEST(SilenceMeter, AHaltedGuestIsDeadWhenTheHostHadTimeForIt) {
  const auto meter = booted_meter();
  EXPECT_FALSE(meter.dead(at(10s, 10ms)));
  EXPECT_TRUE(meter.dead(at(12s, 10ms)));
}

TEST(SilenceMeter, ASignOfLifeStartsAnew) {
  auto meter = booted_meter();
  meter.heard(at(4s, 4s));
  EXPECT_FALSE(meter.dead(at(8s, 8s)));
  EXPECT_TRUE(meter.dead(at(9s, 9s)));
}

TEST(SilenceMeter, ABootMayBeSilentForLonger) {
  const SilenceMeter meter({}, at(0s, 0s));
  EXPECT_FALSE(meter.dead(at(20s, 20s)));
  EXPECT_TRUE(meter.dead(at(61s, 60s)));
}

TEST(GuestTime, LeavesOutWhatTheHostTook) {
  EXPECT_EQ(guest_time(at(0s, 0s), at(10s, 3s, 6s)), 4s);
  EXPECT_EQ(guest_time(at(0s, 0s), at(10s, 3s, 9s)), 3s);  // two threads waited at once
  EXPECT_EQ(guest_time(at(0s, 0s), at(10s, 0s)), 10s);
}

}  // namespace
}  // namespace vexfs::parity::vm
