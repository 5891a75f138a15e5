// SPDX-License-Identifier: MIT
// Generators of operations on open files.
#include <algorithm>

#include "harness/scenario/generate_scene.h"

namespace vexfs::parity {
namespace {

constexpr std::uint64_t kBlock = 4096;
constexpr std::uint64_t kMostWrite = 20 * kBlock;
constexpr std::uint64_t kMostSize = 60 * kBlock;

bool is_file(const OpenHandle& handle) { return !handle.directory; }
bool writable(const OpenHandle& handle) {
  return is_file(handle) && handle.flags.access() != OpenFlags::kReadOnly;
}
bool readable(const OpenHandle& handle) {
  return is_file(handle) && handle.flags.access() != OpenFlags::kWriteOnly;
}

// Near a block boundary, at the present end, or anywhere.
std::int64_t place(Scene& scene, const OpenHandle& handle) {
  const std::uint64_t size = scene.world.size_of(handle).value_or(0);
  const std::uint64_t kind = scene.draw.below(100);
  if (kind < 20) return 0;
  if (kind < 45) return static_cast<std::int64_t>(size);
  if (kind < 70) {
    const std::uint64_t boundary = scene.draw.below(24) * kBlock;
    const std::uint64_t before = scene.draw.below(3);
    return static_cast<std::int64_t>(boundary - std::min(boundary, before));
  }
  return static_cast<std::int64_t>(scene.draw.below(kMostSize));
}

std::uint32_t access_bits(Scene& scene) {
  return scene.draw.pick<std::uint32_t>({OpenFlags::kReadWrite, OpenFlags::kReadWrite,
                                         OpenFlags::kReadWrite, OpenFlags::kWriteOnly,
                                         OpenFlags::kReadOnly});
}

std::optional<Operation> make_create(Scene& scene) {
  const Handle handle = scene.fresh_handle();
  if (handle.empty()) return std::nullopt;
  Open open{handle, Path{scene.fresh_path()}, {}, scene.file_mode()};
  open.flags.bits = access_bits(scene) | OpenFlags::kCreate;
  if (scene.draw.chance(40)) open.flags.bits |= OpenFlags::kExclusive;
  if (scene.draw.chance(10)) open.flags.bits |= OpenFlags::kTruncate;
  if (scene.draw.chance(15)) open.flags.bits |= OpenFlags::kAppend;
  return open;
}

std::optional<Operation> make_open(Scene& scene) {
  const Handle handle = scene.fresh_handle();
  const Node* node = scene.node([](const Node& n) { return n.is_regular(); });
  if (handle.empty() || node == nullptr) return std::nullopt;
  Open open{handle, Path{node->path}, {}, {}};
  open.flags.bits = access_bits(scene);
  if (scene.draw.chance(15)) open.flags.bits |= OpenFlags::kTruncate;
  if (scene.draw.chance(15)) open.flags.bits |= OpenFlags::kAppend;
  if (scene.draw.chance(10)) open.flags.bits |= OpenFlags::kNoFollow;
  if (scene.draw.chance(10)) open.flags.bits |= OpenFlags::kCreate;
  return open;
}

std::optional<Operation> make_open_any(Scene& scene) {
  const Handle handle = scene.fresh_handle();
  const Node* node = scene.node([](const Node& n) { return !n.is_regular() && !n.is_directory(); });
  if (handle.empty() || node == nullptr) return std::nullopt;
  Open open{handle, Path{node->path}, {}, {}};
  open.flags.bits = access_bits(scene);
  if (scene.draw.chance(40)) open.flags.bits |= OpenFlags::kNoFollow;
  return open;
}

std::optional<Operation> make_opendir(Scene& scene) {
  const Handle handle = scene.fresh_handle();
  if (handle.empty()) return std::nullopt;
  return Open{handle, Path{scene.directory()}, OpenFlags{OpenFlags::kDirectory}, {}};
}

std::optional<Operation> make_close(Scene& scene) {
  const OpenHandle* handle = scene.handle([](const OpenHandle&) { return true; });
  if (handle == nullptr) return std::nullopt;
  return Close{handle->name};
}

std::optional<Operation> make_read(Scene& scene) {
  const OpenHandle* handle = scene.handle(readable);
  if (handle == nullptr) return std::nullopt;
  Read read{handle->name, 0, 0};
  if (scene.draw.chance(60)) read.offset = place(scene, *handle);
  read.length = scene.draw.pick<std::uint64_t>({1, 100, kBlock, 10 * kBlock, 2 * kMostSize});
  return read;
}

std::optional<Operation> make_write(Scene& scene) {
  const OpenHandle* handle = scene.handle(writable);
  if (handle == nullptr) return std::nullopt;
  Write write{handle->name, std::nullopt, {}};
  if (scene.draw.chance(80)) write.offset = place(scene, *handle);
  write.data = scene.data(kMostWrite);
  return write;
}

std::int64_t new_size(Scene& scene, std::uint64_t size) {
  const std::uint64_t kind = scene.draw.below(100);
  if (kind < 20) return 0;
  if (kind < 35) return static_cast<std::int64_t>(size);
  if (kind < 65) return static_cast<std::int64_t>(scene.draw.below(size + 1));
  if (kind < 95) return static_cast<std::int64_t>(scene.draw.below(kMostSize));
  return std::int64_t{1} << scene.draw.between(20, 44);
}

std::optional<Operation> make_truncate(Scene& scene) {
  const Node* node = scene.node([](const Node& n) { return n.is_regular(); });
  if (node == nullptr) return std::nullopt;
  const Path path{node->path};
  return Truncate{path, new_size(scene, node->attr.size)};
}

std::optional<Operation> make_ftruncate(Scene& scene) {
  const OpenHandle* handle = scene.handle(writable);
  if (handle == nullptr) return std::nullopt;
  return Ftruncate{handle->name, new_size(scene, scene.world.size_of(*handle).value_or(0))};
}

std::optional<Operation> make_fsync(Scene& scene) {
  const OpenHandle* handle = scene.handle([](const OpenHandle&) { return true; });
  if (handle == nullptr) return std::nullopt;
  return Fsync{handle->name};
}

std::optional<Operation> make_fdatasync(Scene& scene) {
  const OpenHandle* handle = scene.handle(is_file);
  if (handle == nullptr) return std::nullopt;
  return Fdatasync{handle->name};
}

constexpr Move kMoves[] = {
    {"create", 10, make_create},  {"open", 5, make_open},          {"open_any", 1, make_open_any},
    {"opendir", 3, make_opendir}, {"close", 5, make_close},        {"read", 6, make_read},
    {"write", 12, make_write},    {"truncate", 7, make_truncate},  {"ftruncate", 6, make_ftruncate},
    {"fsync", 6, make_fsync},     {"fdatasync", 6, make_fdatasync}};

}  // namespace

std::span<const Move> file_moves() { return kMoves; }

}  // namespace vexfs::parity
