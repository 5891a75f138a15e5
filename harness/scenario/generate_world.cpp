// SPDX-License-Identifier: MIT
#include "harness/scenario/generate_world.h"

#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <span>
#include <stdexcept>

#include "harness/lockstep/fresh_volume.h"
#include "harness/scenario/error_name.h"

namespace vexfs::parity {
namespace {

constexpr std::size_t kMostNodes = 1000;  // no scenario makes as many

model::DataMode model_data(DataMode mode) {
  switch (mode) {
    case DataMode::kOrdered:
      return model::DataMode::kOrdered;
    case DataMode::kWriteback:
      return model::DataMode::kWriteback;
    case DataMode::kJournal:
      return model::DataMode::kJournal;
  }
  return model::DataMode::kOrdered;
}

}  // namespace

bool Node::is_directory() const { return S_ISDIR(attr.mode); }
bool Node::is_regular() const { return S_ISREG(attr.mode); }
bool Node::is_symlink() const { return S_ISLNK(attr.mode); }

ElementType Collection::type() const {
  switch (parameters.type) {
    case VEXFS_TYPE_F16:
      return ElementType::kF16;
    case VEXFS_TYPE_I8:
      return ElementType::kI8;
    case VEXFS_TYPE_BINARY:
      return ElementType::kBinary;
    default:
      return ElementType::kF32;
  }
}

std::string join_path(const std::string& directory, const std::string& name) {
  return directory == "/" ? "/" + name : directory + "/" + name;
}

World::World(const VolumeOptions& volume, const MountOptions& mount_options)
    : options_(mount_options) {
  auto image = fresh_volume(volume);
  if (!image) throw std::runtime_error("a theme has impossible volume options: " + image.error());
  image_ = std::move(*image);
  mount();
}

void World::mount() {
  const model::MountOptions options{.data = model_data(options_.data),
                                    .strict = options_.strict,
                                    .read_only = options_.read_only,
                                    .manual_clock = options_.clock == ClockMode::kManual};
  auto disk = std::make_unique<ImageDisk>(image_);
  disk_ = disk.get();
  auto mounted = model::Volume::mount(std::move(disk), options);
  if (!mounted) {
    throw std::runtime_error("the model refuses its own volume: " + error_name(mounted.error()));
  }
  volume_ = std::move(*mounted);
  session_.emplace(*volume_);
  steps_since_mount_ = 0;
  fails_ = false;
}

void World::end_mount(bool cleanly) {
  session_.reset();
  handles_.clear();
  cut_short_.clear();
  if (cleanly) {
    volume_->unmount();
    features_ |= features_of_volume(image_);
  }
  volume_.reset();
}

Features World::finish() {
  end_mount(!fails_);
  return features_;
}

void World::execute_volume_step(const Operation& operation) {
  end_mount(!fails_ && !std::holds_alternative<Crash>(operation));
  if (const auto* remount = std::get_if<Remount>(&operation)) options_ = remount->options;
  mount();
}

Outcome World::execute(const Step& step) {
  nodes_current_ = false;
  if (is_volume_step(step.operation)) {
    execute_volume_step(step.operation);
    features_ |= features_of_step(step, {});
    return {};
  }
  ++steps_since_mount_;
  if (const auto* failing = std::get_if<FailWrites>(&step.operation)) {
    disk_->fail_writes(failing->region);
    fails_ = true;
    return {};
  }
  Outcome outcome = session_->execute(step);
  features_ |= features_of_step(step, outcome);
  if (outcome.error == 0) note_handles(step);
  note_search(step, outcome);
  return outcome;
}

void World::note_handles(const Step& step) {
  if (const auto* open = std::get_if<Open>(&step.operation)) {
    const Outcome stat = session_->execute(Step{Fstat{open->handle}, {}, {}});
    handles_.push_back({open->handle, stat.stat->ino, open->flags, S_ISDIR(stat.stat->mode)});
  }
  if (const auto* close = std::get_if<Close>(&step.operation)) {
    std::erase_if(handles_, [&](const OpenHandle& open) { return open.name == close->handle; });
  }
}

void World::note_search(const Step& step, const Outcome& outcome) {
  const auto* search = std::get_if<VectorSearch>(&step.operation);
  if (search != nullptr && is_cut_short(outcome)) cut_short_.insert(search->path.bytes);
  if (const auto* put = std::get_if<VectorPut>(&step.operation)) cut_short_.erase(put->path.bytes);
}

std::vector<Collection> World::collections() {
  std::vector<Collection> found;
  for (const Node& node : nodes()) {
    const auto graph = node.is_directory() ? volume_->graph_inode(node.attr.ino) : 0;
    if (!graph || *graph == 0) continue;
    const auto text = volume_->get_collection(node.attr.ino);
    const auto parameters = text ? vectors::parse_parameters(*text, 0) : std::nullopt;
    if (parameters) found.push_back({node.path, *graph, *parameters});
  }
  return found;
}

Json World::ask(const Collection& collection, const DoorRequest& request, ElementType type) {
  const auto reply =
      volume_->door(collection.graph, posix::Door::kQuery, std::as_bytes(std::span(request.bytes)));
  if (!reply) return Json::object();
  return reply_json({reinterpret_cast<const char*>(reply->data()), reply->size()}, type);
}

bool World::has_dead(const Collection& collection) {
  const auto request = DoorRequests().request_of(VectorCount{Path{collection.path}});
  const Json counts = ask(collection, *request, collection.type());
  return counts.contains("live") && counts["live"] != counts["slots"];
}

bool World::has_vector(const Node& node) const {
  return volume_->has_vector(node.attr.ino).value_or(false);
}

Ids World::nearest(const Collection& collection, const RowPattern& query, std::uint32_t k) {
  VectorSearch search;
  search.path.bytes = collection.path;
  search.queries = query;
  search.k = k;
  search.type = collection.type();
  const Json answers = ask(collection, *DoorRequests().request_of(search), search.type);
  return answers.contains("ids") ? Ids{answers["ids"].at(0).get<std::vector<std::uint64_t>>()}
                                 : Ids{};
}

std::optional<std::uint64_t> World::size_of(const OpenHandle& handle) const {
  const auto attr = volume_->getattr(handle.ino);
  return attr ? std::optional(attr->size) : std::nullopt;
}

bool World::is_loop(const Node& node) const {
  return node.is_symlink() && volume_->readlink(node.attr.ino) == node.path;
}

const std::vector<Node>& World::nodes() {
  if (nodes_current_) return nodes_;
  nodes_.clear();
  nodes_.push_back({"/", volume_->getattr(posix::kRootIno).value(), 0});
  walk(posix::kRootIno, "/", 0);
  nodes_current_ = true;
  return nodes_;
}

void World::walk(posix::Ino directory, const std::string& path, std::size_t index) {
  const auto entries =
      volume_->readdir(directory, 0, std::numeric_limits<std::size_t>::max()).value();
  for (const posix::DirEntry& entry : entries) {
    if (entry.name == "." || entry.name == ".." || nodes_.size() >= kMostNodes) continue;
    ++nodes_[index].children;
    nodes_.push_back({join_path(path, entry.name), volume_->getattr(entry.ino).value(), 0});
    const Node& node = nodes_.back();
    if (node.is_directory()) walk(entry.ino, std::string(node.path), nodes_.size() - 1);
  }
}

}  // namespace vexfs::parity
