// SPDX-License-Identifier: MIT
// Collections of vectors: docs/vectors.md, "On the volume".
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>

#include "reference/tools/fsck/check_context.h"
#include "reference/tools/inspect/collection.h"
#include "reference/tools/inspect/crc32c.h"
#include "reference/vector/arithmetic.h"
#include "reference/vector/levels.h"

namespace vexfs::tools {
namespace {

constexpr std::uint32_t kNone = VEXFS_SLOT_NONE;
using Links = std::vector<std::uint32_t>;

class CollectionCheck {
 public:
  CollectionCheck(CheckContext& context, std::uint64_t directory, const CollectionReader& reader)
      : context_(context),
        directory_(directory),
        reader_(reader),
        fields_(reader.fields()),
        parameters_(reader.parameters()) {}

  void run() {
    claim_inodes();
    check_header();
    if (!has_all_blocks()) return;  // what follows would only repeat the fault
    check_blocks();
    for (std::uint32_t slot = 0; slot < fields_.slots; ++slot) read_slot(slot);
    for (std::uint32_t slot = 0; slot < fields_.slots; ++slot) check_lists(slot);
    check_counters();
    check_unused();
    check_reachable();
  }

 private:
  // A slot with all its lists, unused links left out.
  struct Node {
    vexfs_slot fields;
    std::vector<Links> lists;
  };

  template <typename Expected, typename Actual>
  void error(std::string_view rule, std::string_view what, const Expected& expected,
             const Actual& actual) {
    context_.error(rule, fmt::format("collection of inode {}{}{}", directory_, kPathStep, what),
                   expected, actual);
  }

  void claim_inodes() {
    const std::set<std::uint64_t> parts = {reader_.graph_ino(), fields_.vectors_ino,
                                           fields_.upper_ino};
    if (parts.size() != 3) error("collection.inode", "inodes", "three", parts.size());
    for (std::uint64_t ino : parts) {
      const auto found = context_.inodes.find(ino);
      const vexfs_inode inode =
          found == context_.inodes.end() ? vexfs_inode{} : found->second.inode;
      if (!(inode.flags & VEXFS_INODE_SYSTEM) || inode.home != directory_) {
        error("collection.inode", fmt::format("inode {}", ino),
              "a system inode whose home is the directory", "another");
      } else {
        ++found->second.names;
        found->second.parent = directory_;
      }
    }
  }

  void check_header() {
    const Bytes block = context_.view.block(reader_.graph_blocks()[0]);
    if (fields_.magic != VEXFS_COLLECTION_MAGIC) {
      error("collection.header", "magic", "VXCO", fmt::format("{:#x}", fields_.magic));
    }
    check_crc(reader_.graph_blocks()[0], "header");
    if (fields_.directory != directory_) {
      error("collection.header", "directory", directory_, fields_.directory);
    }
    if (fields_.slots > VEXFS_SLOTS_MAX) {
      error("collection.header", "slots", VEXFS_SLOTS_MAX, fields_.slots);
    }
    if (fields_.reserved != 0 || !all_zero(block.subspan(sizeof fields_))) {
      error("collection.zero", "header", "zeros after its fields", "other bytes");
    }
  }

  void check_crc(std::uint64_t number, const std::string& what) {
    const Bytes block = context_.view.block(number);
    const auto crc = context_.view.crc(number, block, 4);
    if (load<__u32>(block, 4) == crc) return;
    error("collection.crc", what, fmt::format("{:08x}", crc),
          fmt::format("{:08x}", load<__u32>(block, 4)));
  }

  static std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
    return (value + by - 1) / by;
  }

  // Whole blocks, all mapped, at least what is in use.
  bool has_all_blocks() {
    const std::uint64_t slots = VEXFS_SLOTS_PER_BLOCK(fields_.m);
    const std::uint64_t lists = VEXFS_LISTS_PER_BLOCK(fields_.m);
    const std::uint64_t bytes = fields_.slots * std::uint64_t{vectors::stride(parameters_)};
    bool all = has_blocks(reader_.graph_ino(), reader_.graph_blocks(),
                          1 + divide_up(fields_.slots, slots));
    all &= has_blocks(fields_.vectors_ino, reader_.vectors_blocks(), divide_up(bytes, kBlockSize));
    all &= has_blocks(fields_.upper_ino, reader_.upper_blocks(),
                      divide_up(fields_.upper_lists, lists));
    return all;
  }

  bool has_blocks(std::uint64_t ino, const std::vector<std::uint64_t>& mapped,
                  std::uint64_t wanted) {
    const auto found = context_.inodes.find(ino);
    if (found == context_.inodes.end()) return false;
    const std::uint64_t size = found->second.inode.size;
    if (size % kBlockSize == 0 && size / kBlockSize >= wanted && mapped.size() == size / kBlockSize)
      return true;
    error("collection.size", fmt::format("inode {} › size", ino),
          fmt::format("{} blocks or more, all mapped", wanted),
          fmt::format("{} bytes, {} blocks mapped", size, mapped.size()));
    return false;
  }

  void check_blocks() {
    const auto& graph = reader_.graph_blocks();
    for (std::size_t i = 1; i < graph.size(); ++i)
      check_block(graph[i], VEXFS_GRAPH_MAGIC, (i - 1) * VEXFS_SLOTS_PER_BLOCK(fields_.m));
    const auto& upper = reader_.upper_blocks();
    for (std::size_t i = 0; i < upper.size(); ++i)
      check_block(upper[i], VEXFS_UPPER_MAGIC, i * VEXFS_LISTS_PER_BLOCK(fields_.m));
  }

  void check_block(std::uint64_t number, std::uint32_t magic, std::uint64_t first) {
    const auto header = load<vexfs_graph_block>(context_.view.block(number));
    const std::string what = fmt::format("block {}", number);
    if (header.magic != magic || header.directory != directory_ || header.first != first) {
      error("collection.block", what,
            fmt::format("magic {:#x}, directory {}, first {}", magic, directory_, first),
            fmt::format("{:#x}, {}, {}", header.magic, header.directory, header.first));
    }
    check_crc(number, what);
    if (!all_zero(std::as_bytes(std::span(header.reserved)))) {
      error("collection.zero", what, "reserved zeros", "other bytes");
    }
  }

  template <typename Expected, typename Actual>
  void slot_error(std::string_view rule, std::uint32_t slot, std::string_view field,
                  const Expected& expected, const Actual& actual) {
    error(rule, fmt::format("slot {}{}{}", slot, kPathStep, field), expected, actual);
  }

  void read_slot(std::uint32_t number) {
    const SlotRecord record = *reader_.slot(number);
    const vexfs_slot& slot = record.fields;
    const bool duplicate = slot.first != kNone;
    const unsigned level = duplicate ? 0 : vectors::level_of(fields_.seed, fields_.m, number);
    const std::uint32_t upper = level > 0 ? lists_ : kNone;
    if (slot.level != level) slot_error("collection.slot", number, "level", level, slot.level);
    if (slot.upper != upper) slot_error("collection.slot", number, "upper", upper, slot.upper);
    if (slot.id & VEXFS_ID_FILE) check_file(number, slot);
    if (slot.flags & ~VEXFS_SLOT_DEAD)
      slot_error("collection.slot", number, "flags", "0 or DEAD", slot.flags);
    if (!(slot.flags & VEXFS_SLOT_DEAD) && !ids_.insert(slot.id).second)
      slot_error("collection.slot", number, "id", "an id of no other live slot", slot.id);
    if (!all_zero(std::as_bytes(std::span(slot.reserved))))
      slot_error("collection.zero", number, "reserved", "zeros", "other bytes");
    check_row(number, slot);
    nodes_.push_back({slot, {used_links(number, record.links)}});
    for (unsigned i = 0; i < level; ++i) {
      const auto list = reader_.list(lists_++);
      nodes_.back().lists.push_back(list ? used_links(number, *list) : Links{});
    }
  }

  // The slot says that it is the vector of a file.
  void check_file(std::uint32_t number, const vexfs_slot& slot) {
    const std::uint64_t ino = slot.id & ~VEXFS_ID_FILE;
    if (ino <= VEXFS_ROOT_INO || ino > context_.super().inodes)
      return slot_error("collection.slot", number, "id", "the number of an inode", slot.id);
    if (slot.flags & VEXFS_SLOT_DEAD) return;
    const auto found = context_.inodes.find(ino);
    const vexfs_inode file = found == context_.inodes.end() ? vexfs_inode{} : found->second.inode;
    if (!S_ISREG(file.mode) || file.nlink == 0 || !(file.flags & VEXFS_INODE_VECTOR) ||
        file.home != directory_)
      slot_error("collection.file", number, "id",
                 "a linked file with the flag VECTOR whose home is the directory",
                 fmt::format("inode {}", ino));
  }

  void check_row(std::uint32_t number, const vexfs_slot& slot) {
    auto row = *reader_.row(number);
    const std::size_t used = vectors::row_bytes(parameters_);
    if (!all_zero(Bytes(row).subspan(used)))
      slot_error("collection.zero", number, "row", "zeros after it", "other bytes");
    row.resize(used);
    if (slot.row_crc != crc32c(row)) {
      slot_error("collection.row", number, "row_crc", fmt::format("{:08x}", crc32c(row)),
                 fmt::format("{:08x}", slot.row_crc));
    }
    const auto [known, fresh] = rows_.try_emplace(std::move(row), number);
    const std::uint32_t first = fresh ? kNone : known->second;
    if (slot.first != first) slot_error("collection.first", number, "first", first, slot.first);
  }

  Links used_links(std::uint32_t number, Links links) {
    const auto end = std::ranges::find(links, kNone);
    const bool rest_is_unused =
        std::all_of(end, links.end(), [](std::uint32_t link) { return link == kNone; });
    links.erase(end, links.end());
    if (!rest_is_unused || !std::ranges::is_sorted(links, std::ranges::less_equal{}))
      slot_error("collection.list", number, "links", "ascending, unused ones at the end", "others");
    return links;
  }

  void check_lists(std::uint32_t number) {
    const Node& node = nodes_[number];
    const bool is_linked = number < fields_.linked && node.fields.first == kNone;
    for (unsigned level = 0; level < node.lists.size(); ++level)
      for (std::uint32_t link : node.lists[level])
        if (!is_linked || link == number || link >= fields_.linked || link >= nodes_.size() ||
            nodes_[link].fields.first != kNone || nodes_[link].lists.size() <= level)
          slot_error("collection.list", number, fmt::format("link at level {}", level),
                     "another linked slot of this level", link);
  }

  void check_counters() {
    const auto counter = [&](std::string_view name, std::uint64_t wanted, std::uint64_t value) {
      if (wanted != value) error("collection.counters", name, wanted, value);
    };
    counter("live", ids_.size(), fields_.live);
    counter("upper_lists", lists_, fields_.upper_lists);
    if (fields_.linked > fields_.slots) {
      return error("collection.counters", "linked", fmt::format("at most {}", fields_.slots),
                   fields_.linked);
    }
    if (fields_.entry == kNone || fields_.entry >= fields_.linked) {
      counter("linked", 0, fields_.linked);
      counter("entry", kNone, fields_.entry);
      return counter("entry_level", 0, fields_.entry_level);
    }
    const Node& entry = nodes_[fields_.entry];
    if (entry.fields.first != kNone)
      error("collection.counters", "entry", "no duplicate", fields_.entry);
    counter("entry_level", entry.lists.size() - 1, fields_.entry_level);
  }

  // Records and lists behind those in use, and the rest of the last row's block.
  void check_unused() {
    for (std::uint32_t slot = fields_.slots; const auto record = reader_.slot(slot); ++slot)
      if (!all_zero(std::as_bytes(std::span(&record->fields, 1))) || !are_zero(record->links))
        return error("collection.zero", fmt::format("slot {}", slot), "zeros", "other bytes");
    for (std::uint32_t list = fields_.upper_lists; const auto links = reader_.list(list); ++list)
      if (!are_zero(*links))
        return error("collection.zero", fmt::format("list {}", list), "zeros", "other bytes");
    for (std::uint32_t slot = fields_.slots; const auto row = reader_.row(slot); ++slot)
      if (!all_zero(*row))
        return error("collection.zero", fmt::format("row {}", slot), "zeros", "other bytes");
  }

  static bool are_zero(const Links& links) {
    return std::ranges::all_of(links, [](std::uint32_t link) { return link == 0; });
  }

  // Legal, but searches find these slots only by comparing with every vector.
  void check_reachable() {
    if (fields_.entry >= nodes_.size() || fields_.linked > nodes_.size()) return;
    std::vector<bool> reached(nodes_.size());
    std::vector<std::uint32_t> way = {fields_.entry};
    reached[fields_.entry] = true;
    while (!way.empty()) {
      const Node& node = nodes_[way.back()];
      way.pop_back();
      for (std::uint32_t link : node.lists[0])
        if (link < nodes_.size() && !reached[link]) {
          reached[link] = true;
          way.push_back(link);
        }
    }
    std::uint64_t lost = 0;
    for (std::uint32_t slot = 0; slot < fields_.linked; ++slot)
      lost += nodes_[slot].fields.first == kNone && !reached[slot];
    if (lost == 0) return;
    context_.findings.note("collection.unreachable",
                           fmt::format("collection of inode {}", directory_),
                           "every linked slot reached from the entry",
                           fmt::format("{} of {} are not", lost, fields_.linked));
  }

  CheckContext& context_;
  std::uint64_t directory_;
  const CollectionReader& reader_;
  const vexfs_collection& fields_;
  vectors::Parameters parameters_;
  std::vector<Node> nodes_;
  std::set<std::uint64_t> ids_;  // of live slots
  std::map<std::vector<std::byte>, std::uint32_t> rows_;
  std::uint32_t lists_ = 0;  // taken by the slots read so far
};

}  // namespace

void check_collections(CheckContext& context) {
  for (std::uint64_t number : context.used_inodes) {
    const vexfs_inode& inode = context.inodes[number].inode;
    if (!S_ISDIR(inode.mode) || (inode.flags & VEXFS_INODE_COLLECTION) == 0) continue;
    const auto reader = CollectionReader::open(context.view, number);
    if (reader) {
      CollectionCheck(context, number, *reader).run();
    } else {
      context.error("collection.header", fmt::format("inode {} › collection", number),
                    "a collection that can be read", reader.error());
    }
  }
}

}  // namespace vexfs::tools
