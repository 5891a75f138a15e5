// SPDX-License-Identifier: MIT
#include "harness/bench/vectors/engine_bench.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <unistd.h>

#include "fuse/core/volume.h"
#include "harness/bench/vectors/fuse_mount.h"
#include "harness/lockstep/fresh_volume.h"
#include "harness/scenario/error_name.h"
#include "harness/target/core_volume.h"
#include "harness/vectors/index_run.h"
#include "reference/vector/encode.h"

namespace vexfs::parity {
namespace {

using Clock = std::chrono::steady_clock;
using Done = std::expected<void, std::string>;

constexpr std::size_t kBatch = 100;     // vectors in one request of the load
constexpr std::size_t kParts = 10;      // of the growth curve
constexpr std::size_t kSingles = 2000;  // vectors that are put one by one

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

template <typename Work>
double seconds_of(Work work) {
  const auto start = Clock::now();
  work();
  return seconds_since(start);
}

std::span<const std::byte> bytes_of(const Vector& vector) {
  return std::as_bytes(std::span(vector));
}

/// A folder that goes with it.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() / fmt::format("vexfs-bench-{}", ::getpid())) {
    std::filesystem::create_directory(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const char* name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

class EngineBench {
 public:
  EngineBench(const EngineBenchOptions& options, const std::function<void(const Figure&)>& tell)
      : options_(options),
        set_(
            manifold_set({options.vectors + kSingles, options.dim, options.queries}, options.seed)),
        tell_(tell) {}

  Done run() {
    if (auto made = make_image(); !made) return made;
    if (auto filled = fill(); !filled) return filled;
    if (auto opened = open_again(); !opened) return opened;
    return compare_with_mount();
  }

 private:
  std::string image() const { return (folder_ / "image").string(); }
  std::string what(const char* name) const {
    return fmt::format("{} x {}: {}", options_.vectors, options_.dim, name);
  }

  Done make_image() const {
    const IndexShape shape{.vectors = static_cast<std::uint32_t>(options_.vectors + kSingles),
                           .dim = static_cast<std::uint32_t>(options_.dim)};
    VolumeOptions options;
    options.blocks = shape.volume_blocks();
    const auto fresh = fresh_volume(options);
    if (!fresh) return std::unexpected(fresh.error());
    const auto bytes = fresh->bytes();
    std::ofstream file(image(), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) return std::unexpected("cannot write " + image());
    return {};
  }

  std::expected<std::unique_ptr<core::Volume>, std::string> open() const {
    auto device = core::FileDevice::open(image(), false);
    if (!device) return std::unexpected(device.error().message);
    auto volume =
        core::Volume::open(std::move(*device), {.commit_seconds = 0, .vector_threads = 2});
    if (!volume) return std::unexpected(volume.error().message);
    return std::move(*volume);
  }

  static Done ask(CollectionAccess& collection, posix::Door door, const vectors::Message& request) {
    const auto reply = collection.ask(door, request);
    if (!reply) return std::unexpected(std::string(error_name(reply.error())));
    vexfs_reply header;
    std::memcpy(&header, reply->data(), sizeof header);
    if (header.status == 0) return {};
    return std::unexpected(std::string(error_name(static_cast<int>(header.status))));
  }

  Done put(CollectionAccess& collection, std::size_t from, std::size_t to) const {
    std::vector<std::uint64_t> ids;
    vectors::Message rows;
    for (std::size_t id = from; id < to; ++id) {
      ids.push_back(id);
      const auto row = bytes_of(set_.vectors[id]);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    return ask(collection, posix::Door::kUpdate, vectors::encode_put(ids, rows));
  }

  vectors::Message search_of(const Vector& query) const {
    vexfs_search search{};
    search.k = 10;
    search.ef = 64;
    search.queries = 1;
    return vectors::encode_search(VEXFS_OP_SEARCH, search, bytes_of(query), {}, false);
  }

  Done fill() {
    auto volume = open();
    if (!volume) return std::unexpected(volume.error());
    CoreVolume adapter(**volume);
    auto collection = VolumeCollection::make(adapter, fmt::format("dim={} seed=42", options_.dim));
    if (!collection) return std::unexpected(std::string(error_name(collection.error())));
    if (auto loaded = load(*collection); !loaded) return loaded;
    if (auto put = put_singly(*collection); !put) return put;
    const auto inside = search_seconds(*collection);
    if (!inside) return std::unexpected(inside.error());
    search_inside_ = *inside;
    tell_({.name = what("a search in process, k 10, ef 64"),
           .value = 1e6 * search_inside_,
           .unit = "us",
           .target = {},
           .more_is_better = false,
           .note = fmt::format("median of {}", options_.queries)});
    if (auto ended = (*volume)->unmount(); !ended)
      return std::unexpected("unmount: " + std::string(error_name(ended.error())));
    return {};
  }

  Done load(CollectionAccess& collection) const {
    std::string curve;
    const auto start = Clock::now();
    for (std::size_t part = 0; part < kParts; ++part) {
      const std::size_t end = options_.vectors * (part + 1) / kParts;
      const std::size_t begin = options_.vectors * part / kParts;
      const auto part_start = Clock::now();
      for (std::size_t from = begin; from < end; from += kBatch) {
        if (auto done = put(collection, from, std::min(from + kBatch, end)); !done) return done;
      }
      curve += fmt::format(" {:.0f}", static_cast<double>(end - begin) / seconds_since(part_start));
    }
    tell_({.name = what("load on two threads"),
           .value = static_cast<double>(options_.vectors) / seconds_since(start),
           .unit = "vectors/s",
           .target = {},
           .more_is_better = true,
           .note = "each tenth:" + curve});
    return {};
  }

  Done put_singly(CollectionAccess& collection) const {
    std::vector<double> seconds;
    for (std::size_t i = 0; i < kSingles; ++i) {
      Done done;
      const std::size_t id = options_.vectors + i;
      seconds.push_back(seconds_of([&] { done = put(collection, id, id + 1); }));
      if (!done) return done;
    }
    std::ranges::sort(seconds);
    const auto at = [&](double share) {
      return 1e6 * seconds[static_cast<std::size_t>(share * static_cast<double>(kSingles - 1))];
    };
    tell_({.name = what("a single put"),
           .value = at(0.5),
           .unit = "us",
           .target = {},
           .more_is_better = false,
           .note = fmt::format("median; 90 %: {:.0f}, 99 % (one in 64 links): {:.0f}, most {:.0f}",
                               at(0.9), at(0.99), at(1))});
    return {};
  }

  std::expected<double, std::string> search_seconds(CollectionAccess& collection) const {
    std::vector<double> seconds;
    for (const Vector& query : set_.queries) {
      const auto request = search_of(query);
      Done done;
      seconds.push_back(seconds_of([&] { done = ask(collection, posix::Door::kQuery, request); }));
      if (!done) return std::unexpected(done.error());
    }
    return median(std::move(seconds));
  }

  Done open_again() const {
    const auto start = Clock::now();
    auto volume = open();
    if (!volume) return std::unexpected(volume.error());
    CoreVolume adapter(**volume);
    VolumeCollection collection = VolumeCollection::of(adapter);
    if (auto done = ask(collection, posix::Door::kQuery, search_of(set_.queries.front())); !done)
      return done;
    Figure figure{.name = what("cold start"),
                  .value = seconds_since(start),
                  .unit = "s",
                  .target = {},
                  .more_is_better = false,
                  .note = "mount and first search; the file is in the page cache"};
    if (options_.vectors == EngineBenchOptions{}.vectors) figure.target = 1;
    tell_(figure);
    if (auto ended = (*volume)->unmount(); !ended)
      return std::unexpected("unmount: " + std::string(error_name(ended.error())));
    return {};
  }

  // The difference in round trips, both medians of one run.
  Done compare_with_mount() const {
    auto mount = FuseMount::make(image(), folder_ / "mnt");
    if (!mount) {
      tell_({.name = what("searches through a mount: not measured"),
             .value = 0,
             .unit = "",
             .target = {},
             .more_is_better = false,
             .note = mount.error()});
      return {};
    }
    const auto trip = (*mount)->round_trip_seconds(options_.queries);
    const auto search = (*mount)->door_seconds(queries());
    if (!trip || !search) return std::unexpected(trip ? search.error() : trip.error());
    tell_({.name = what("a search through the FUSE door, less one in process"),
           .value = (*search - search_inside_) / *trip,
           .unit = "round trips",
           .target = 2.5,
           .more_is_better = false,
           .note = fmt::format("{:.0f} us / {:.0f} us; a null round trip takes {:.1f} us",
                               1e6 * *search, 1e6 * search_inside_, 1e6 * *trip)});
    return {};
  }

  std::vector<vectors::Message> queries() const {
    std::vector<vectors::Message> requests;
    for (const Vector& query : set_.queries) requests.push_back(search_of(query));
    return requests;
  }

  EngineBenchOptions options_;
  Folder folder_;
  VectorSet set_;
  const std::function<void(const Figure&)>& tell_;
  double search_inside_ = 0;
};

}  // namespace

std::expected<void, std::string> run_engine_bench(
    const EngineBenchOptions& options, const std::function<void(const Figure&)>& on_figure) {
  return EngineBench(options, on_figure).run();
}

}  // namespace vexfs::parity
