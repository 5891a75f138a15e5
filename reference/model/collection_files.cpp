// SPDX-License-Identifier: MIT
#include "reference/model/collection_files.h"

#include <algorithm>
#include <string>

#include "reference/model/collection_load.h"

namespace vexfs::model {
namespace {

using Bytes = std::vector<std::byte>;

// The first `length` bytes of a system inode.
Result<void> append_bytes(const Mounted& volume, Ino ino, const vexfs_inode& inode,
                          std::uint64_t length, Bytes& bytes) {
  VEXFS_TRY(blocks, blocks_of(volume, ino, inode));
  for (std::uint64_t at = 0; at < length; at += kBlockSize) {
    const BlockView block = volume.store.read(blocks[at / kBlockSize]);
    const auto part = block.first(std::min<std::uint64_t>(kBlockSize, length - at));
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return {};
}

// Checksums are only computed when a block is logged, so readers see none.
void hide_checksums(Bytes& blocks) {
  for (std::size_t at = 0; at < blocks.size(); at += kBlockSize) {
    const auto crc =
        blocks.begin() + static_cast<std::ptrdiff_t>(at + offsetof(vexfs_graph_block, crc));
    std::fill_n(crc, sizeof(__le32), std::byte{0});
  }
}

std::string info_text(const vectors::Graph& graph) {
  const vectors::Parameters& parameters = graph.parameters();
  const vectors::State& state = graph.state();
  std::string text;
  const auto line = [&](std::string_view name, std::string_view value) {
    text.append(name).append(" ").append(value).append("\n");
  };
  const auto number = [&](std::string_view name, std::uint64_t value) {
    line(name, std::to_string(value));
  };
  number("dim", parameters.dim);
  line("type", vectors::type_name(parameters.type));
  line("metric", vectors::metric_name(parameters.metric));
  number("m", parameters.m);
  number("ef_construction", parameters.ef_construction);
  number("seed", parameters.seed);
  number("slots", graph.size());
  number("live", graph.live());
  number("linked", state.linked);
  number("tail", graph.tail().size());
  line("entry", state.entry == vectors::kNoSlot ? "none" : std::to_string(state.entry));
  number("entry_level", state.entry_level);
  number("sequence", state.sequence);
  return text;
}

}  // namespace

Result<Bytes> read_collection_file(Mounted& volume, Ino graph, posix::CollectionFile which) {
  VEXFS_TRY(header, find_collection(volume, graph));
  VEXFS_TRY(collection, use_collection(volume, graph));
  const vectors::Parameters parameters = parameters_of(header.fields);
  Bytes bytes;
  if (which == posix::CollectionFile::kInfo) {
    const std::string text = info_text(collection->graph);
    const auto view = std::as_bytes(std::span(text));
    bytes.assign(view.begin(), view.end());
  } else if (which == posix::CollectionFile::kVectors) {
    VEXFS_CHECK(append_bytes(volume, header.fields.vectors_ino, header.vectors,
                             header.fields.slots * vectors::stride(parameters), bytes));
  } else {
    VEXFS_CHECK(append_bytes(volume, graph, header.graph,
                             graph_blocks(parameters, header.fields.slots) * kBlockSize, bytes));
    VEXFS_CHECK(append_bytes(volume, header.fields.upper_ino, header.upper,
                             upper_blocks(parameters, header.fields.upper_lists) * kBlockSize,
                             bytes));
    hide_checksums(bytes);
  }
  return bytes;
}

}  // namespace vexfs::model
