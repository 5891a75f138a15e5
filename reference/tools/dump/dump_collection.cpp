// SPDX-License-Identifier: MIT
// Collections of vectors.
#include <algorithm>

#include "reference/tools/dump/dump_json.h"
#include "reference/tools/inspect/collection.h"
#include "reference/tools/inspect/field.h"

namespace vexfs::tools {
namespace {

Json links_json(const std::vector<std::uint32_t>& links) {
  Json json = Json::array();
  for (std::uint32_t link : links)
    if (link != VEXFS_SLOT_NONE) json.push_back(link);
  return json;
}

Json slot_json(const CollectionReader& reader, std::uint32_t number, const SlotRecord& record) {
  Json json = {{"slot", number}};
  json.update(structure_json(kSlotType, std::as_bytes(std::span(&record.fields, 1))));
  json["lists"] = Json::array({links_json(record.links)});
  const unsigned levels = std::min<unsigned>(record.fields.level, VEXFS_LEVEL_MAX);
  for (unsigned i = 0; i < levels; ++i) {
    if (const auto list = reader.list(record.fields.upper + i))
      json["lists"].push_back(links_json(*list));
  }
  return json;
}

}  // namespace

std::expected<Json, std::string> dump_collection(const VolumeView& view, std::uint64_t number) {
  const auto reader = CollectionReader::open(view, number);
  if (!reader) return std::unexpected(reader.error());
  Json json = {{"inode", number}, {"graph_ino", reader->graph_ino()}};
  json.update(structure_json(kCollectionType, view.block(reader->graph_blocks()[0])));
  json["parameters"] = vectors::to_text(reader->parameters());
  json["slots_in_use"] = Json::array();
  for (std::uint32_t slot = 0; slot < reader->fields().slots; ++slot) {
    const auto record = reader->slot(slot);
    if (!record) break;
    json["slots_in_use"].push_back(slot_json(*reader, slot, *record));
  }
  return json;
}

}  // namespace vexfs::tools
