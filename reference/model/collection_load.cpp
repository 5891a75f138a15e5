// SPDX-License-Identifier: MIT
#include "reference/model/collection_load.h"

#include <algorithm>
#include <cerrno>
#include <unordered_set>

#include "reference/model/checksum.h"
#include "reference/model/extents.h"
#include "reference/vector/levels.h"

namespace vexfs::model {
namespace {

using vectors::kNoSlot;
using vectors::List;
using vectors::Parameters;
using vectors::Slot;
using vectors::SlotNumber;

constexpr std::size_t kHeader = sizeof(vexfs_graph_block);

std::unexpected<int> damaged() { return std::unexpected(EUCLEAN); }

class Loading {
 public:
  Loading(const Mounted& volume, const CollectionHeader& header)
      : volume_(volume), header_(header), parameters_(parameters_of(header.fields)) {}

  Result<Collection> run() {
    VEXFS_CHECK(find_blocks());
    vectors::State state{.parameters = parameters_};
    state.linked = fields().linked;
    state.entry = fields().entry;
    state.entry_level = fields().entry_level;
    state.sequence = fields().sequence;
    for (SlotNumber number = 0; number < fields().slots; ++number) {
      VEXFS_TRY(slot, load_slot(number));
      state.slots.push_back(std::move(slot));
    }
    VEXFS_CHECK(check_counters(state));
    VEXFS_CHECK(check_ids(state));
    VEXFS_CHECK(check_duplicates(state));
    VEXFS_CHECK(check_links(state));
    return Collection{header_.directory,
                      header_.graph_ino,
                      fields().vectors_ino,
                      fields().upper_ino,
                      vectors::Graph(std::move(state)),
                      std::move(upper_),
                      fields().upper_lists};
  }

 private:
  const vexfs_collection& fields() const { return header_.fields; }

  Result<void> find_blocks() {
    VEXFS_TRY(graph, blocks_of(volume_, header_.graph_ino, header_.graph));
    VEXFS_TRY(vectors, blocks_of(volume_, fields().vectors_ino, header_.vectors));
    VEXFS_TRY(upper, blocks_of(volume_, fields().upper_ino, header_.upper));
    graph_blocks_ = std::move(graph);
    vectors_blocks_ = std::move(vectors);
    upper_blocks_ = std::move(upper);
    const std::uint64_t slots = VEXFS_SLOTS_PER_BLOCK(parameters_.m);
    for (std::size_t i = 1; i < graph_blocks_.size(); ++i)
      if (!is_graph_block(graph_blocks_[i], VEXFS_GRAPH_MAGIC, (i - 1) * slots)) return damaged();
    const std::uint64_t lists = VEXFS_LISTS_PER_BLOCK(parameters_.m);
    for (std::size_t i = 0; i < upper_blocks_.size(); ++i)
      if (!is_graph_block(upper_blocks_[i], VEXFS_UPPER_MAGIC, i * lists)) return damaged();
    return {};
  }

  bool is_graph_block(BlockNumber number, std::uint32_t magic, std::uint64_t first) const {
    const auto block = get<vexfs_graph_block>(volume_.store.read(number));
    return block.magic == magic && is_signed_collection_block(volume_, number) &&
           block.directory == header_.directory && block.first == first;
  }

  // One record with its row and all its lists. What can be said of it alone is checked.
  Result<Slot> load_slot(SlotNumber number) {
    const RecordPlace place = slot_place(parameters_, number);
    const BlockView block = volume_.store.read(graph_blocks_[place.block]);
    const auto record = get<vexfs_slot>(block, place.offset);
    Slot slot;
    slot.id = record.id;
    slot.first = record.first;
    slot.dead = record.flags & VEXFS_SLOT_DEAD;
    slot.row = load_row(number);
    const unsigned level =
        slot.is_duplicate() ? 0 : vectors::level_of(parameters_.seed, parameters_.m, number);
    const std::uint32_t upper = level > 0 ? lists_taken_ : VEXFS_SLOT_NONE;
    if (record.level != level || record.upper != upper || !may_have_id(record.id) ||
        record.row_crc != crc32c(slot.row) || lists_taken_ + level > fields().upper_lists)
      return damaged();
    upper_.push_back(upper);
    VEXFS_TRY(own, load_list(block, place.offset + sizeof(record), 2U * parameters_.m));
    slot.lists = {std::move(own)};
    for (unsigned i = 0; i < level; ++i) {
      const RecordPlace list = list_place(parameters_, lists_taken_++);
      VEXFS_TRY(links, load_list(volume_.store.read(upper_blocks_[list.block]), list.offset,
                                 parameters_.m));
      slot.lists.push_back(std::move(links));
    }
    return slot;
  }

  // That of a file has the number of an inode.
  bool may_have_id(std::uint64_t id) const {
    const std::uint64_t ino = id & ~VEXFS_ID_FILE;
    return ino == id || (ino > VEXFS_ROOT_INO && ino <= volume_.super.inodes);
  }

  vectors::Row load_row(SlotNumber number) const {
    vectors::Row row(vectors::row_bytes(parameters_));
    const std::uint64_t start = number * std::uint64_t{vectors::stride(parameters_)};
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::uint64_t at = start + i;
      row[i] = volume_.store.read(vectors_blocks_[at / kBlockSize])[at % kBlockSize];
    }
    return row;
  }

  // Ascending; unused links stand at the end.
  static Result<List> load_list(BlockView block, std::size_t offset, std::size_t room) {
    List links;
    for (std::size_t i = 0; i < room; ++i) links.push_back(get<__u32>(block, offset + 4 * i));
    const auto end = std::ranges::find(links, kNoSlot);
    if (!std::all_of(end, links.end(), [](SlotNumber link) { return link == kNoSlot; }))
      return damaged();
    links.erase(end, links.end());
    if (!std::ranges::is_sorted(links, std::ranges::less_equal{})) return damaged();
    return links;
  }

  Result<void> check_counters(const vectors::State& state) const {
    const auto live =
        std::ranges::count_if(state.slots, [](const Slot& slot) { return !slot.dead; });
    if (live != fields().live || state.linked > fields().slots ||
        lists_taken_ != fields().upper_lists)
      return damaged();
    if (state.entry == kNoSlot) {
      if (state.linked != 0 || state.entry_level != 0) return damaged();
      return {};
    }
    if (state.entry >= state.linked) return damaged();
    const Slot& entry = state.slots[state.entry];
    if (entry.is_duplicate() || entry.level() != state.entry_level) return damaged();
    return {};
  }

  static Result<void> check_ids(const vectors::State& state) {
    std::unordered_set<std::uint64_t> ids;
    for (const Slot& slot : state.slots)
      if (!slot.dead && !ids.insert(slot.id).second) return damaged();
    return {};
  }

  static Result<void> check_duplicates(const vectors::State& state) {
    for (SlotNumber number = 0; number < state.slots.size(); ++number) {
      const Slot& slot = state.slots[number];
      if (slot.is_duplicate() && (slot.first >= number || state.slots[slot.first].is_duplicate()))
        return damaged();
    }
    return {};
  }

  static Result<void> check_links(const vectors::State& state) {
    for (SlotNumber number = 0; number < state.slots.size(); ++number) {
      const Slot& slot = state.slots[number];
      const bool is_linked = number < state.linked && !slot.is_duplicate();
      for (unsigned level = 0; level <= slot.level(); ++level)
        for (SlotNumber link : slot.lists[level])
          if (!is_linked || link == number || link >= state.linked ||
              state.slots[link].is_duplicate() || state.slots[link].level() < level)
            return damaged();
    }
    return {};
  }

  const Mounted& volume_;
  const CollectionHeader& header_;
  Parameters parameters_;
  std::vector<BlockNumber> graph_blocks_;
  std::vector<BlockNumber> vectors_blocks_;
  std::vector<BlockNumber> upper_blocks_;
  std::vector<std::uint32_t> upper_;
  std::uint32_t lists_taken_ = 0;
};

}  // namespace

Result<Collection*> use_collection(Mounted& volume, Ino graph) {
  VEXFS_TRY(header, find_collection(volume, graph));
  const auto known = volume.collections.find(graph);
  if (known != volume.collections.end()) return &known->second;
  VEXFS_TRY(loaded, Loading(volume, header).run());
  return &volume.collections.emplace(graph, std::move(loaded)).first->second;
}

Result<std::vector<BlockNumber>> blocks_of(const Mounted& volume, Ino ino,
                                           const vexfs_inode& inode) {
  VEXFS_TRY(extents, extents_between(volume, ino, inode, 0, UINT64_MAX));
  std::vector<BlockNumber> blocks;
  for (const Extent& extent : extents) {
    if (extent.unwritten || extent.first != blocks.size()) break;
    for (std::uint32_t i = 0; i < extent.blocks; ++i) blocks.push_back(extent.start + i);
  }
  const std::uint64_t wanted = inode.size / kBlockSize;
  if (blocks.size() < wanted) return damaged();
  blocks.resize(wanted);
  return blocks;
}

RecordPlace slot_place(const Parameters& parameters, std::uint32_t slot) {
  const std::uint32_t per_block = VEXFS_SLOTS_PER_BLOCK(parameters.m);
  return {1 + slot / per_block, kHeader + slot % per_block * VEXFS_SLOT_BYTES(parameters.m)};
}

RecordPlace list_place(const Parameters& parameters, std::uint32_t list) {
  const std::uint32_t per_block = VEXFS_LISTS_PER_BLOCK(parameters.m);
  return {list / per_block, kHeader + list % per_block * 4U * parameters.m};
}

}  // namespace vexfs::model
