// SPDX-License-Identifier: MIT
// A collection comes into memory.
#include "fuse/core/collection.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fuse/core/collection_value.h"
#include "fuse/core/crc32c.h"

namespace vexfs::core {

/** Reads the three files and checks all that docs/vectors.md ("On the volume") names. */
class CollectionLoader {
 public:
  CollectionLoader(Engine& engine, const CollectionInodes& inodes, Collection& collection)
      : engine_(engine), header_(inodes.header()), collection_(collection) {}

  Expected<void> load(const CollectionInodes& inodes) {
    for (const auto& [file, inode] : {std::pair(&collection_.graph_, &inodes.graph),
                                      std::pair(&collection_.vectors_, &inodes.vectors),
                                      std::pair(&collection_.upper_, &inodes.upper)}) {
      auto mapped = map_system_file(engine_, *inode);
      if (!mapped) return fail(mapped.error());
      *file = std::move(*mapped);
    }
    if (auto read = read_slots(); !read) return read;
    if (!header_ok()) return fail(EUCLEAN);
    if (auto read = read_links(); !read) return read;
    index().set_graph(header_.linked, header_.entry, header_.entry_level);
    collection_.sequence_ = header_.sequence;
    return {};
  }

 private:
  hnsw::Index& index() { return collection_.index_; }
  const hnsw::Parameters& parameters() { return index().parameters(); }
  const CollectionGeometry& geometry() const { return collection_.geometry_; }

  /** A block of graph or upper, checked when it is not the one read before. */
  Expected<const std::byte*> block_of(const SystemFile& file, uint64_t lblk, uint32_t magic,
                                      uint32_t first) {
    if (block_ && block_->number == file.blocks[lblk]) return block_->bytes.data();
    auto block = engine_.cache.get(file.blocks[lblk]);
    if (!block) return fail(block.error());
    vexfs_graph_block header;
    std::memcpy(&header, (*block)->bytes.data(), sizeof header);
    const bool verified = (*block)->verified.load(std::memory_order_acquire) != 0 &&
                          (*block)->kind == BlockKind::kCollection;
    if (header.magic != magic || header.directory != collection_.directory_ ||
        header.first != first ||
        (!verified && header.crc != engine_.layout.checksum.of((*block)->number, (*block)->bytes,
                                                               offsetof(vexfs_graph_block, crc)))) {
      return fail(EUCLEAN);
    }
    (*block)->kind = BlockKind::kCollection;
    (*block)->verified.store(1, std::memory_order_release);
    block_ = std::move(*block);
    return block_->bytes.data();
  }

  Expected<const std::byte*> slot_record(uint32_t slot) {
    const Place place = geometry().slot(slot);
    const auto block = block_of(collection_.graph_, place.lblk, VEXFS_GRAPH_MAGIC,
                                slot - slot % geometry().slots_per_block);
    if (!block) return block;
    return *block + place.offset;
  }

  Expected<void> read_row(uint32_t slot, std::byte* row) {
    uint64_t at = geometry().row(slot);
    for (uint64_t left = geometry().stride; left > 0;) {
      auto block = engine_.cache.get(collection_.vectors_.blocks[at / kBlockSize]);
      if (!block) return fail(block.error());
      const uint64_t count = std::min<uint64_t>(left, kBlockSize - at % kBlockSize);
      std::memcpy(row, (*block)->bytes.data() + at % kBlockSize, count);
      row += count;
      at += count;
      left -= count;
    }
    return {};
  }

  Expected<void> read_slots() {
    hnsw::AlignedBytes row(geometry().stride);
    for (uint32_t slot = 0; slot < header_.slots; ++slot) {
      const auto record = slot_record(slot);
      if (!record) return fail(record.error());
      vexfs_slot stored;
      std::memcpy(&stored, *record, sizeof stored);
      if (auto read = read_row(slot, row.data()); !read) return read;
      if (!slot_ok(slot, stored, row.data())) return fail(EUCLEAN);
      index().restore_slot({.id = stored.id,
                            .slot = slot,
                            .level = stored.level,
                            .first = stored.first,
                            .died = VEXFS_SLOT_NONE,
                            .upper = stored.upper,
                            .row_crc = stored.row_crc},
                           row.data(), (stored.flags & VEXFS_SLOT_DEAD) != 0);
    }
    return {};
  }

  bool id_ok(uint64_t id) const {
    const InodeNumber ino = id & ~VEXFS_ID_FILE;
    return ino == id || (ino > VEXFS_ROOT_INO && ino <= engine_.layout.inodes);
  }

  bool slot_ok(uint32_t slot, const vexfs_slot& stored, const std::byte* row) {
    const bool duplicate = stored.first != VEXFS_SLOT_NONE;
    const uint32_t level = duplicate ? 0 : hnsw::level_of(parameters(), slot, engine_.faults);
    const uint32_t upper = level == 0 ? VEXFS_SLOT_NONE : index().upper_lists();
    if (duplicate && (stored.first >= slot || index().duplicate(stored.first))) return false;
    const bool dead = (stored.flags & VEXFS_SLOT_DEAD) != 0;
    return stored.level == level && stored.upper == upper && id_ok(stored.id) &&
           (dead || !index().find(stored.id)) &&
           stored.row_crc == plain_crc32c({row, parameters().row_bytes()});
  }

  bool header_ok() {
    if (header_.linked > header_.slots || header_.live != index().live() ||
        header_.upper_lists != index().upper_lists()) {
      return false;
    }
    bool any_linked = false;
    for (uint32_t slot = 0; slot < header_.linked && !any_linked; ++slot) {
      any_linked = !index().duplicate(slot);
    }
    if (!any_linked) return header_.entry == VEXFS_SLOT_NONE && header_.entry_level == 0;
    return header_.entry < header_.linked && !index().duplicate(header_.entry) &&
           index().level(header_.entry) == header_.entry_level;
  }

  Expected<void> read_links() {
    std::vector<uint32_t> links;
    for (uint32_t slot = 0; slot < header_.slots; ++slot) {
      const auto record = slot_record(slot);
      if (!record) return fail(record.error());
      if (auto read = take_list(slot, 0, *record + sizeof(vexfs_slot), links); !read) return read;
    }
    uint32_t list = 0;
    for (uint32_t slot = 0; slot < header_.slots; ++slot) {
      for (uint32_t level = 1; level <= index().level(slot); ++level, ++list) {
        const Place place = geometry().list(list);
        const auto block = block_of(collection_.upper_, place.lblk, VEXFS_UPPER_MAGIC,
                                    list - list % geometry().lists_per_block);
        if (!block) return fail(block.error());
        if (auto read = take_list(slot, level, *block + place.offset, links); !read) return read;
      }
    }
    return {};
  }

  Expected<void> take_list(uint32_t slot, uint32_t level, const std::byte* stored,
                           std::vector<uint32_t>& links) {
    links.resize(parameters().room(level));
    std::memcpy(links.data(), stored, 4 * links.size());
    const auto used = std::ranges::find(links, VEXFS_SLOT_NONE);
    if (std::any_of(used, links.end(), [](uint32_t link) { return link != VEXFS_SLOT_NONE; })) {
      return fail(EUCLEAN);
    }
    links.erase(used, links.end());
    const bool linked = slot < header_.linked && !index().duplicate(slot);
    if (!linked && !links.empty()) return fail(EUCLEAN);
    for (size_t i = 0; i < links.size(); ++i) {
      if (!link_ok(slot, level, links[i]) || (i > 0 && links[i] <= links[i - 1])) {
        return fail(EUCLEAN);
      }
    }
    index().set_links(slot, level, links);
    return {};
  }

  bool link_ok(uint32_t slot, uint32_t level, uint32_t link) {
    return link < header_.linked && link != slot && !index().duplicate(link) &&
           index().level(link) >= level;
  }

  Engine& engine_;
  const vexfs_collection header_;
  Collection& collection_;
  BlockRef block_;
};

Collection::Collection(Engine& engine, InodeNumber directory, const hnsw::Parameters& parameters)
    : engine_(engine),
      directory_(directory),
      geometry_(parameters),
      index_(parameters, engine.options.simd, engine.faults),
      workers_(engine.options.vector_threads),
      link_scratches_(engine.options.vector_threads) {}

Expected<std::shared_ptr<Collection>> Collection::load(Engine& engine, const InodeRef& directory) {
  const auto inodes = collection_inodes_of(engine, directory);
  if (!inodes) return fail(inodes.error());
  const std::shared_ptr<Collection> collection(
      new Collection(engine, directory.ino, parameters_of(inodes->header())));
  if (auto loaded = CollectionLoader(engine, *inodes, *collection).load(*inodes); !loaded) {
    return fail(loaded.error());
  }
  return collection;
}

std::string Collection::info() const {
  const std::shared_lock lock(index_lock_);
  const auto& parameters = index_.parameters();
  std::string text;
  const auto line = [&](std::string_view name, std::string_view value) {
    text.append(name).append(" ").append(value).append("\n");
  };
  const auto number = [&](std::string_view name, uint64_t value) {
    line(name, std::to_string(value));
  };
  number("dim", parameters.dim);
  line("type", name_of(parameters.type));
  line("metric", name_of(parameters.metric));
  number("m", parameters.m);
  number("ef_construction", parameters.ef_construction);
  number("seed", parameters.seed);
  number("slots", index_.slots());
  number("live", index_.live());
  number("linked", index_.linked());
  number("tail", index_.tail().size());
  if (index_.entry() == VEXFS_SLOT_NONE) {
    line("entry", "none");
  } else {
    number("entry", index_.entry());
  }
  number("entry_level", index_.entry_level());
  number("sequence", sequence_);
  return text;
}

Expected<std::shared_ptr<Collection>> Collections::get(Engine& engine, const InodeRef& directory) {
  const std::lock_guard lock(mutex_);
  auto& collection = by_graph_[directory.raw->collection];
  if (collection) return collection;
  auto loaded = Collection::load(engine, directory);
  if (!loaded) {
    by_graph_.erase(directory.raw->collection);
    return fail(loaded.error());
  }
  return collection = std::move(*loaded);
}

void Collections::replace(InodeNumber graph, std::shared_ptr<Collection> compacted) {
  const InodeNumber number = compacted->graph();
  forget(graph);
  const std::lock_guard lock(mutex_);
  by_graph_[number] = std::move(compacted);
}

uint64_t Collections::compactions_ended() {
  const std::lock_guard lock(ends_mutex_);
  return ends_;
}

void Collections::note_compaction_end() {
  {
    const std::lock_guard lock(ends_mutex_);
    ++ends_;
  }
  ended_.notify_all();
}

void Collections::wait_for_compaction(uint64_t seen) {
  std::unique_lock lock(ends_mutex_);
  ended_.wait(lock, [&] { return ends_ != seen; });
}

void Collections::forget(InodeNumber graph) {
  const std::lock_guard lock(mutex_);
  const auto at = by_graph_.find(graph);
  if (at == by_graph_.end()) return;
  at->second->end();
  by_graph_.erase(at);
}

}  // namespace vexfs::core
