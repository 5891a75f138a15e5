// SPDX-License-Identifier: MIT
// Inodes, directories, extents and single blocks.
#include <sys/stat.h>

#include <algorithm>

#include <fmt/format.h>

#include "reference/tools/dump/dump_json.h"
#include "reference/tools/inspect/directory.h"
#include "reference/tools/inspect/extent_walk.h"
#include "reference/tools/inspect/field.h"
#include "reference/tools/inspect/structure.h"

namespace vexfs::tools {
namespace {

std::expected<vexfs_inode, std::string> find_inode(const VolumeView& view, std::uint64_t number) {
  if (number < 1 || number > view.super().inodes) {
    return std::unexpected(fmt::format("there is no inode {}: give a number from 1 to {}", number,
                                       view.super().inodes));
  }
  return view.inode(number);
}

// Faults that a walk met on its way.
void add_faults(Json& json, const Findings& findings) {
  for (const Finding& finding : findings.all()) {
    json["faults"].push_back(
        {{"path", finding.path}, {"expected", finding.expected}, {"actual", finding.actual}});
  }
}

std::string target_text(const VolumeView& view, const vexfs_inode& inode, const Mapping& mapping) {
  const auto size = std::min<std::uint64_t>(inode.size, VEXFS_SYMLINK_MAX);
  if (inode.size <= VEXFS_INLINE_BYTES) {
    return escaped_text(std::as_bytes(std::span(inode.inline_area)).first(size));
  }
  const std::uint64_t block = mapping.find(0);
  return block == 0 ? "" : escaped_text(view.block(block).first(size));
}

Json mapping_json(const Mapping& mapping) {
  Json json = Json::object();
  json["extents"] = Json::array();
  for (const MappedExtent& extent : mapping.extents) {
    Json entry = {{"lblk", extent.lblk}, {"len", extent.len}, {"pblk", extent.pblk}};
    if (extent.unwritten) entry["unwritten"] = true;
    json["extents"].push_back(std::move(entry));
  }
  json["nodes"] = Json::array();
  for (const MappedNode& node : mapping.nodes) {
    json["nodes"].push_back({{"block", node.block}, {"depth", node.depth}});
  }
  return json;
}

Json record_json(std::uint64_t base, const DirRecord& record) {
  return {{"offset", base + record.offset},
          {"ino", record.ino},
          {"length", record.length},
          {"type", record.type},
          {"name", escaped_text(record.name)}};
}

Json structure_fields_json(const Structure& structure, Bytes image) {
  Json json = {{"path", structure.path}, {"offset", structure.offset}};
  const auto bytes = structure.read(image);
  json["fields"] = Json::object();
  for (const NamedField& field : structure.fields) {
    const Bytes value = Bytes(bytes).subspan(field.offset, field.size);
    if (field.kind == FieldKind::kReserved && all_zero(value)) continue;
    json["fields"][field.name] = field_json(field.kind, value);
  }
  return json;
}

// The bytes of the block in rows of 16; rows of zeros are left out.
Json rows_json(Bytes block) {
  Json rows = Json::object();
  for (std::size_t at = 0; at < block.size(); at += 16) {
    const Bytes row = block.subspan(at, 16);
    if (!all_zero(row)) rows[fmt::format("{:#05x}", at)] = hex_text(row);
  }
  return rows;
}

}  // namespace

std::expected<Json, std::string> dump_inode(const VolumeView& view, std::uint64_t number) {
  const auto inode = find_inode(view, number);
  if (!inode) return std::unexpected(inode.error());
  Json json = {{"inode", number},
               {"offset", view.inode_offset(number)},
               {"in_use", view.inode_in_use(number)}};
  json.update(structure_json(kInodeType, view.inode_bytes(number)));
  json.erase("inline_area");  // decoded below, as mapping or target
  json["crc_valid"] = inode->crc == view.crc(number, view.inode_bytes(number), 0);
  Mapping mapping;
  Findings findings;
  if (has_mapping(*inode)) {
    mapping = walk_extents(view, number, *inode, findings);
    json["mapping"] = mapping_json(mapping);
  }
  if (S_ISLNK(inode->mode)) json["target"] = target_text(view, *inode, mapping);
  add_faults(json, findings);
  return json;
}

std::expected<Json, std::string> dump_extents(const VolumeView& view, std::uint64_t number) {
  const auto inode = find_inode(view, number);
  if (!inode) return std::unexpected(inode.error());
  if (!has_mapping(*inode)) {
    return std::unexpected(
        fmt::format("inode {} has no extents: it is no file, directory or long symlink", number));
  }
  Findings findings;
  Json json = {{"inode", number}};
  json.update(mapping_json(walk_extents(view, number, *inode, findings)));
  add_faults(json, findings);
  return json;
}

std::expected<Json, std::string> dump_directory(const VolumeView& view, std::uint64_t number) {
  const auto inode = find_inode(view, number);
  if (!inode) return std::unexpected(inode.error());
  if (!S_ISDIR(inode->mode)) {
    return std::unexpected(
        fmt::format("inode {} is no directory, its mode is {:07o}", number, inode->mode));
  }
  Findings findings;
  const Mapping mapping = walk_extents(view, number, *inode, findings);
  Json json = {{"inode", number}, {"home", inode->home}};
  json["blocks"] = Json::array();
  const std::uint64_t end = inode->size / kBlockSize;
  for (const MappedExtent& extent : mapping.extents) {
    for (std::uint64_t i = 0; i < extent.len && extent.lblk + i < end; ++i) {
      const DirRecords found = read_records(view.block(extent.pblk + i));
      Json block = {{"lblk", extent.lblk + i}, {"block", extent.pblk + i}, {"fits", found.fits}};
      block["records"] = Json::array();
      for (const DirRecord& record : found.records) {
        block["records"].push_back(record_json((extent.lblk + i) * kBlockSize, record));
      }
      json["blocks"].push_back(std::move(block));
    }
  }
  add_faults(json, findings);
  return json;
}

std::expected<Json, std::string> dump_block(const VolumeView& view, std::uint64_t number) {
  if (number >= view.super().blocks) {
    return std::unexpected(
        fmt::format("there is no block {}: give a number below {}", number, view.super().blocks));
  }
  const BlockRole role = BlockRoles(view).role(number);
  Json json = {{"block", number},
               {"role", role_text(role)},
               {"lblk", role.lblk},
               {"in_use", view.block_in_use(number)}};
  json["structures"] = Json::array();
  for (const Structure& structure : block_structures(view, number, role)) {
    json["structures"].push_back(structure_fields_json(structure, view.image()));
  }
  json["bytes"] = rows_json(view.block(number));
  return json;
}

Json dump_all(const VolumeView& view) {
  Json json = {{"superblock", dump_superblock(view)},
               {"anchors", dump_anchors(view)},
               {"state", dump_state(view)},
               {"log", dump_log(view)},
               {"events", dump_events(view)}};
  json["inodes"] = Json::array();
  json["directories"] = Json::array();
  for (std::uint64_t number = 1; number <= view.super().inodes; ++number) {
    if (!view.inode_in_use(number)) continue;
    json["inodes"].push_back(*dump_inode(view, number));
    if (auto directory = dump_directory(view, number)) {
      json["directories"].push_back(std::move(*directory));
    }
    if (auto collection = dump_collection(view, number)) {
      json["collections"].push_back(std::move(*collection));
    }
  }
  return json;
}

}  // namespace vexfs::tools
