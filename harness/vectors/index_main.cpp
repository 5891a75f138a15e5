// SPDX-License-Identifier: MIT
// parity-index: builds one large collection with the reference, then with the engine under every
// set of vector instructions that this CPU has and on 1 and 2 threads, and compares the files
// `graph` and `vectors` and every reply. Exit code 0: all are equal; 1: some are not; 3: it could
// not be done.
#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "fuse/core/volume.h"
#include "harness/lockstep/fresh_volume.h"
#include "harness/scenario/error_name.h"
#include "harness/target/core_volume.h"
#include "harness/vectors/index_run.h"
#include "reference/model/volume.h"

namespace {

using namespace vexfs;
using namespace vexfs::parity;

using Run = std::expected<IndexRun, std::string>;

std::expected<std::vector<std::byte>, std::string> fresh_image(const IndexShape& shape) {
  VolumeOptions options;
  options.blocks = shape.volume_blocks();
  auto image = fresh_volume(options);
  if (!image) return std::unexpected(image.error());
  return image->bytes();
}

Run run_on(posix::InodeVolume& volume, const IndexShape& shape, unsigned threads) {
  auto collection = VolumeCollection::make(volume, shape.attribute());
  if (!collection)
    return std::unexpected(fmt::format("setxattr: {}", error_name(collection.error())));
  return run_index(*collection, shape, threads);
}

Run run_reference(const IndexShape& shape) {
  auto image = fresh_image(shape);
  if (!image) return std::unexpected(image.error());
  const auto volume = model::Volume::mount(*image, {});
  if (!volume) return std::unexpected("the reference refuses the volume");
  return run_on(**volume, shape, 1);
}

Run run_core(const IndexShape& shape, hnsw::SimdLevel simd, unsigned threads) {
  auto image = fresh_image(shape);
  if (!image) return std::unexpected(image.error());
  const auto volume = core::Volume::open(
      std::make_unique<core::MemoryDevice>(*image),
      {.commit_seconds = 0, .manual_clock = true, .simd = simd, .vector_threads = threads});
  if (!volume) return std::unexpected("the engine refuses the volume: " + volume.error().message);
  CoreVolume adapter(**volume);
  return run_on(adapter, shape, threads);
}

// What it is of whom, and how long it took.
bool report(const std::string& who, const Run& run, const std::string& verdict) {
  if (!run) {
    fmt::print(stderr, "parity-index: {}: {}\n", who, run.error());
    return false;
  }
  fmt::print("{:<20} build {:>9.1f} s, search {:>8.2f} s  {}\n", who, run->build_seconds,
             run->search_seconds, verdict);
  std::fflush(stdout);
  return true;
}

int compare_all(const IndexShape& shape) {
  const Run reference = run_reference(shape);
  if (!report("reference", reference, "")) return 3;
  bool equal = true;
  for (const auto simd : {hnsw::SimdLevel::kScalar, hnsw::SimdLevel::kSse2, hnsw::SimdLevel::kAvx2,
                          hnsw::SimdLevel::kAvx512}) {
    for (const unsigned threads : {1U, 2U}) {
      const std::string who =
          fmt::format("core {} {} thread{}", name_of(simd), threads, threads == 1 ? "" : "s");
      if (!hnsw::cpu_has(simd)) {
        fmt::print("{:<20} this CPU does not have it\n", who);
        continue;
      }
      const Run core = run_core(shape, simd, threads);
      const std::string what = core ? difference(*reference, *core) : "";
      if (!report(who, core, what.empty() ? "equal" : "DIFFERS: " + what)) return 3;
      equal = equal && what.empty();
    }
  }
  return equal ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Compares one large collection between the reference and the engine");
  IndexShape shape;
  app.add_option("--vectors", shape.vectors, "how many vectors, f32")->capture_default_str();
  app.add_option("--dim", shape.dim, "elements of a vector")->capture_default_str();
  app.add_option("--queries", shape.queries, "how many searches")->capture_default_str();
  app.add_option("--m", shape.m, "links of a vector")->capture_default_str();
  app.add_option("--ef-construction", shape.ef_construction, "of the collection")
      ->capture_default_str();
  app.add_option("--seed", shape.seed, "of vectors and queries")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return compare_all(shape);
}
