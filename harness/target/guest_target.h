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

/// By which disk a guest writes what is recorded.
enum class RecordedPath {
  kVirtio,  // the guest's usual disk: a write with FUA comes as a write and a flush
  kNbd,     // a disk that takes FUA as such, served by the agent
};

/// A segment, and what the disk saw of it.
struct RecordedSegment {
  SegmentResult result;
  /// From before the mount to behind the segment's end, base as long as the segment's volume, with
  /// the marks of harness/crash/operation_marks.h. A mark is there before the next step begins.
  device::Recording recording;
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

  /// Like run(), while the disk holds each reply for a seeded time and lets them go in that order.
  std::expected<RecordedSegment, TargetFailure> record(const Segment& segment,
                                                       const device::RecordOptions& options,
                                                       RecordedPath path);

  /// Mounts have this fault from now on, or none if the name is empty. For images of the planted
  /// builds (kmod/planted.h, fuse/daemon/planted.h): others refuse the mount.
  void plant(std::string fault) { fault_ = std::move(fault); }

  /// The machine below, for benchmarks and tests.
  vm::Guest& guest() { return *guest_; }

 private:
  GuestTarget(GuestTargetOptions options, std::unique_ptr<vm::Guest> guest);

  // The agent's reply to a request that executes a segment.
  struct Executed {
    std::vector<Outcome> outcomes;
    nlohmann::json reply;
  };

  // `work` with the segment's volume on the disk; if it leaves the guest unfit, there is a fresh
  // one afterwards.
  template <class Work>
  auto with_volume(const Segment& segment, Work work) -> decltype(work());
  std::expected<SegmentResult, TargetFailure> run_in_guest(const Segment& segment);
  std::expected<RecordedSegment, TargetFailure> record_virtio(const Segment& segment,
                                                              const device::RecordOptions& options);
  std::expected<RecordedSegment, TargetFailure> record_nbd(const Segment& segment,
                                                           const device::RecordOptions& options);
  nlohmann::json request_of(const Segment& segment, const std::vector<std::size_t>& pauses) const;
  std::expected<Executed, TargetFailure> execute(nlohmann::json request, std::size_t steps,
                                                 const vm::OnPause& on_pause = {});
  // The volume as the segment leaves it, and the guest ready for the next.
  std::expected<Image, TargetFailure> end(const Segment& segment);
  std::expected<void, TargetFailure> unmount();
  std::expected<Image, TargetFailure> disk_content();
  std::expected<Image, TargetFailure> fail_power(bool disk_fails);
  std::expected<nlohmann::json, TargetFailure> ask(nlohmann::json request,
                                                   const vm::OnPause& on_pause = {});

  GuestTargetOptions options_;
  std::string name_;
  std::string fault_;
  std::unique_ptr<vm::Guest> guest_;
  bool fit_ = true;  // for the next segment, as it is
  std::size_t crashes_ = 0;
};

}  // namespace vexfs::parity
