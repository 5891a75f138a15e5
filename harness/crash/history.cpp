// SPDX-License-Identifier: MIT
#include "harness/crash/history.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "harness/device/flat_copy.h"
#include "harness/scenario/error_name.h"
#include "harness/target/mount_options.h"
#include "harness/target/posix_step.h"
#include "harness/target/reference_target.h"
#include "reference/contract/inode.h"
#include "reference/model/disk.h"
#include "reference/model/volume.h"
#include "reference/tools/inspect/anchor.h"
#include "reference/tools/inspect/block_roles.h"
#include "reference/tools/inspect/log.h"

namespace vexfs::parity::crash {
namespace {

constexpr std::uint64_t kBlock = Image::kChunkBytes;

// The model's disk. Tells when the log has grown and something else is about to be written, and
// what was written into the data region.
class WatchedDisk final : public model::Disk {
 public:
  struct Watcher {
    std::function<void()> log_grew;
    std::function<void(std::uint64_t block)> data_written;
  };

  WatchedDisk(Image& image, const vexfs_superblock& super, Watcher watcher)
      : image_(image), super_(super), watcher_(std::move(watcher)) {}

  std::uint64_t blocks() const override { return image_.size() / kBlock; }
  model::BlockView read(model::BlockNumber number) const override { return image_.chunk(number); }

  model::BlockEdit write(model::BlockNumber number) override {
    settle();
    if (tools::contains(super_.log, number)) {
      grown_ = true;
    } else if (grown_) {
      grown_ = false;
      watcher_.log_grew();
    }
    if (tools::contains(super_.data, number)) pending_ = number;
    return image_.edit_chunk(number);
  }

  // The block handed out last has its content now.
  void settle() {
    if (!pending_) return;
    watcher_.data_written(*pending_);
    pending_.reset();
  }

 private:
  Image& image_;
  vexfs_superblock super_;
  Watcher watcher_;
  std::optional<model::BlockNumber> pending_;
  bool grown_ = false;
};

bool is_sync_point(const Operation& operation) {
  if (const auto* control = std::get_if<Control>(&operation)) {
    return control->line == "sync" || control->line == "checkpoint";
  }
  return std::holds_alternative<Fsync>(operation) || std::holds_alternative<Fdatasync>(operation);
}

std::uint64_t last_sealed(const model::Mounted& volume) { return volume.log.sequence - 1; }

}  // namespace

// Runs the model and fills a history.
class HistoryWriter {
 public:
  HistoryWriter(const Image& base, const MountOptions& options) : base_(base), image_(base) {
    history_.options_ = options;
    history_.versions_ = std::make_shared<BlockVersions>(base);
  }

  std::expected<History, std::string> run(std::span<const Step> steps);

 private:
  void execute(const Step& step, PosixSession& session);
  void note_progress(bool synced, std::uint64_t sealed);
  void note_data(std::uint64_t block);
  void take_states();
  void add_state(std::uint64_t transaction, const Image& crashed);
  std::vector<FileBlock> file_blocks_of(const Image& volume, std::uint64_t transaction);

  Image base_;
  Image image_;
  History history_;
  device::FlatCopy flat_;
  ReferenceTarget reference_;
  std::unique_ptr<model::Volume> volume_;
  WatchedDisk* disk_ = nullptr;
  bool in_write_ = false;  // the step that runs is a write
  std::string fault_;
};

std::vector<FileBlock> HistoryWriter::file_blocks_of(const Image& volume,
                                                     std::uint64_t transaction) {
  std::map<std::uint64_t, FileBlock> known;
  if (!history_.states_.empty()) {
    for (const FileBlock& block : history_.states_.back().file_blocks) known[block.block] = block;
  }
  const auto view = tools::VolumeView::open(flat_.of(volume));
  std::vector<FileBlock> blocks;
  if (!view) return blocks;
  const tools::BlockRoles roles(*view);
  for (const auto& run : roles.runs()) {
    if (run.role.kind != tools::BlockKind::kFileData) continue;
    if ((view->inode(run.role.ino).flags & VEXFS_INODE_SYSTEM) != 0) continue;
    for (std::uint64_t i = 0; i < run.blocks; ++i) {
      FileBlock block{run.start + i, run.role.ino, run.role.lblk + i, transaction};
      const auto before = known.find(block.block);
      if (before != known.end() && before->second.ino == block.ino &&
          before->second.lblk == block.lblk) {
        block.since = before->second.since;
      }
      blocks.push_back(block);
    }
  }
  return blocks;
}

void HistoryWriter::add_state(std::uint64_t transaction, const Image& crashed) {
  if (transaction != history_.first_ + history_.states_.size()) {
    fault_ = fmt::format("the model's transaction {} is missing", history_.last() + 1);
    return;
  }
  auto recovered = reference_.run({crashed, history_.options_, {}, Ending::kUnmount});
  if (!recovered) {
    fault_ = recovered.error().what;
    return;
  }
  PrefixState state{std::move(recovered->volume), {}};
  if (history_.options_.data != DataMode::kJournal) {
    state.file_blocks = file_blocks_of(state.volume, transaction);
  }
  history_.states_.push_back(std::move(state));
}

// The log holds transactions that have no state yet; the home blocks are still the old ones. The
// volume after one of them is this one without the next one's header.
void HistoryWriter::take_states() {
  const auto view = tools::VolumeView::open(flat_.of(image_));
  if (!view) {
    fault_ = view.error();
    return;
  }
  const tools::Anchors anchors = tools::read_anchors(*view);
  if (anchors.active() == nullptr) {
    fault_ = "the model's volume has no valid anchor";
    return;
  }
  const auto chain = tools::read_chain(*view, *anchors.active());
  const std::uint64_t log = view->super().log.start;
  for (std::size_t i = 0; i < chain.size() && fault_.empty(); ++i) {
    if (chain[i].header.sequence <= history_.last()) continue;
    Image crashed = image_;
    if (i + 1 < chain.size()) crashed.zero((log + chain[i + 1].index) * kBlock, kBlock);
    add_state(chain[i].header.sequence, crashed);
  }
}

void HistoryWriter::note_data(std::uint64_t block) {
  if (history_.options_.data == DataMode::kJournal) return;
  history_.versions_->add(block, volume_->inside().log.sequence, !in_write_, image_.chunk(block));
}

void HistoryWriter::note_progress(bool synced, std::uint64_t sealed) {
  const model::Mounted& now = volume_->inside();
  Window window = history_.progress_.back();
  window.begun = last_sealed(now);
  window.issued = history_.versions_->last();
  if (synced) {
    window.durable = std::max(window.durable, sealed);
    window.synced = window.issued;
  }
  // What a checkpoint left behind is durable although nobody asked for it.
  window.durable = std::max<std::uint64_t>(window.durable, now.anchor.sequence - 1);
  history_.progress_.push_back(window);
}

void HistoryWriter::execute(const Step& step, PosixSession& session) {
  const model::Mounted& now = volume_->inside();
  // What a sync point promises; what its reclaim seals afterwards is not part of it.
  const std::uint64_t sealed = last_sealed(now) + (now.running.units > 0 ? 1 : 0);
  in_write_ = std::holds_alternative<Write>(step.operation);
  const Outcome outcome = session.execute(step);
  disk_->settle();
  history_.outcomes_.push_back(outcome);
  note_progress(outcome.error == 0 && is_sync_point(step.operation), sealed);
}

std::expected<History, std::string> HistoryWriter::run(std::span<const Step> steps) {
  const auto super = tools::load<vexfs_superblock>(base_.chunk(VEXFS_SUPER_BLOCK));
  auto disk = std::make_unique<WatchedDisk>(
      image_, super,
      WatchedDisk::Watcher{[this] { take_states(); },
                           [this](std::uint64_t block) { note_data(block); }});
  disk_ = disk.get();
  auto volume = model::Volume::mount(std::move(disk), model_options(history_.options_));
  if (!volume) {
    return std::unexpected("the reference refuses the volume: " +
                           std::string(error_name(volume.error())));
  }
  volume_ = std::move(*volume);
  history_.first_ = last_sealed(volume_->inside());
  history_.progress_.push_back({history_.first_, history_.first_, 0, 0});
  add_state(history_.first_, base_);
  {
    PosixSession session(*volume_);
    for (const Step& step : steps) execute(step, session);
  }
  volume_->unmount();
  disk_->settle();
  note_progress(true, last_sealed(volume_->inside()));
  volume_.reset();
  if (!fault_.empty()) return std::unexpected(fault_);
  return std::move(history_);
}

std::expected<History, std::string> History::of(std::span<const Step> steps, const Image& base,
                                                const MountOptions& options) {
  return HistoryWriter(base, options).run(steps);
}

Window History::window(std::size_t begun, std::size_t returned) const {
  const Window& past = progress_[returned];
  const Window& future = progress_[begun];
  return {past.durable, future.begun, past.synced, future.issued};
}

}  // namespace vexfs::parity::crash
