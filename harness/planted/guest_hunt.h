// SPDX-License-Identifier: MIT
// Plants faults into the kernel module and the daemon, in guests, and says which check noticed
// them.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/lockstep/lockstep.h"
#include "harness/planted/hunt.h"
#include "harness/target/guest_target.h"

namespace vexfs::parity {

/// A fault of kmod/planted.h or fuse/daemon/planted.h.
struct GuestFault {
  GuestKind where;
  std::string_view name;
  std::string_view mistake;
  std::vector<FailureKind> checks;  // any of these must be the first to notice it
  /// Names of files in scenarios/, without their endings, that bring it out.
  std::vector<std::string_view> triggers;
};

std::span<const GuestFault> guest_faults();

struct GuestHuntOptions {
  vm::KernelImage image;               // with the planted builds
  std::filesystem::path acceleration;  // what is known of this machine, a file
  std::filesystem::path scenarios_dir;
  std::filesystem::path work_dir;
};

/// One guest of each kind, beside the reference. It runs every trigger for a hunt without a fault.
class GuestHunt {
 public:
  /// Boots. The error is one of the machine, for a person.
  static std::expected<GuestHunt, std::string> prepare(const GuestHuntOptions& options);

  HuntResult seek_false_alarms();
  HuntResult seek(const GuestFault& fault);

 private:
  struct Pair {
    GuestTarget* guest = nullptr;  // owned by `lockstep`
    std::unique_ptr<Lockstep> lockstep;
  };

  explicit GuestHunt(GuestHuntOptions options) : options_(std::move(options)) {}
  void run(Pair& pair, std::string_view trigger, HuntResult& result) const;
  Pair& pair_of(GuestKind kind) { return kind == GuestKind::kKmod ? kmod_ : fuse_; }

  GuestHuntOptions options_;
  Pair kmod_;
  Pair fuse_;
};

}  // namespace vexfs::parity
