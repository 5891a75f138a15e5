// SPDX-License-Identifier: MIT
#include "harness/vectors/twins.h"

#include <algorithm>

#include "harness/lockstep/fresh_volume.h"
#include "harness/scenario/error_name.h"
#include "reference/contract/inode.h"

namespace vexfs::parity {
namespace {

std::string told(const posix::Result<std::vector<std::byte>>& result) {
  if (!result) return std::string(error_name(result.error()));
  return std::to_string(result->size()) + " bytes";
}

/// Both fail alike, or give the same bytes.
Agreement same(const std::string& what, const posix::Result<std::vector<std::byte>>& reference,
               const posix::Result<std::vector<std::byte>>& core) {
  if (reference == core) return {};
  std::string text = what + ": reference " + told(reference) + ", core " + told(core);
  if (reference && core) {
    const auto at = std::ranges::mismatch(*reference, *core).in1 - reference->begin();
    text += ", first difference at byte " + std::to_string(at);
  }
  return std::unexpected(text);
}

}  // namespace

std::expected<std::unique_ptr<Twins>, std::string> Twins::make(std::uint64_t blocks,
                                                               const std::string& value,
                                                               const core::MountOptions& options) {
  VolumeOptions format;
  format.blocks = blocks;
  auto image = fresh_volume(format);
  if (!image) return std::unexpected(image.error());
  std::unique_ptr<Twins> twins(new Twins);
  twins->options_ = options;
  twins->options_.strict = true;  // so that freed blocks are alike too
  twins->reference_image_ = image->bytes();
  twins->core_image_ = twins->reference_image_;
  if (auto mounted = twins->mount(); !mounted) return std::unexpected(mounted.error());
  for (posix::InodeVolume* volume :
       {static_cast<posix::InodeVolume*>(twins->reference_.get()),
        static_cast<posix::InodeVolume*>(twins->core_adapter_.get())}) {
    const auto made = volume->mkdir(VEXFS_ROOT_INO, "c", {.mode = 0755});
    if (!made) return std::unexpected("mkdir: " + std::string(error_name(made.error())));
    if (auto set = volume->set_collection(made->ino, value, false); !set) {
      return std::unexpected(value + ": " + std::string(error_name(set.error())));
    }
    const auto attributes = volume->collection_of(made->ino);
    if (!attributes) return std::unexpected("the new collection is not one");
    twins->directory_ = made->ino;
    twins->graph_ = attributes->graph;
  }
  return twins;
}

Agreement Twins::mount() {
  model::MountOptions options;
  options.manual_clock = true;
  options.strict = true;
  auto reference = model::Volume::mount(reference_image_, options);
  if (!reference) return std::unexpected("the reference refuses its volume");
  reference_ = std::move(*reference);
  auto core = core::Volume::open(std::make_unique<core::MemoryDevice>(core_image_), options_);
  if (!core) return std::unexpected("the engine refuses its volume: " + core.error().message);
  core_ = std::move(*core);
  core_adapter_ = std::make_unique<CoreVolume>(*core_);
  return {};
}

std::expected<std::vector<std::byte>, std::string> Twins::send(const DoorMessage& message) {
  auto expected = reference_->door(graph_, message.door, message.bytes);
  const auto got = core_adapter_->door(graph_, message.door, message.bytes);
  if (auto agreed = same("reply", expected, got); !agreed) return std::unexpected(agreed.error());
  const auto graph = reference_->graph_inode(directory_);
  if (!graph) return std::unexpected("the reference has lost the directory");
  graph_ = *graph;  // a compaction gives another
  return expected ? std::move(*expected) : std::vector<std::byte>{};
}

std::expected<posix::Ino, std::string> Twins::make_directory(const std::string& name) {
  const auto expected = reference_->mkdir(VEXFS_ROOT_INO, name, {.mode = 0755});
  const auto got = core_adapter_->mkdir(VEXFS_ROOT_INO, name, {.mode = 0755});
  if (!expected || !got) return std::unexpected(name + " cannot be made");
  return expected->ino;
}

std::expected<std::string, std::string> Twins::act(const FileAction& action) {
  std::string expected = parity::act(*reference_, action);
  const std::string got = parity::act(*core_adapter_, action);
  if (got == expected) return expected;
  return std::unexpected("action " + std::to_string(static_cast<int>(action.verb)) + " on " +
                         action.name + ": reference " + expected + ", core " + got);
}

Agreement Twins::compare_files() {
  for (const auto& [name, file] : {std::pair("graph", posix::CollectionFile::kGraph),
                                   std::pair("vectors", posix::CollectionFile::kVectors),
                                   std::pair("info", posix::CollectionFile::kInfo)}) {
    const auto agreed = same(name, reference_->collection_file(graph_, file),
                             core_adapter_->collection_file(graph_, file));
    if (!agreed) return agreed;
  }
  return {};
}

Agreement Twins::remount() {
  reference_->unmount();
  if (auto ended = core_->unmount(); !ended) return std::unexpected("the engine cannot unmount");
  reference_.reset();
  core_adapter_.reset();
  core_.reset();
  const auto differ = std::ranges::mismatch(reference_image_, core_image_);
  if (differ.in1 != reference_image_.end()) {
    return std::unexpected("volumes differ at byte " +
                           std::to_string(differ.in1 - reference_image_.begin()));
  }
  return mount();
}

}  // namespace vexfs::parity
