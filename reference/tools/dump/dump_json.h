// SPDX-License-Identifier: MIT
// The structures of a volume as JSON; the human form is made from it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include <nlohmann/json.hpp>

#include "reference/tools/inspect/volume_view.h"

namespace vexfs::tools {

using Json = nlohmann::ordered_json;

// Each takes the image as it stands: the log is not replayed.
Json dump_superblock(const VolumeView& view);
Json dump_anchors(const VolumeView& view);
Json dump_state(const VolumeView& view);
// Every readable transaction of the log region; those that recovery would apply are marked.
Json dump_log(const VolumeView& view);
Json dump_events(const VolumeView& view);
// Numbers out of range, and inodes of another type, are errors: sentences for a person.
std::expected<Json, std::string> dump_inode(const VolumeView& view, std::uint64_t number);
std::expected<Json, std::string> dump_directory(const VolumeView& view, std::uint64_t number);
std::expected<Json, std::string> dump_extents(const VolumeView& view, std::uint64_t number);
// Of a directory: the collection's header, and each slot with its lists.
std::expected<Json, std::string> dump_collection(const VolumeView& view, std::uint64_t number);
// What the block is, its structures, and its bytes that are not zero.
std::expected<Json, std::string> dump_block(const VolumeView& view, std::uint64_t number);
// All of the above for each inode in use.
Json dump_all(const VolumeView& view);

// One line for each value, indented by depth.
std::string human_text(const Json& json);

}  // namespace vexfs::tools
