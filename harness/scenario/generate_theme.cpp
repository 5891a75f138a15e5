// SPDX-License-Identifier: MIT
#include "harness/scenario/generate_theme.h"

#include <algorithm>

namespace vexfs::parity {
namespace {

constexpr std::uint64_t kBlock = 4096;
constexpr std::uint64_t kLogEntry = 24 + kBlock;  // a logged block with all its units

// Sizes the log to the least that the other limits allow, and a little.
void shrink_log(Draw& draw, VolumeOptions& volume) {
  volume.tx_blocks = draw.between(4, 12);
  volume.unit_extents = draw.between(1, 3);
  volume.log_blocks = least_log_blocks(*volume.tx_blocks, *volume.unit_extents) + draw.below(8);
}

void set_up_plain(Draw&, VolumeOptions&, MountOptions&, Habits&) {}

void set_up_wide(Draw&, VolumeOptions&, MountOptions&, Habits& habits) {
  habits.favourite = "/wide";
  habits.least_steps = 40;
}

void set_up_fragments(Draw&, VolumeOptions& volume, MountOptions&, Habits& habits) {
  volume.extent_fanout = 4;
  habits.least_steps = 50;
}

void set_up_log(Draw& draw, VolumeOptions& volume, MountOptions& mount, Habits&) {
  shrink_log(draw, volume);
  mount.data = DataMode::kJournal;
}

void set_up_full(Draw& draw, VolumeOptions& volume, MountOptions&, Habits& habits) {
  shrink_log(draw, volume);
  habits.long_name_percent = 25;  // so that names need blocks
  volume.inodes = draw.between(8, 40);
  volume.ring_blocks = 4;
  // Superblocks, anchors, state, three bitmaps and the inode table, then the data.
  const std::uint64_t metadata = 2 + 2 + 1 + 3 + (*volume.inodes + 1 + 15) / 16;
  volume.blocks = metadata + *volume.log_blocks + *volume.ring_blocks + draw.between(12, 60);
}

void set_up_permissions(Draw&, VolumeOptions&, MountOptions&, Habits& habits) {
  habits.stranger_percent = 45;
  habits.wrong_percent = 8;
  habits.favourite = "/public";
}

void set_up_links(Draw& draw, VolumeOptions& volume, MountOptions&, Habits& habits) {
  volume.max_links = draw.between(4, 6);
  habits.least_steps = 45;
}

void set_up_vectors(Draw& draw, VolumeOptions& volume, MountOptions&, Habits& habits) {
  volume.blocks = draw.pick<std::uint64_t>({1536, 2048});
  if (draw.chance(70)) volume.unit_extents = 16;  // long rows fit
  volume.log_blocks = least_log_blocks(*volume.tx_blocks, *volume.unit_extents) + draw.below(64);
  habits.wrong_percent = 14;
  habits.stranger_percent = 12;
  habits.least_steps = 50;
}

void set_up_full_of_vectors(Draw& draw, VolumeOptions& volume, MountOptions& mount,
                            Habits& habits) {
  set_up_full(draw, volume, mount, habits);
  habits.wrong_percent = 8;
}

const std::vector<Theme>& table() {
  static const std::vector<Theme> kThemes = {
      {"plain", 6, {}, set_up_plain},
      {"wide directory", 70, {{"widen", 220}, {"use_dot", 8}}, set_up_wide},
      {"fragments", 86, {{"fragment", 350}}, set_up_fragments},
      {"log wrap", 62, {{"flood", 40}, {"create", 8}, {"fsync", 5}, {"use_dot", 8}}, set_up_log},
      {"unlinked files",
       34,
       {{"unlink_open", 25}, {"create", 15}, {"write", 15}, {"fstat_unlinked", 25}},
       set_up_plain},
      {"full volume",
       18,
       {{"fill", 25},
        {"create", 8},
        {"truncate", 4},
        {"statfs", 4},
        {"rename", 24},
        {"link", 14},
        {"use_dot", 10}},
       set_up_full},
      {"renames",
       10,
       {{"rename", 35}, {"exchange", 12}, {"mkdir", 15}, {"rmdir", 5}},
       set_up_plain},
      {"permissions",
       14,
       {{"open_to_all", 12}, {"chmod", 6}, {"chown", 6}, {"open", 8}, {"stat", 8}, {"statfs", 12}},
       set_up_permissions},
      {"links",
       22,
       {{"link", 22},
        {"mkdir", 15},
        {"symlink", 18},
        {"readlink", 6},
        {"unlink", 8},
        {"rename", 18}},
       set_up_links},
      {"vectors",
       56,
       {{"collect", 25},
        {"change_collection", 12},
        {"put", 20},
        {"put_many", 45},
        {"delete", 22},
        {"delete_region", 10},
        {"get", 24},
        {"list", 24},
        {"count", 24},
        {"search", 60},
        {"resume", 180},
        {"agent_event", 34},
        {"compact", 26},
        {"raw", 50},
        {"look_at_xattrs", 70},
        {"read_collection", 10},
        {"mkdir", 12},
        {"symlink", 16},
        {"chmod", 6}},
       set_up_vectors},
      {"vectors of files",
       28,
       {{"collect", 25},
        {"change_collection", 5},
        {"put_many", 18},
        {"delete", 8},
        {"use_file_id", 12},
        {"attach", 80},
        {"look_at_vector", 30},
        {"detach", 12},
        {"move_embedded", 45},
        {"compact", 36},
        {"search", 15},
        {"list", 8},
        {"count", 8},
        {"unlink", 6},
        {"link", 6},
        {"symlink", 6},
        {"mkdir", 12}},
       set_up_vectors},
      {"full of vectors",
       10,
       {{"collect", 12},
        {"put_many", 40},
        {"put", 8},
        {"delete", 4},
        {"attach", 10},
        {"compact", 8},
        {"search", 8},
        {"count", 4},
        {"resume", 3},
        {"fill", 6},
        {"mkdir", 6},
        {"rmdir", 3},
        {"change_collection", 3}},
       set_up_full_of_vectors},
  };
  return kThemes;
}

}  // namespace

std::span<const Theme> themes() { return table(); }

std::uint64_t least_log_blocks(std::uint64_t tx_blocks, std::uint64_t unit_extents) {
  const std::uint64_t bytes = 64 + 16 + (tx_blocks + 32 + 4 * unit_extents) * kLogEntry;
  return 2 * ((bytes + kBlock - 1) / kBlock);
}

void draw_volume(Draw& draw, VolumeOptions& volume, MountOptions& mount) {
  volume.blocks = draw.pick<std::uint64_t>({1024, 1024, 1536, 2048});
  volume.inodes = draw.pick<std::uint64_t>({64, 200, 256});
  volume.ring_blocks = draw.pick<std::uint64_t>({4, 8, 16});
  volume.tx_units = draw.pick<std::uint64_t>({1, 3, 8, 64, 4096, 4096});
  volume.tx_blocks = draw.between(4, 40);
  volume.unit_extents = draw.pick<std::uint64_t>({1, 2, 16});
  volume.log_blocks = least_log_blocks(*volume.tx_blocks, *volume.unit_extents) + draw.below(64);
  if (draw.chance(30)) volume.unit_blocks = draw.between(1, 64);
  if (draw.chance(30)) volume.checkpoint_blocks = draw.between(1, 64);
  if (draw.chance(30)) volume.checkpoint_freed = draw.between(1, 64);
  if (draw.chance(40)) volume.extent_fanout = draw.between(4, 12);
  if (draw.chance(20)) volume.max_links = draw.between(4, 12);
  mount.data = static_cast<DataMode>(draw.below(3));
  mount.strict = draw.chance(60);
}

}  // namespace vexfs::parity
