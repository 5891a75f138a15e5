// SPDX-License-Identifier: MIT
// A production implementation in a QEMU guest: the kernel module, or the FUSE daemon under Linux's
// own VFS.
#pragma once

#include <filesystem>
#include <memory>

#include "harness/target/target.h"
#include "harness/vm/guest.h"

namespace vexfs::parity {

enum class GuestKind { kFuse, kKmod };

/// Bytes of the disk in every guest; no scenario's volume may be larger.
inline constexpr std::uint64_t kGuestDiskBytes = 64ULL << 20;

struct GuestTargetOptions {
  GuestKind kind = GuestKind::kKmod;
  vm::KernelImage image;
  vm::Accelerator accelerator = vm::Accelerator::kTcg;
  std::filesystem::path work_dir;  // for sockets and logs; one target at a time in it
  /// At a power failure the disk's content of that moment is kept and the guest unmounts what is of
  /// no use any more. The first crash and every n-th after it are real instead: QEMU is killed. 0:
  /// none.
  unsigned kill_one_crash_in = 16;
};

/// One guest that lives long; volumes are swapped behind it, and it is forked from its saved state
/// after a death or a real power failure.
class GuestTarget final : public Target {
 public:
  /// Boots the guest. The error is a TargetFailure of kind kDied or kMachine.
  static std::expected<std::unique_ptr<GuestTarget>, TargetFailure> boot(
      const GuestTargetOptions& options);

  const std::string& name() const override { return name_; }
  std::string build() const override;
  std::expected<SegmentResult, TargetFailure> run(const Segment& segment) override;

  /// Mounts have this fault from now on, or none if the name is empty. For images of the planted
  /// builds (kmod/planted.h, fuse/daemon/planted.h): others refuse the mount.
  void plant(std::string fault) { fault_ = std::move(fault); }

  /// The machine below, for benchmarks and tests.
  vm::Guest& guest() { return *guest_; }

 private:
  GuestTarget(GuestTargetOptions options, std::unique_ptr<vm::Guest> guest);

  std::expected<SegmentResult, TargetFailure> run_in_guest(const Segment& segment);
  std::expected<std::vector<Outcome>, TargetFailure> execute(const Segment& segment);
  std::expected<void, TargetFailure> unmount();
  std::expected<Image, TargetFailure> disk_content();
  std::expected<Image, TargetFailure> fail_power();
  std::expected<nlohmann::json, TargetFailure> ask(nlohmann::json request);

  GuestTargetOptions options_;
  std::string name_;
  std::string fault_;
  std::unique_ptr<vm::Guest> guest_;
  bool fit_ = true;  // for the next segment, as it is
  std::size_t crashes_ = 0;
};

}  // namespace vexfs::parity
