// SPDX-License-Identifier: MIT
#include "reference/model/tests/test_volume.h"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include "reference/model/allocator.h"
#include "reference/model/bitmap.h"
#include "reference/model/collection_inodes.h"
#include "reference/model/directory.h"
#include "reference/model/extent_node.h"
#include "reference/model/extents.h"

namespace vexfs::model::test {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "test volume: %s\n", why.c_str());
  std::abort();
}

template <typename T>
T must(Result<T> result, const char* what) {
  if (!result) give_up(std::string(what) + ": errno " + std::to_string(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

// Counts what each inode holds and finds what two of them hold.
class Inspection {
 public:
  explicit Inspection(const Mounted& volume) : volume_(volume) {}

  std::string run() {
    links_[posix::kRootIno] = 2;
    for (Ino ino = 1; ino <= volume_.super.inodes; ++ino)
      if (test_bit(volume_.store, volume_.super.inode_bitmap, ino)) inspect(ino);
    compare_links();
    compare_bitmap();
    return problem_;
  }

 private:
  void say(const std::string& problem) {
    if (problem_.empty()) problem_ = problem;
  }

  void inspect(Ino ino) {
    ++used_inodes_;
    const auto inode = load_inode(volume_, ino);
    if (!inode) return say("inode " + std::to_string(ino) + " cannot be read");
    const std::size_t before = held_.size();
    const auto root = inode_node(volume_, *inode);
    if (!is_symlink(*inode) || inode->extents > 0) hold_below(ino, *root);
    if (held_.size() - before != inode->blocks)
      say("inode " + std::to_string(ino) + " counts " + std::to_string(inode->blocks) +
          " blocks and holds " + std::to_string(held_.size() - before));
    if (is_directory(*inode)) count_names(ino, *inode);
    if (has_collection(*inode)) count_collection(ino, *inode);
  }

  void hold_below(Ino ino, const Node& node) {
    for (std::size_t at = 0; at < node.entries.size(); ++at) {
      const Entry& entry = node.entries[at];
      for (std::uint32_t i = 0; i < (node.depth == 0 ? entry.len : 1); ++i) hold(entry.block + i);
      if (node.depth == 0) continue;
      const auto child = child_node(volume_, ino, node, at);
      if (!child) return say("inode " + std::to_string(ino) + " has an invalid node");
      hold_below(ino, *child);
    }
  }

  void hold(BlockNumber block) {
    if (!held_.insert(block).second) say("block " + std::to_string(block) + " is held twice");
    if (!is_allocated(volume_, block)) say("block " + std::to_string(block) + " is held but free");
  }

  void count_names(Ino dir, const vexfs_inode& inode) {
    const auto entries = list_directory(volume_, dir, inode, 2, SIZE_MAX);
    if (!entries) return say("directory " + std::to_string(dir) + " cannot be listed");
    for (const auto& entry : *entries) {
      const auto child = load_inode(volume_, entry.ino);
      if (!child) return say("the name " + entry.name + " names no inode");
      if (record_type(*child) != entry.type) say("the name " + entry.name + " has the wrong type");
      links_[entry.ino] += is_directory(*child) ? 2 : 1;
      if (!is_directory(*child)) continue;
      ++links_[dir];
      if (child->home != dir) say("the directory " + entry.name + " has the wrong home");
    }
  }

  void count_collection(Ino dir, const vexfs_inode& inode) {
    const auto header = load_collection_header(volume_, dir, inode);
    if (!header) return say("the collection of " + std::to_string(dir) + " cannot be read");
    for (Ino part :
         {header->graph_ino, Ino{header->fields.vectors_ino}, Ino{header->fields.upper_ino}})
      ++links_[part];
  }

  void compare_links() {
    for (Ino ino = 1; ino <= volume_.super.inodes; ++ino) {
      const auto inode = load_inode(volume_, ino);
      if (!inode) continue;
      if (inode->nlink != links_[ino])
        say("inode " + std::to_string(ino) + " counts " + std::to_string(inode->nlink) +
            " links and has " + std::to_string(links_[ino]));
      const bool orphan = test_bit(volume_.store, volume_.super.orphan_bitmap, ino);
      if (orphan != (inode->nlink == 0 || (inode->flags & VEXFS_INODE_TRUNCATING)))
        say("inode " + std::to_string(ino) + " has the wrong orphan bit");
    }
  }

  void compare_bitmap() {
    const vexfs_superblock& super = volume_.super;
    std::uint64_t in_use = 0;
    for (BlockNumber block = super.data.start; block < super.blocks - 1; ++block)
      in_use += is_allocated(volume_, block);
    if (in_use != held_.size()) say("blocks are in use that nobody holds");
    if (super.data.blocks - in_use != volume_.state.free_blocks) say("free_blocks is wrong");
    if (super.inodes - used_inodes_ != volume_.state.free_inodes) say("free_inodes is wrong");
  }

  const Mounted& volume_;
  std::set<BlockNumber> held_;
  std::map<Ino, std::uint32_t> links_;
  std::uint64_t used_inodes_ = 0;
  std::string problem_;
};

}  // namespace

Geometry small_geometry() {
  Geometry geometry;
  geometry.blocks = 2048;
  geometry.inodes = 256;
  for (std::size_t i = 0; i < geometry.uuid.size(); ++i)
    geometry.uuid[i] = static_cast<std::uint8_t>(0x10 + i);
  return geometry;
}

Image make_image(const Geometry& geometry) {
  Image image(geometry.blocks * kBlockSize);
  if (auto done = format(image, geometry); !done) give_up(done.error());
  return image;
}

TestVolume::TestVolume(const Geometry& geometry, MountOptions options)
    : image_(make_image(geometry)), volume_(must(Volume::mount(image_, options), "mount")) {}

void TestVolume::unmount() {
  volume_->unmount();
  volume_.reset();
}

void TestVolume::remount(MountOptions options) {
  if (volume_) unmount();
  volume_ = must(Volume::mount(image_, options), "remount");
}

void TestVolume::crash(MountOptions options) {
  volume_.reset();
  volume_ = must(Volume::mount(image_, options), "mount after a crash");
}

Ino TestVolume::create(std::string_view name, Ino dir) {
  return must(volume_->mknod(dir, name, regular()), "create").ino;
}

Ino TestVolume::mkdir(std::string_view name, Ino dir) {
  return must(volume_->mkdir(dir, name, {0755, 0, 0, 0}), "mkdir").ino;
}

void TestVolume::write(Ino ino, std::uint64_t offset, std::string_view text) {
  const auto written =
      must(volume_->write(ino, offset, std::as_bytes(std::span(text)), 0), "write");
  if (written != text.size()) give_up("short write");
}

void TestVolume::write_blocks(Ino ino, std::uint64_t first, std::uint64_t blocks, char letter) {
  write(ino, first * kBlockSize, std::string(blocks * kBlockSize, letter));
}

std::string TestVolume::read(Ino ino, std::uint64_t offset, std::uint64_t length) {
  const auto bytes = must(volume_->read(ino, offset, length), "read");
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void TestVolume::truncate(Ino ino, std::uint64_t size) {
  posix::SetAttr change;
  change.size = size;
  must(volume_->setattr(ino, change), "truncate");
}

vexfs_inode TestVolume::inode(Ino ino) const { return must(load_inode(inside(), ino), "inode"); }

std::vector<std::string> TestVolume::names(Ino dir) {
  std::vector<std::string> names;
  for (const auto& entry : must(volume_->readdir(dir, 2, SIZE_MAX), "readdir"))
    names.push_back(entry.name);
  return names;
}

posix::NewNode regular(std::uint32_t mode) { return {0100000U | mode, 0, 0, 0}; }

std::string inconsistency(const Mounted& volume) { return Inspection(volume).run(); }

}  // namespace vexfs::model::test
