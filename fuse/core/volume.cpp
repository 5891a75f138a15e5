// SPDX-License-Identifier: MIT
// Mounting and unmounting, and what concerns the volume as a whole.
#include "fuse/core/volume.h"

#include <cerrno>
#include <cstring>
#include <vector>

#include "fuse/core/engine.h"

namespace vexfs::core {
namespace {

std::unexpected<Error> refuse(int number, const std::string& what) {
  return std::unexpected(Error{number, what});
}

std::expected<Layout, Error> read_layout(BlockDevice& device) {
  std::vector<std::byte> block(kBlockSize);
  if (device.size() < kBlockSize)
    return refuse(EINVAL, "superblock: the device has no room for one");
  if (auto read = device.read(VEXFS_SUPER_BLOCK, block); !read) {
    return refuse(read.error(),
                  std::string("superblock: cannot be read: ") + std::strerror(read.error()));
  }
  return parse_superblock(block, device.size());
}

}  // namespace

Volume::Volume(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Volume::~Volume() { engine_->stop_timer(); }

std::expected<std::unique_ptr<Volume>, Error> Volume::open(std::unique_ptr<BlockDevice> device,
                                                           const MountOptions& options) {
  if (!kCanPlant && options.fault != Fault::kNone) {
    return refuse(EINVAL, "planted faults need a build with VEXFS_PLANTED (vexfs_core_planted)");
  }
  const auto layout = read_layout(*device);
  if (!layout) return std::unexpected(layout.error());
  if (layout->unknown_ro_compat && !options.read_only) {
    return refuse(EINVAL, "superblock: a feature that this program does not know; mount with ro");
  }
  auto engine = std::make_unique<Engine>(std::move(device), options, *layout);
  if (auto mounted = engine->mount(); !mounted) return std::unexpected(mounted.error());
  std::unique_ptr<Volume> volume(new Volume(std::move(engine)));
  volume->engine_->start_timer([raw = volume.get()] {
    // A failed sync point breaks the log; the next caller learns it.
    [[maybe_unused]] const auto done = raw->sync();
  });
  return volume;
}

Expected<void> Volume::unmount() {
  Engine& engine = *engine_;
  engine.stop_timer();
  const Mutation lock(engine);
  if (engine.options.read_only || engine.unmounted) {
    engine.unmounted = true;
    return {};
  }
  if (!engine.faults.planted(Fault::kOpenAtUnmountKept)) {
    engine.handles.clear();
    engine.reclaimable.merge(engine.held_orphans);
  }
  engine.seal();
  engine.reclaim();
  engine.unmounted = true;
  if (auto data = engine.log.make_durable(0, engine.log.data_writes()); !data) return data;
  return engine.checkpoint(true);
}

VolumeSpace Volume::statfs() {
  const std::shared_lock lock(engine_->lock);
  const vexfs_state& state = engine_->state();
  return {.blocks = engine_->layout.data.blocks,
          .free_blocks = state.free_blocks,
          .inodes = engine_->layout.inodes,
          .free_inodes = state.free_inodes};
}

bool Volume::read_only() const { return engine_->options.read_only || engine_->log.broken(); }
const MountOptions& Volume::options() const { return engine_->options; }

std::string Volume::stats() {
  Engine& engine = *engine_;
  const std::shared_lock lock(engine.lock);
  std::string text;
  const auto line = [&text](std::string_view name, uint64_t value) {
    text.append(name).append(" ").append(std::to_string(value)).append("\n");
  };
  const vexfs_state& state = engine.state();
  line("units", engine.counters.units);
  line("transactions", engine.counters.transactions);
  line("checkpoints", engine.counters.checkpoints);
  line("sync_points", engine.counters.sync_points);
  line("reliefs", engine.counters.reliefs);
  line("inodes_reclaimed", engine.counters.reclaimed);
  line("orphans_damaged", engine.counters.damaged);
  line("log_blocks", engine.layout.log.blocks);
  line("log_blocks_in_use", engine.log.blocks_in_use());
  line("log_bytes_written", engine.log.bytes_written());
  line("flushes", engine.log.flushes());
  line("free_blocks", state.free_blocks);
  line("parked_blocks", engine.allocator.parked());
  line("free_inodes", state.free_inodes);
  line("events", state.next_event - 1);
  line("ring_head", state.ring_head);
  line("readable_head", engine.readable_head);
  line("cache_blocks", engine.cache.count());
  line("cache_hits", engine.cache.hits());
  line("cache_misses", engine.cache.misses());
  line("directory_index_bytes", engine.directories.index_bytes());
  line("open_inodes", engine.handles.size());
  line("log_broken", engine.log.broken() ? 1 : 0);
  return text;
}

}  // namespace vexfs::core
