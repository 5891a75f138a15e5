// SPDX-License-Identifier: MIT
// What is kept in memory of a directory so that no operation scans it.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vexfs::core {

/** For each block of a directory its largest gap; finds the first block with room in logarithmic
 * time. */
class SlackTree {
 public:
  size_t size() const { return size_; }
  void append(uint32_t slack);
  void set(size_t block, uint32_t slack);
  /** The first block whose slack is at least `need`. */
  std::optional<size_t> first_with(uint32_t need) const;
  /** The last such block. */
  std::optional<size_t> last_with(uint32_t need) const;
  size_t bytes() const { return tree_.size() * sizeof(tree_[0]); }

 private:
  /** A complete binary tree of maxima: node i has the children 2i and 2i + 1. */
  std::vector<uint16_t> tree_ = std::vector<uint16_t>(2, 0);
  size_t leaves_ = 1;
  size_t size_ = 0;
};

/** Hash of a name to the place of its record. Open addressing, 8 bytes an entry. */
class NameTable {
 public:
  static uint32_t hash(std::string_view name);

  size_t size() const { return used_; }
  size_t bytes() const { return slots_.size() * sizeof(Slot); }
  /** Makes room for one more, so that insert() need not allocate. */
  void reserve_one();
  /** `position`: byte of the directory where the record starts, a multiple of 8, below 2^34. */
  void insert(uint32_t hash, uint64_t position);
  void erase(uint32_t hash, uint64_t position);

  /** Calls `matches(position)` for each candidate until it answers true (or fails); true: it did.
   */
  template <typename Matches>
  auto find(uint32_t hash, Matches matches) const -> decltype(matches(uint64_t{})) {
    for (size_t at = hash & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.place == kEmpty) return false;
      if (slot.place == kErased || slot.hash != hash) continue;
      auto answer = matches(uint64_t{slot.place} * 8);
      if (!answer || *answer) return answer;
    }
  }

 private:
  struct Slot {
    uint32_t hash;
    /** Position divided by 8; a record never starts at byte 0 and so 0 means empty. */
    uint32_t place;
  };
  static constexpr uint32_t kEmpty = 0;
  static constexpr uint32_t kErased = ~0U;
  size_t mask() const { return slots_.size() - 1; }
  void rebuild(size_t size);

  std::vector<Slot> slots_ = std::vector<Slot>(16, Slot{0, kEmpty});
  size_t used_ = 0;
  /** Slots not empty: used or erased. */
  size_t filled_ = 0;
};

/** The index of one directory. Built under `building`, changed under the volume's exclusive lock.
 */
struct DirectoryIndex {
  std::mutex building;
  std::atomic<bool> built{false};
  NameTable names;
  SlackTree slack;
  /** The directory's blocks in logical order; they never move. */
  std::vector<uint64_t> blocks;

  size_t bytes() const;
};

/** The indexes in memory, evicted whole, the least recently used first. Thread-safe. */
class DirectoryIndexes {
 public:
  explicit DirectoryIndexes(uint64_t bytes) : limit_(bytes) {}

  /** The directory's index, built or not. */
  std::shared_ptr<DirectoryIndex> get(uint64_t ino);
  /** Tells how large an index is now, and evicts others if all together are too large. */
  void account(uint64_t ino, const DirectoryIndex& index);
  void erase(uint64_t ino);
  uint64_t bytes();

 private:
  struct Entry {
    std::shared_ptr<DirectoryIndex> index;
    uint64_t bytes = 0;
    std::list<uint64_t>::iterator place;
  };
  void remove(std::unordered_map<uint64_t, Entry>::iterator entry);

  std::mutex mutex_;
  const uint64_t limit_;
  uint64_t total_ = 0;
  std::unordered_map<uint64_t, Entry> entries_;
  /** Most recently used first. */
  std::list<uint64_t> order_;
};

}  // namespace vexfs::core
