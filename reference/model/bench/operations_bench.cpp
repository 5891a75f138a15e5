// SPDX-License-Identifier: MIT
// How many operations a second the reference executes, through the system-call layer, as a campaign
// drives it.
#include <cstdint>
#include <random>
#include <string>

#include <benchmark/benchmark.h>

#include "reference/model/tests/test_volume.h"
#include "reference/posix/process.h"

namespace vexfs {
namespace {

model::Geometry geometry() {
  auto geometry = model::test::small_geometry();
  geometry.blocks = 4096;
  geometry.inodes = 1024;
  return geometry;
}

const posix::Credentials kRoot{};

// Create, write 5000 bytes, read back, close, stat, unlink; a sync point after every `per_sync`
// rounds.
void create_write_unlink(benchmark::State& state) {
  model::test::TestVolume volume(geometry());
  posix::Process process(*volume);
  const std::string data(5000, 'x');
  const auto per_sync = state.range(0);
  std::int64_t round = 0;
  std::int64_t operations = 0;
  for (auto _ : state) {
    const std::string path = "/file" + std::to_string(round % 50);
    (void)process.open(kRoot, "h", path, {.read = true, .write = true, .create = true}, 0644);
    (void)process.write(kRoot, "h", 0, std::as_bytes(std::span(data)));
    benchmark::DoNotOptimize(process.read("h", 0, data.size()));
    (void)process.close("h");
    benchmark::DoNotOptimize(process.stat(kRoot, path, true));
    if (round % 2 == 0) (void)process.unlink(kRoot, path);
    operations += 6;
    if (++round % per_sync == 0) (void)process.control(kRoot, "sync");
  }
  state.SetItemsProcessed(operations);
}
BENCHMARK(create_write_unlink)->Arg(1)->Arg(10)->Arg(1000000);

// A sequential write in pieces of 64 KiB and the truncation that makes room again.
void stream(benchmark::State& state) {
  model::test::TestVolume volume(geometry());
  posix::Process process(*volume);
  (void)process.open(kRoot, "h", "/f", {.read = true, .write = true, .create = true}, 0644);
  const std::string data(65536, 'x');
  std::int64_t offset = 0;
  for (auto _ : state) {
    (void)process.write(kRoot, "h", offset, std::as_bytes(std::span(data)));
    offset += 65536;
    if (offset == 8 << 20) {
      (void)process.ftruncate(kRoot, "h", 0);
      offset = 0;
    }
  }
  state.SetBytesProcessed(state.iterations() * 65536);
}
BENCHMARK(stream);

void mount_and_unmount(benchmark::State& state) {
  model::test::TestVolume volume(geometry());
  for (auto _ : state) volume.remount();
}
BENCHMARK(mount_and_unmount);

}  // namespace
}  // namespace vexfs
