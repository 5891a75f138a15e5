// SPDX-License-Identifier: MIT
#include "reference/vector/golden/generator.h"

#include "reference/model/bytes.h"
#include "reference/model/checksum.h"
#include "reference/vector/levels.h"

namespace vexfs::vectors::golden {
namespace {

std::uint64_t word(std::uint64_t number) { return mix64((number + 1) * 0x9e3779b97f4a7c15); }

std::uint32_t f32_bits(std::uint64_t word) {
  return static_cast<std::uint32_t>((word & 0x807fffff) | (120 + (word >> 32) % 12) << 23);
}

std::uint16_t f16_bits(std::uint64_t word) {
  return static_cast<std::uint16_t>((word & 0x83ff) | (11 + (word >> 32) % 8) << 10);
}

void put_stored(Graph& graph, std::uint64_t id, const Row& row, std::uint64_t bytes) {
  graph.apply(graph.plan_put(id, row));
  for (List batch = graph.next_batch(bytes); !batch.empty(); batch = graph.next_batch(bytes))
    graph.apply(graph.plan_link(batch));
}

void put_linked(Graph& graph, std::uint64_t id, std::uint64_t row, std::uint64_t bytes) {
  const auto stored = stored_row(graph.parameters(), wire_row(graph.parameters(), row));
  put_stored(graph, id, stored.value(), bytes);
}

}  // namespace

Row wire_row(const Parameters& parameters, std::uint64_t number) {
  Row row(row_bytes(parameters));
  for (std::uint64_t i = 0; i < parameters.dim; ++i) {
    const std::uint64_t element = word(number * parameters.dim + i);
    if (parameters.type == VEXFS_TYPE_F32)
      model::put(std::span(row), 4 * i, f32_bits(element));
    else if (parameters.type == VEXFS_TYPE_F16)
      model::put(std::span(row), 2 * i, f16_bits(element));
    else if (i < row.size())
      row[i] = static_cast<std::byte>(element);
  }
  if (parameters.type == VEXFS_TYPE_BINARY && parameters.dim % 8 != 0)
    row.back() &= static_cast<std::byte>((1U << parameters.dim % 8) - 1);
  return row;
}

Graph build(const Parameters& parameters, std::uint64_t transaction_bytes) {
  Graph graph(parameters);
  for (std::uint32_t i = 0; i < kOperations; ++i) {
    if (i % 10 == 9) {
      if (const auto slot = graph.find(i / 2)) graph.apply(DeletePlan{*slot});
    } else if (i % 7 == 6) {
      put_linked(graph, i, i - 6, transaction_bytes);
    } else if (i % 11 == 10) {
      put_linked(graph, i - 10, i, transaction_bytes);
    } else {
      put_linked(graph, i, i, transaction_bytes);
    }
  }
  return graph;
}

Graph compacted(const Graph& graph, std::uint64_t transaction_bytes) {
  Graph fresh({.parameters = graph.parameters(), .sequence = graph.state().sequence});
  for (const Slot& slot : graph.state().slots)
    if (!slot.dead) put_stored(fresh, slot.id, slot.row, transaction_bytes);
  fresh.raise_sequence();
  return fresh;
}

std::uint32_t digest(const Graph& graph) {
  std::uint32_t state = model::kCrcStart;
  const auto add = [&](auto value) { state = model::crc32c_update(state, model::bytes_of(value)); };
  for (const Slot& slot : graph.state().slots) {
    add(slot.id);
    add(model::crc32c(slot.row));
    add(slot.first);
    add(static_cast<std::uint32_t>(slot.level()));
    add(static_cast<std::uint32_t>(slot.dead));
    for (unsigned level = 0; level <= slot.level(); ++level)
      for (std::size_t i = 0; i < graph.room(level); ++i)
        add(i < slot.lists[level].size() ? slot.lists[level][i] : kNoSlot);
  }
  add(graph.state().linked);
  add(graph.state().entry);
  add(static_cast<std::uint32_t>(graph.state().entry_level));
  add(graph.state().sequence);
  return ~state;
}

}  // namespace vexfs::vectors::golden
