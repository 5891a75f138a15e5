// SPDX-License-Identifier: MIT
// The numbers that every implementation agrees on (docs/vectors.md, "Worked examples").
#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "fuse/core/crc32c.h"
#include "fuse/hnsw/link.h"
#include "fuse/hnsw/row.h"
#include "fuse/hnsw/search.h"

namespace vexfs::hnsw {
namespace {

using nlohmann::json;

const json& golden() {
  static const json document = json::parse(std::ifstream(VEXFS_GOLDEN_VECTORS));
  return document;
}

uint64_t hexadecimal(const std::string& text) { return std::stoull(text, nullptr, 16); }

std::vector<std::byte> bytes_of_hex(const std::string& text) {
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(hexadecimal(text.substr(i, 2))));
  }
  return bytes;
}

ElementType type_named(const std::string& name) {
  if (name == "f16") return ElementType::kF16;
  if (name == "i8") return ElementType::kI8;
  return name == "binary" ? ElementType::kBinary : ElementType::kF32;
}

Metric metric_named(const std::string& name) {
  if (name == "cosine") return Metric::kCosine;
  if (name == "dot") return Metric::kDot;
  if (name == "manhattan") return Metric::kManhattan;
  return name == "hamming" ? Metric::kHamming : Metric::kL2;
}

Parameters parameters_of(const json& from) {
  return {.dim = from["dim"],
          .type = type_named(from["type"]),
          .metric = metric_named(from["metric"]),
          .m = from.value("m", 16u),
          .ef_construction = from.value("ef_construction", 200u),
          .seed = from.value("seed", uint64_t{0})};
}

bool is_float(const Parameters& p) {
  return p.type == ElementType::kF32 || p.type == ElementType::kF16;
}

AlignedBytes stored(const Parameters& parameters, std::span<const std::byte> wire) {
  AlignedBytes row(parameters.stride());
  EXPECT_TRUE(store_row(parameters, wire, {row.data(), parameters.stride()}));
  return row;
}

uint64_t word(uint64_t n) { return mix64((n + 1) * 0x9e3779b97f4a7c15); }

// Row r of the document's generator, as a caller sends it.
std::vector<std::byte> generated(const Parameters& parameters, uint64_t r) {
  std::vector<std::byte> wire(parameters.row_bytes());
  const size_t element = parameters.type == ElementType::kF32   ? 4
                         : parameters.type == ElementType::kF16 ? 2
                                                                : 1;
  for (size_t e = 0; e < wire.size() / element; ++e) {
    const uint64_t w = word(r * parameters.dim + e);
    uint32_t value = static_cast<uint32_t>(w);
    if (element == 4)
      value = (value & 0x807fffff) | static_cast<uint32_t>(120 + (w >> 32) % 12) << 23;
    if (element == 2) value = (value & 0x83ff) | static_cast<uint32_t>(11 + (w >> 32) % 8) << 10;
    std::memcpy(wire.data() + e * element, &value, element);
  }
  if (parameters.type == ElementType::kBinary && parameters.dim % 8 != 0) {
    wire.back() &= static_cast<std::byte>((1 << parameters.dim % 8) - 1);
  }
  return wire;
}

TEST(Golden, Levels) {
  for (const json& entry : golden()["levels"]) {
    const Parameters parameters{.dim = 1, .m = entry["m"], .seed = entry["seed"]};
    for (uint32_t slot = 0; slot < entry["slots"].size(); ++slot) {
      EXPECT_EQ(level_of(parameters, slot), entry["slots"][slot]["level"]) << slot;
    }
  }
}

TEST(Golden, DistancesOfEveryInstructionSet) {
  for (const json& entry : golden()["distances"]) {
    const Parameters parameters = parameters_of(entry);
    const AlignedBytes a = stored(parameters, bytes_of_hex(entry["a"]));
    const AlignedBytes b = stored(parameters, bytes_of_hex(entry["b"]));
    EXPECT_EQ(core::plain_crc32c({a.data(), parameters.row_bytes()}),
              hexadecimal(entry["stored_a_crc"]));
    for (int level = 0; level < 4; ++level) {
      const auto simd = static_cast<SimdLevel>(level);
      if (!cpu_has(simd)) continue;
      const void* row = b.data();
      uint32_t distance = 0;
      distance_kernel(simd, parameters.type, parameters.metric)(a.data(), &row, 1,
                                                                parameters.stride(), &distance);
      EXPECT_EQ(distance, hexadecimal(entry["distance"])) << entry;
      EXPECT_EQ(order_bits(distance, is_float(parameters)), hexadecimal(entry["order"]));
    }
  }
}

// The index after the document's operations.
class GoldenGraph {
 public:
  explicit GoldenGraph(const json& entry)
      : parameters_(parameters_of(entry)),
        limit_(entry["transaction_bytes"]),
        index_(parameters_, best_simd_level()),
        workers_(2),
        scratches_(2) {
    for (uint64_t i = 0; i < 300; ++i) {
      if (i % 10 == 9) {
        erase(i / 2);
      } else if (i % 7 == 6) {
        put(i, i - 6);
      } else {
        put(i % 11 == 10 ? i - 10 : i, i);
      }
    }
  }

  const Index& index() const { return index_; }
  uint64_t sequence() const { return sequence_; }

  Answers search(const json& asked) {
    const AlignedBytes row = stored(parameters_, generated(parameters_, asked["row"]));
    std::vector<uint64_t> ids;
    const uint64_t every = asked["filter_every"];
    for (uint64_t id = 0; every != 0 && id < 300; id += every) ids.push_back(id);
    const auto allowed = slots_of_ids(index_, ids);
    return hnsw::search(index_,
                        {.row = row.data(),
                         .k = asked["k"],
                         .ef = asked["ef"],
                         .exact = asked["exact"],
                         .max_visits = asked["max_visits"],
                         .allowed = every == 0 ? nullptr : &allowed},
                        scratches_[0]);
  }

  uint32_t digest() const {
    std::vector<std::byte> bytes;
    const auto add = [&](auto value) {
      const auto more = std::as_bytes(std::span(&value, 1));
      bytes.insert(bytes.end(), more.begin(), more.end());
    };
    std::vector<uint32_t> firsts(index_.slots(), VEXFS_SLOT_NONE);
    for (uint32_t slot = 0; slot < index_.slots(); ++slot) {
      for (const uint32_t duplicate : index_.chain(slot)) firsts[duplicate] = slot;
    }
    for (uint32_t slot = 0; slot < index_.slots(); ++slot) {
      add(index_.id(slot));
      add(core::plain_crc32c({index_.row(slot), parameters_.row_bytes()}));
      add(firsts[slot]);
      add(index_.level(slot));
      add(uint32_t{index_.dead(slot)});
      for (uint32_t level = 0; level <= index_.level(slot); ++level) {
        const auto links = index_.links(slot, level);
        for (uint32_t i = 0; i < parameters_.room(level); ++i) {
          add(i < links.size() ? links[i] : VEXFS_SLOT_NONE);
        }
      }
    }
    add(index_.linked());
    add(index_.entry());
    add(index_.entry_level());
    add(sequence_);
    return core::plain_crc32c(bytes);
  }

 private:
  void erase(uint64_t id) {
    const auto slot = index_.find(id);
    if (!slot) return;
    index_.kill(*slot);
    ++sequence_;
  }

  void put(uint64_t id, uint64_t r) {
    const AlignedBytes row = stored(parameters_, generated(parameters_, r));
    const uint32_t crc = core::plain_crc32c({row.data(), parameters_.row_bytes()});
    index_.apply(index_.plan_put(id, row.data(), crc), row.data());
    ++sequence_;
    while (index_.tail().size() >= VEXFS_TAIL_MAX) {
      const auto batch = index_.tail().first(link_batch(index_, limit()));
      index_.apply(plan_link(index_, batch, workers_, scratches_));
      ++sequence_;
    }
  }

  uint64_t limit() const { return limit_ == 0 ? UINT64_MAX : limit_; }

  Parameters parameters_;
  uint64_t limit_;
  Index index_;
  uint64_t sequence_ = 0;
  Workers workers_;
  std::vector<Scratch> scratches_;
};

TEST(Golden, CostsOfLinking) {
  for (const json& entry : golden()["link_costs"]) {
    EXPECT_EQ(link_cost(entry["m"], entry["level"]), entry["cost"]);
  }
}

TEST(Golden, GraphsAndSearches) {
  for (const json& entry : golden()["graphs"]) {
    GoldenGraph graph(entry);
    const Index& index = graph.index();
    EXPECT_EQ(index.slots(), entry["slots"]);
    EXPECT_EQ(index.live(), entry["live"]);
    EXPECT_EQ(index.linked(), entry["linked"]);
    EXPECT_EQ(index.tail().size(), entry["tail"]);
    EXPECT_EQ(index.entry(), entry["entry"]);
    EXPECT_EQ(index.entry_level(), entry["entry_level"]);
    EXPECT_EQ(graph.sequence(), entry["sequence"]);
    EXPECT_EQ(graph.digest(), hexadecimal(entry["digest"])) << entry["metric"] << entry["type"];
    for (const json& asked : entry["searches"]) {
      const Answers found = graph.search(asked);
      EXPECT_EQ(found.truncated, asked["truncated"]);
      json answers = json::array();
      for (const Answer& answer : found.answers) {
        char distance[9];
        std::snprintf(distance, sizeof distance, "%08x", answer.distance);
        answers.push_back({answer.id, distance, answer.slot});
      }
      EXPECT_EQ(answers, asked["answers"]) << asked;
    }
  }
}

}  // namespace
}  // namespace vexfs::hnsw
