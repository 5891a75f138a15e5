// SPDX-License-Identifier: MIT
// Builds small volumes with every kind of structure in them, for the tests of the tools. It is no
// filesystem: it writes structures where the test wants them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "reference/contract/event.h"
#include "reference/contract/inode.h"
#include "reference/contract/superblock.h"
#include "reference/tools/mkfs/geometry.h"

namespace vexfs::tools {

// A name in a directory.
struct BuiltName {
  std::string name;  // empty: an unused record, which must be the first of its block
  std::uint64_t ino;
};

// A record of the event ring to come. Its payload is made of fields of this form.
struct BuiltEvent {
  std::uint16_t type;
  std::uint64_t ino;
  std::uint64_t parent;
  std::vector<std::pair<std::uint16_t, std::string>> fields;  // tag and value
};

// Copyable: a copy is a second future of the same volume.
class VolumeBuilder {
 public:
  explicit VolumeBuilder(const Geometry& geometry);

  // A new inode with a generation of its own, nlink 1 and `home` as its home; no name yet.
  std::uint64_t add_inode(std::uint16_t mode, std::uint64_t home);
  // A new directory with its name in `parent`.
  std::uint64_t add_directory(std::uint64_t parent, const std::string& name);
  // A new regular file of `blocks` blocks of the byte `fill`, in one extent.
  std::uint64_t add_file(std::uint64_t parent, const std::string& name, std::uint64_t blocks,
                         char fill);
  // A new regular file whose `extents` blocks leave a hole before each but the first, mapped by a
  // tree of one level.
  std::uint64_t add_tree_file(std::uint64_t parent, const std::string& name, unsigned extents);
  std::uint64_t add_symlink(std::uint64_t parent, const std::string& name,
                            const std::string& target);
  // The name of an existing inode; for a directory block that is full a new one begins.
  void add_name(std::uint64_t parent, const std::string& name, std::uint64_t ino);
  // Makes the first record of the first block of `parent` unused; the inode keeps its link count.
  void drop_first_name(std::uint64_t parent);
  void add_event(BuiltEvent event) { events_.push_back(std::move(event)); }
  void set_orphan(std::uint64_t ino);
  // The inode, for changing; its checksum is made by finish().
  vexfs_inode& inode(std::uint64_t ino) { return inodes_.at(ino); }
  // The number of units of work that the volume has seen, for the state block.
  void set_units(std::uint64_t units) { units_ = units; }
  // The transaction that the events of this volume name.
  void set_transaction(std::uint64_t sequence) { transaction_ = sequence; }

  // The lowest free block, which becomes used.
  std::uint64_t allocate();

  // The whole image. Marked clean, with an empty log that expects transaction 2.
  std::vector<std::byte> finish() const;
  const vexfs_superblock& super() const { return super_; }

 private:
  struct Directory {
    std::vector<std::vector<BuiltName>> blocks;
    std::vector<std::uint64_t> places;  // block numbers
  };

  void set_bit(const vexfs_region& bitmap, std::uint64_t bit);
  void write_inodes(std::vector<std::byte>& image) const;
  void write_directories(std::vector<std::byte>& image) const;
  void write_events(std::vector<std::byte>& image, vexfs_state& state) const;
  void write_state(std::vector<std::byte>& image, vexfs_state state) const;
  void write_anchors(std::vector<std::byte>& image) const;

  Geometry geometry_;
  std::vector<std::byte> image_;
  vexfs_superblock super_;
  std::map<std::uint64_t, vexfs_inode> inodes_;
  std::map<std::uint64_t, Directory> directories_;
  std::vector<BuiltEvent> events_;
  std::uint64_t next_inode_ = 2;
  std::uint64_t units_ = 0;
  std::uint64_t transaction_ = 1;
};

// A value of an event field from numbers of 4 or 8 bytes.
template <typename T>
std::string event_value(std::initializer_list<T> numbers) {
  std::string value;
  for (T number : numbers) value.append(reinterpret_cast<const char*>(&number), sizeof number);
  return value;
}

// 1024 blocks, 64 inodes, extent fanout 4 and max_links 8, so that trees and limits are near.
Geometry sample_geometry();

// What the sample volume holds, by name. The root has all but `inner`.
struct Sample {
  static constexpr std::uint64_t kFile = 2;       // "file", 3 blocks
  static constexpr std::uint64_t kDirectory = 3;  // "dir"
  static constexpr std::uint64_t kInner = 4;      // "dir/inner", also "hard": nlink 2
  static constexpr std::uint64_t kShortLink = 5;  // "short"
  static constexpr std::uint64_t kLongLink = 6;   // "long", 200 bytes
  static constexpr std::uint64_t kFifo = 7;       // "fifo"
  static constexpr std::uint64_t kDevice = 8;     // "device"
  static constexpr std::uint64_t kTree = 9;       // "tree", 6 extents in two nodes
  static constexpr std::uint64_t kWide = 10;      // "wide", a directory of two blocks; its first
                                                  // record is unused
};
VolumeBuilder sample_builder();
// A clean volume with every kind of structure and an event of every type.
std::vector<std::byte> sample_volume();

// `image` with one more transaction in its log, which turns its metadata into that of `after`, and
// an anchor that asks for its replay.
std::vector<std::byte> with_transaction(const std::vector<std::byte>& image,
                                        const std::vector<std::byte>& after);
// The sample with two transactions: the first (2) makes the directory "later" with a file, the
// second (3) gives an inode another name and leaves an orphan.
std::vector<std::byte> dirty_sample_volume();

}  // namespace vexfs::tools
