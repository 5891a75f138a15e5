// SPDX-License-Identifier: MIT
#include "reference/tools/inspect/extent_walk.h"

#include <sys/stat.h>

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "reference/tools/inspect/field.h"

namespace vexfs::tools {
namespace {

constexpr std::size_t kEntryBytes = 16;

// The entries of the inode or of a node, and how far the walk has come in them.
struct Frame {
  Bytes entries;  // kEntryBytes each
  std::size_t next = 0;
  std::uint16_t depth = 0;
  std::uint64_t block = 0;  // 0: the inode itself
};

class ExtentWalk {
 public:
  ExtentWalk(const VolumeView& view, std::uint64_t number, Findings& findings)
      : view_(view), number_(number), findings_(findings) {}

  Mapping run(const vexfs_inode& inode) {
    const std::size_t inline_max = std::min<std::size_t>(VEXFS_INLINE_EXTENTS, fanout());
    const Bytes area = std::as_bytes(std::span(inode.inline_area));
    inline_area_.assign(area.begin(), area.end());
    if (inode.extents > inline_max) {
      hide("inode.extents", "extents", fmt::format("at most {}", inline_max),
           fmt::format("{}", inode.extents));
    }
    if (inode.depth > VEXFS_EXTENT_DEPTH_MAX) {
      hide("inode.depth", "depth", fmt::format("at most {}", VEXFS_EXTENT_DEPTH_MAX),
           fmt::format("{}", inode.depth));
      return std::move(mapping_);
    }
    if (inode.depth > 0 && inode.extents == 0) {
      hide("inode.depth", "extents", "at least 1, because depth is not 0", "0");
    }
    const std::size_t used = std::min<std::size_t>(inode.extents, inline_max) * kEntryBytes;
    check_zeros(Bytes(inline_area_).subspan(used), "inode.inline_zero", "inline_area");
    stack_.push_back({Bytes(inline_area_).first(used), 0, inode.depth, 0});
    while (!stack_.empty()) step();
    return std::move(mapping_);
  }

 private:
  std::uint32_t fanout() const { return view_.super().extent_fanout; }

  // A fault that hides a part of the tree.
  void hide(std::string_view rule, const std::string& what, std::string expected,
            std::string actual) {
    mapping_.complete = false;
    report(rule, what, std::move(expected), std::move(actual));
  }

  void report(std::string_view rule, const std::string& what, std::string expected,
              std::string actual) {
    findings_.error(rule, fmt::format("inode {}{}{}", number_, kPathStep, what),
                    std::move(expected), std::move(actual));
  }

  // "node 77 › extent 3" of the entry before frame.next.
  std::string entry_name(const Frame& frame) const {
    const auto* kind = frame.depth == 0 ? "extent" : "index";
    const std::string entry = fmt::format("{} {}", kind, frame.next - 1);
    if (frame.block == 0) return entry;
    return fmt::format("node {}{}{}", frame.block, kPathStep, entry);
  }

  void check_zeros(Bytes rest, std::string_view rule, const std::string& what) {
    if (!all_zero(rest)) report(rule, what, "zeros after the last entry", "other bytes");
  }

  void step() {
    Frame& frame = stack_.back();
    if (frame.next * kEntryBytes == frame.entries.size()) {
      stack_.pop_back();
      return;
    }
    const Bytes entry = frame.entries.subspan(frame.next * kEntryBytes, kEntryBytes);
    ++frame.next;
    if (frame.depth == 0) {
      take_extent(frame, load<vexfs_extent>(entry));
    } else {
      take_index(frame, load<vexfs_extent_index>(entry));
    }
  }

  void take_extent(const Frame& frame, const vexfs_extent& extent) {
    const std::uint64_t len = extent.len & ~VEXFS_EXTENT_UNWRITTEN;
    const bool unwritten = (extent.len & VEXFS_EXTENT_UNWRITTEN) != 0;
    if (len == 0) return hide("extent.length", entry_name(frame), "at least 1 block", "0");
    if (extent.lblk < next_lblk_) {
      return hide("extent.order", entry_name(frame) + " › lblk",
                  fmt::format("at least {}", next_lblk_), fmt::format("{}", extent.lblk));
    }
    const vexfs_region& data = view_.super().data;
    if (!contains(data, extent.pblk) || len > end_of(data) - extent.pblk) {
      return hide("extent.range", entry_name(frame) + " › pblk",
                  fmt::format("{} to {}", data.start, end_of(data) - 1),
                  fmt::format("{} + {}", extent.pblk, len));
    }
    next_lblk_ = extent.lblk + len;
    mapping_.extents.push_back({extent.lblk, len, extent.pblk, unwritten});
  }

  void take_index(const Frame& frame, const vexfs_extent_index& index) {
    if (index.reserved != 0) {
      report("index.reserved", entry_name(frame) + " › reserved", "0",
             fmt::format("{}", index.reserved));
    }
    if (!view_.is_data_block(index.child)) {
      const vexfs_region& data = view_.super().data;
      return hide("index.child", entry_name(frame) + " › child",
                  fmt::format("{} to {}", data.start, end_of(data) - 1),
                  fmt::format("{}", index.child));
    }
    if (!seen_.insert(index.child).second) {
      return hide("index.shared", entry_name(frame) + " › child",
                  "a node that no other entry names", fmt::format("{}", index.child));
    }
    const auto depth = static_cast<std::uint16_t>(frame.depth - 1);
    mapping_.nodes.push_back({index.child, depth});
    descend(index, depth);  // invalidates `frame`
  }

  void descend(const vexfs_extent_index& index, std::uint16_t depth) {
    const Bytes block = view_.block(index.child);
    const auto node = load<vexfs_extent_node>(block);
    if (!check_node(index, depth, block, node)) return;
    const std::size_t used = node.entries * kEntryBytes;
    const Bytes entries = block.subspan(sizeof(vexfs_extent_node));
    const auto first_key = load<std::uint32_t>(entries);
    const std::string name = fmt::format("node {}", index.child);
    if (first_key != index.lblk) {
      report("node.key", name + " › first key",
             fmt::format("{}, the key of its index entry", index.lblk),
             fmt::format("{}", first_key));
    }
    check_zeros(entries.subspan(used), "node.zero", name);
    if (node.reserved != 0 || node.reserved2 != 0) {
      report("node.reserved", name + " › reserved", "0", "not 0");
    }
    stack_.push_back({entries.first(used), 0, depth, index.child});
  }

  // False if the node's entries cannot be trusted.
  bool check_node(const vexfs_extent_index& index, std::uint16_t depth, Bytes block,
                  const vexfs_extent_node& node) {
    const std::string name = fmt::format("node {}{}", index.child, kPathStep);
    if (node.magic != VEXFS_NODE_MAGIC) {
      hide("node.magic", name + "magic", "VXEN", field_text(FieldKind::kMagic, block.first(4)));
      return false;
    }
    bool sound = true;
    const auto crc = view_.crc(index.child, block, kExtentNodeType.crc_offset);
    if (node.crc != crc) {
      report("node.crc", name + "crc", fmt::format("{:08x}", crc), fmt::format("{:08x}", node.crc));
    }
    if (node.owner != number_) {
      hide("node.owner", name + "owner", fmt::format("{}", number_), fmt::format("{}", node.owner));
      sound = false;
    }
    if (node.depth != depth) {
      hide("node.depth", name + "depth", fmt::format("{}", depth), fmt::format("{}", node.depth));
      sound = false;
    }
    if (node.entries < 1 || node.entries > std::min<std::uint32_t>(fanout(), VEXFS_FANOUT_MAX)) {
      hide("node.entries", name + "entries", fmt::format("1 to {}", fanout()),
           fmt::format("{}", node.entries));
      sound = false;
    }
    return sound;
  }

  const VolumeView& view_;
  std::uint64_t number_;
  Findings& findings_;
  std::vector<std::byte> inline_area_;
  std::vector<Frame> stack_;
  std::unordered_set<std::uint64_t> seen_;
  std::uint64_t next_lblk_ = 0;
  Mapping mapping_;
};

}  // namespace

std::uint64_t Mapping::blocks() const {
  std::uint64_t sum = nodes.size();
  for (const MappedExtent& extent : extents) sum += extent.len;
  return sum;
}

std::uint64_t Mapping::find(std::uint64_t lblk) const {
  auto after = std::ranges::upper_bound(extents, lblk, {}, &MappedExtent::lblk);
  if (after == extents.begin()) return 0;
  const MappedExtent& extent = *--after;
  return lblk - extent.lblk < extent.len ? extent.pblk + (lblk - extent.lblk) : 0;
}

bool has_mapping(const vexfs_inode& inode) {
  if (S_ISREG(inode.mode) || S_ISDIR(inode.mode)) return true;
  return S_ISLNK(inode.mode) && inode.size > VEXFS_INLINE_BYTES;
}

Mapping walk_extents(const VolumeView& view, std::uint64_t number, const vexfs_inode& inode,
                     Findings& findings) {
  return ExtentWalk(view, number, findings).run(inode);
}

}  // namespace vexfs::tools
