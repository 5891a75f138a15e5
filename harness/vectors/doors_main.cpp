// SPDX-License-Identifier: MIT
// parity-doors: sends random and mutated requests to the doors of the reference and of the engine,
// changes files with vectors in between, and compares the replies, the files and the volumes. Exit
// code 0: they agree; 1: they do not; 3: it could not begin.
#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "fuse/core/collection_value.h"
#include "harness/vectors/twins.h"
#include "reference/contract/inode.h"

namespace {

using namespace vexfs;
using namespace vexfs::parity;

constexpr std::uint64_t kPerCollection = 2000;

// A small collection of some type, metric and shape.
std::string some_value(std::mt19937_64& random) {
  static constexpr const char* kKinds[] = {
      "type=f32 metric=l2",        "type=f32 metric=cosine",    "type=f32 metric=dot",
      "type=f32 metric=manhattan", "type=f16 metric=l2",        "type=f16 metric=dot",
      "type=f16 metric=manhattan", "type=i8 metric=l2",         "type=i8 metric=dot",
      "type=i8 metric=manhattan",  "type=binary metric=hamming"};
  const auto below = [&](unsigned bound) { return static_cast<unsigned>(random() % bound); };
  return fmt::format("dim={} {} m={} ef_construction={} seed={}",
                     1 + below(below(4) == 0 ? 300 : 20), kKinds[below(std::size(kKinds))],
                     4 + below(13), 1 + below(40), random());
}

Agreement run_collection(std::mt19937_64& random, std::uint64_t messages) {
  const std::string value = some_value(random);
  auto twins =
      Twins::make(8192, value, {.commit_seconds = 0, .manual_clock = true, .vector_threads = 2});
  if (!twins) return std::unexpected(twins.error());
  const auto other = (*twins)->make_directory("d");
  if (!other) return std::unexpected(other.error());
  const auto parameters = *core::parse_collection_value(value, 0);
  DoorTraffic traffic(parameters, random());
  FileTraffic files({VEXFS_ROOT_INO, (*twins)->directory(), *other}, parameters, random());
  for (std::uint64_t i = 0; i < messages; ++i) {
    const DoorMessage message = traffic.next();
    const auto reply = (*twins)->send(message);
    if (!reply) return std::unexpected(fmt::format("{}, request {}: {}", value, i, reply.error()));
    traffic.saw(message, *reply);
    const FileAction action = files.next();
    const auto answer = (*twins)->act(action);
    if (!answer) return std::unexpected(fmt::format("{}, action {}: {}", value, i, answer.error()));
    files.saw(action, *answer);
  }
  const auto told = [&](const std::string& what) {
    return std::unexpected(fmt::format("{}, after {} requests: {}", value, messages, what));
  };
  if (auto agreed = (*twins)->compare_files(); !agreed) return told(agreed.error());
  if (auto agreed = (*twins)->remount(); !agreed) return told(agreed.error());
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Sends random and mutated requests to the doors of reference and engine");
  std::uint64_t messages = 10000;
  std::uint64_t seed = 1;
  app.add_option("--messages", messages, "how many requests");
  app.add_option("--seed", seed, "of the requests");
  CLI11_PARSE(app, argc, argv);
  std::mt19937_64 random(seed);
  for (std::uint64_t done = 0; done < messages;) {
    const std::uint64_t now = std::min(kPerCollection, messages - done);
    if (auto agreed = run_collection(random, now); !agreed) {
      fmt::print(stderr, "parity-doors: {} (seed {})\n", agreed.error(), seed);
      return 1;
    }
    done += now;
    fmt::print("{} requests agreed\n", done);
  }
  return 0;
}
