// SPDX-License-Identifier: MIT
#include "harness/crash/recover.h"

#include <optional>

#include "fuse/core/volume.h"
#include "harness/crash/recorded_device.h"
#include "harness/scenario/error_name.h"
#include "harness/target/image_device.h"
#include "harness/target/mount_options.h"
#include "reference/model/disk.h"
#include "reference/model/volume.h"
#include "reference/tools/inspect/bytes.h"

namespace vexfs::parity::crash {
namespace {

bool is_anchor_block(std::uint64_t block) {
  return block == VEXFS_ANCHOR_BLOCK || block == VEXFS_ANCHOR_BLOCK + 1;
}

std::uint64_t sequence_in(std::span<const std::byte> block) {
  return tools::load<vexfs_anchor>(block).sequence;
}

// The first anchor that a recovery writes says how far the log went (docs/format.md, "Recovery",
// step 4): its sequence is that of the next transaction.
class RecoveryDisk final : public model::Disk {
 public:
  RecoveryDisk(Image& image, std::optional<std::uint64_t>& next) : image_(image), next_(next) {}

  std::uint64_t blocks() const override { return image_.size() / Image::kChunkBytes; }
  model::BlockView read(model::BlockNumber number) const override { return image_.chunk(number); }
  model::BlockEdit write(model::BlockNumber number) override {
    settle();
    if (is_anchor_block(number)) anchor_ = number;
    return image_.edit_chunk(number);
  }

  // An anchor handed out last has its content now.
  void settle() {
    if (anchor_ && !next_) next_ = sequence_in(image_.chunk(*anchor_));
    anchor_.reset();
  }

 private:
  Image& image_;
  std::optional<std::uint64_t>& next_;
  std::optional<model::BlockNumber> anchor_;
};

TargetFailure refused(const std::string& who, int error) {
  return {TargetFailure::Kind::kRefused,
          error,
          who + " refuses the volume: " + std::string(error_name(error)),
          {}};
}

std::expected<void, TargetFailure> mount_and_unmount(std::unique_ptr<core::BlockDevice> device,
                                                     const MountOptions& options,
                                                     core::Fault fault) {
  auto volume = core::Volume::open(std::move(device), core_options(options, fault));
  if (!volume) return std::unexpected(refused("core", volume.error().number));
  const auto ended = (*volume)->unmount();
  if (!ended) return std::unexpected(refused("core", ended.error()));
  return {};
}

}  // namespace

std::expected<Recovered, TargetFailure> recover_by_reference(const Image& crashed,
                                                             const MountOptions& options) {
  Recovered recovered{crashed, 0};
  std::optional<std::uint64_t> next;
  auto disk = std::make_unique<RecoveryDisk>(recovered.volume, next);
  RecoveryDisk* watched = disk.get();
  auto volume = model::Volume::mount(std::move(disk), model_options(options));
  if (!volume) return std::unexpected(refused("the reference", volume.error()));
  watched->settle();
  (*volume)->unmount();
  recovered.transaction = next.value_or((*volume)->inside().anchor.sequence) - 1;
  return recovered;
}

std::expected<Image, TargetFailure> recover_by_core(const Image& crashed,
                                                    const MountOptions& options,
                                                    core::Fault fault) {
  Image volume = crashed;
  const auto done = mount_and_unmount(std::make_unique<ImageDevice>(volume), options, fault);
  if (!done) return std::unexpected(done.error());
  return volume;
}

std::expected<device::Recording, TargetFailure> record_recovery(const Image& crashed,
                                                                const MountOptions& options,
                                                                core::Fault fault) {
  device::Recorder recorder(crashed);
  Image content = crashed;
  const auto done =
      mount_and_unmount(std::make_unique<RecordedDevice>(recorder, content), options, fault);
  if (!done) return std::unexpected(done.error());
  return recorder.recording();
}

}  // namespace vexfs::parity::crash
