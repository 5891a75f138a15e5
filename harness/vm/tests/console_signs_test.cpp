// SPDX-License-Identifier: MIT
#include "harness/vm/console_signs.h"

#include <gtest/gtest.h>

namespace vexfs::parity::vm {
namespace {

constexpr std::string_view kOops =
    R"([    3.511077] BUG: kernel NULL pointer dereference, address: 0000000000000000
[    3.511353] #PF: supervisor write access in kernel mode
[    3.511484] #PF: error_code(0x0002) - not-present page
[    3.511783] Oops: 0002 [#1] PREEMPT SMP NOPTI
[    3.512118] CPU: 0 PID: 1 Comm: init Tainted: G           OE      6.1.0-cloud-amd64 #1  Debian
[    3.512563] RIP: 0010:vexfs_lookup+0x1f/0x80 [vexfs]
[    3.515060] Call Trace:
[    3.517011] RIP: 0033:0x4f2a9d
[    3.520000] Kernel panic - not syncing: Fatal exception
)";

TEST(ConsoleSigns, AnOopsIsNamedWithItsFunction) {
  const auto sign = find_sign(kOops);
  ASSERT_TRUE(sign.has_value());
  EXPECT_EQ(sign->kind, SignKind::kComplaint);
  EXPECT_EQ(sign->headline,
            "BUG: kernel NULL pointer dereference, address: 0000000000000000 in "
            "vexfs_lookup+0x1f/0x80 [vexfs]");
}

TEST(ConsoleSigns, APanicAloneIsAPanic) {
  const auto sign = find_sign(
      "[    2.1] Run /init as init process\r\n"
      "[    2.2] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\r\n");
  ASSERT_TRUE(sign.has_value());
  EXPECT_EQ(sign->kind, SignKind::kPanic);
  EXPECT_EQ(sign->headline,
            "Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100");
}

TEST(ConsoleSigns, AWarningIsAComplaint) {
  const auto sign = find_sign(
      "[    5.0] ------------[ cut here ]------------\n"
      "[    5.0] WARNING: CPU: 0 PID: 88 at fs/inode.c:300 drop_nlink+0x2c/0x40\n"
      "[    5.0] RIP: 0010:drop_nlink+0x2c/0x40\n");
  ASSERT_TRUE(sign.has_value());
  EXPECT_EQ(sign->kind, SignKind::kComplaint);
}

TEST(ConsoleSigns, HangsAreHangs) {
  for (const char* line : {"INFO: task kworker/0:1:12 blocked for more than 15 seconds.",
                           "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [init:1]",
                           "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:"}) {
    const auto sign = find_sign(std::string("[   20.0] ") + line + "\n");
    ASSERT_TRUE(sign.has_value()) << line;
    EXPECT_EQ(sign->kind, SignKind::kHang) << line;
  }
}

TEST(ConsoleSigns, AComplaintCountsMoreThanAnEarlierHang) {
  const auto sign = find_sign("[   20.0] INFO: task init:1 blocked for more than 15 seconds.\n" +
                              std::string(kOops));
  ASSERT_TRUE(sign.has_value());
  EXPECT_EQ(sign->kind, SignKind::kComplaint);
}

TEST(ConsoleSigns, AnOrdinaryBootHasNone) {
  EXPECT_FALSE(find_sign("[    0.0] Linux version 6.1\n"
                         "[    0.3] ACPI: no DSDT found\n"
                         "[    1.0] vexfs_testmod: loading out-of-tree module taints kernel.\n"
                         "[    1.1] EXT4-fs (vda): mounted filesystem with ordered data mode.\n")
                   .has_value());
}

TEST(ConsoleSigns, TailKeepsTheLastLines) {
  EXPECT_EQ(tail("a\nb\nc\n", 2), "b\nc");
  EXPECT_EQ(tail("a\nb\nc", 5), "a\nb\nc");
  EXPECT_EQ(tail("", 5), "");
}

}  // namespace
}  // namespace vexfs::parity::vm
