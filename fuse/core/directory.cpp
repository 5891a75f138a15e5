// SPDX-License-Identifier: MIT
#include "fuse/core/directory.h"

#include <cerrno>
#include <cstring>

#include "fuse/core/directory_records.h"

namespace vexfs::core {
namespace {

/** Positions fit in 32 bits when divided by 8 (NameTable). */
constexpr uint64_t kLargestDirectory = uint64_t{8} * 0xfffffffe;

uint32_t offset_of(uint64_t position) { return static_cast<uint32_t>(position % kBlockSize); }

}  // namespace

bool Directories::record_ok(const std::byte* at, uint32_t offset) const {
  vexfs_dir_record record;
  std::memcpy(&record, at, sizeof record);
  if (record.length < sizeof record || record.length % 8 != 0 ||
      record.length > kBlockSize - offset) {
    return false;
  }
  if (record.ino == 0) return offset == kFirstRecord;
  if (record.ino == VEXFS_ROOT_INO || record.ino > layout_.inodes || record.name_length < 1 ||
      need_of(record.name_length) > record.length) {
    return false;
  }
  const std::string_view name(reinterpret_cast<const char*>(at) + sizeof record,
                              record.name_length);
  return name.find('/') == name.npos && name.find('\0') == name.npos;
}

bool Directories::block_ok(const Block& block) const {
  vexfs_dir_header header;
  std::memcpy(&header, block.bytes.data(), sizeof header);
  if (header.magic != VEXFS_DIR_MAGIC ||
      header.crc !=
          layout_.checksum.of(block.number, block.bytes, offsetof(vexfs_dir_header, crc))) {
    return false;
  }
  for (uint32_t offset = kFirstRecord; offset < kBlockSize;) {
    const std::byte* at = block.bytes.data() + offset;
    if (!record_ok(at, offset)) return false;
    __le16 length;
    std::memcpy(&length, at + offsetof(vexfs_dir_record, length), sizeof length);
    offset += length;
  }
  return true;
}

Expected<BlockRef> Directories::load(uint64_t number) {
  auto block = cache_.get(number);
  if (!block) return block;
  if ((*block)->verified.load(std::memory_order_acquire) == 0 ||
      (*block)->kind != BlockKind::kDirectory) {
    if (!block_ok(**block)) return fail(EUCLEAN);
    (*block)->kind = BlockKind::kDirectory;
    (*block)->verified.store(1, std::memory_order_release);
  }
  return block;
}

Expected<std::shared_ptr<DirectoryIndex>> Directories::index_of(const InodeRef& directory) {
  auto index = indexes_.get(directory.ino);
  if (index->built.load(std::memory_order_acquire)) return index;
  const std::lock_guard lock(index->building);
  if (index->built.load(std::memory_order_relaxed)) return index;
  if (auto done = build(directory, *index); !done) return fail(done.error());
  index->built.store(true, std::memory_order_release);
  indexes_.account(directory.ino, *index);
  return index;
}

Expected<void> Directories::build(const InodeRef& directory, DirectoryIndex& index) {
  if (directory.raw->size > kLargestDirectory) return fail(EUCLEAN);
  index.names = {};
  index.slack = {};
  index.blocks.clear();
  for (uint64_t lblk = 0; lblk < directory.raw->size / kBlockSize; ++lblk) {
    const auto number = block_at(directory, lblk);
    if (!number) return fail(number.error());
    const auto block = load(*number);
    if (!block) return fail(block.error());
    for (uint32_t at = kFirstRecord; at < kBlockSize; at += record_at(**block, at).length) {
      if (record_at(**block, at).ino == 0) continue;
      index.names.reserve_one();
      index.names.insert(NameTable::hash(name_at(**block, at)), lblk * kBlockSize + at);
    }
    index.slack.append(largest_slack(**block));
    index.blocks.push_back(*number);
  }
  return {};
}

/** None if a part of the directory is damaged: the rest is then searched block by block. */
Expected<std::shared_ptr<DirectoryIndex>> Directories::index_if_sound(const InodeRef& directory) {
  auto index = index_of(directory);
  if (!index && index.error() == EUCLEAN) return nullptr;
  return index;
}

Expected<uint64_t> Directories::block_at(const InodeRef& directory, uint64_t lblk) {
  const auto mapping = tree_.map(directory, lblk);
  if (!mapping) return fail(mapping.error());
  if (mapping->pblk == 0 || mapping->unwritten) return fail(EUCLEAN);
  return mapping->pblk;
}

Expected<std::optional<FoundRecord>> Directories::find_by_walk(const InodeRef& directory,
                                                               std::string_view name) {
  std::optional<FoundRecord> found;
  const auto visit = [&](std::string_view here, const FoundRecord& record, uint64_t) {
    if (here == name) found = record;
    return !found;
  };
  if (auto walked = list(directory, 0, visit); !walked) return fail(walked.error());
  return found;
}

Expected<std::optional<FoundRecord>> Directories::find(const InodeRef& directory,
                                                       std::string_view name) {
  const auto index = index_if_sound(directory);
  if (!index) return fail(index.error());
  if (!*index) return find_by_walk(directory, name);
  std::optional<FoundRecord> found;
  const auto match = [&](uint64_t position) -> Expected<bool> {
    const auto block = load((*index)->blocks[position / kBlockSize]);
    if (!block) return fail(block.error());
    if (name_at(**block, offset_of(position)) != name) return false;
    const vexfs_dir_record& record = record_at(**block, offset_of(position));
    found = FoundRecord{position, record.ino, record.type};
    return true;
  };
  const auto matched = (*index)->names.find(NameTable::hash(name), match);
  if (!matched) return fail(matched.error());
  return found;
}

Expected<bool> Directories::empty(const InodeRef& directory) {
  const auto index = index_if_sound(directory);
  if (!index) return fail(index.error());
  if (*index) return (*index)->names.size() == 0;
  bool empty = true;
  const auto visit = [&](std::string_view, const FoundRecord&, uint64_t) { return empty = false; };
  if (auto walked = list(directory, 0, visit); !walked) return fail(walked.error());
  return empty;
}

Expected<void> Directories::list(const InodeRef& directory, uint64_t from,
                                 const RecordVisitor& visitor) {
  const uint64_t blocks = directory.raw->size / kBlockSize;
  for (uint64_t lblk = from / kBlockSize; lblk < blocks; ++lblk) {
    const auto number = block_at(directory, lblk);
    if (!number) return fail(number.error());
    const auto block = load(*number);
    if (!block) return fail(block.error());
    for (uint32_t at = kFirstRecord; at < kBlockSize;) {
      const vexfs_dir_record& record = record_at(**block, at);
      const uint64_t position = lblk * kBlockSize + at;
      const uint32_t length = record.length;
      if (record.ino != 0 && position >= from &&
          !visitor(name_at(**block, at), {position, record.ino, record.type}, position + length)) {
        return {};
      }
      at += length;
    }
  }
  return {};
}

Expected<InsertPlace> Directories::gather_insert(Unit& unit, const InodeRef& directory,
                                                 std::string_view name) {
  const auto index = index_of(directory);
  if (!index) return fail(index.error());
  DirectoryIndex& known = **index;
  const size_t before = known.names.bytes();
  known.names.reserve_one();
  if (known.names.bytes() != before) indexes_.account(directory.ino, known);
  const uint32_t need = need_of(name.size());
  const auto block = faults_.planted(Fault::kInsertLast) ? known.slack.last_with(need)
                                                         : known.slack.first_with(need);
  if (!block) {
    known.blocks.reserve(known.blocks.size() + 1);
    return InsertPlace{*index, known.blocks.size(), true};
  }
  const auto loaded = load(known.blocks[*block]);
  if (!loaded) return fail(loaded.error());
  unit.write(*loaded);
  return InsertPlace{*index, *block, false};
}

void Directories::insert(Unit& unit, const InsertPlace& place, uint64_t appended,
                         std::string_view name, InodeNumber ino, uint8_t type) {
  DirectoryIndex& index = *place.index;
  Block* block = nullptr;
  if (place.append) {
    block = unit.create(appended, BlockKind::kDirectory);
    format_directory_block(*block);
    index.blocks.push_back(appended);
    index.slack.append(0);
  } else {
    block = &unit.at(index.blocks[place.lblk]);
  }
  const uint32_t offset = insert_record(*block, name, static_cast<uint32_t>(ino), type,
                                        faults_.planted(Fault::kInsertLast));
  index.slack.set(place.lblk, largest_slack(*block));
  index.names.insert(NameTable::hash(name), place.lblk * kBlockSize + offset);
}

Expected<RecordPlace> Directories::gather_record(Unit& unit, const InodeRef& directory,
                                                 uint64_t position) {
  auto index = index_if_sound(directory);
  if (!index) return fail(index.error());
  const auto number = block_at(directory, position / kBlockSize);
  if (!number) return fail(number.error());
  const auto block = load(*number);
  if (!block) return fail(block.error());
  unit.write(*block);
  return RecordPlace{std::move(*index), position, *number};
}

void Directories::remove(Unit& unit, const RecordPlace& place) {
  const uint32_t offset = offset_of(place.position);
  Block& block = unit.at(place.block);
  if (place.index) {
    place.index->names.erase(NameTable::hash(name_at(block, offset)), place.position);
  }
  remove_record(block, offset, faults_.planted(Fault::kDeleteKeepsBytes));
  if (place.index) place.index->slack.set(place.position / kBlockSize, largest_slack(block));
}

void Directories::replace(Unit& unit, const RecordPlace& place, InodeNumber ino, uint8_t type) {
  Block& block = unit.at(place.block);
  vexfs_dir_record& record = record_at(block, offset_of(place.position));
  record.ino = static_cast<__le32>(ino);
  record.type = type;
}

}  // namespace vexfs::core
