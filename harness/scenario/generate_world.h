// SPDX-License-Identifier: MIT
// The generator's own mounted model: what exists at this point of the scenario that is being made.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/lockstep/features.h"
#include "harness/scenario/door_reply.h"
#include "harness/scenario/door_request.h"
#include "harness/scenario/scenario.h"
#include "harness/target/image_disk.h"
#include "harness/target/posix_step.h"
#include "reference/model/volume.h"
#include "reference/vector/parameters.h"

namespace vexfs::parity {

/// Something with a name.
struct Node {
  std::string path;  // absolute; "/" is the first node
  posix::Attr attr;
  std::size_t children = 0;

  bool is_directory() const;
  bool is_regular() const;
  bool is_symlink() const;
};

struct OpenHandle {
  Handle name;
  posix::Ino ino = 0;
  OpenFlags flags;
  bool directory = false;
};

/// A directory that is a collection.
struct Collection {
  std::string path;
  posix::Ino graph = 0;
  vectors::Parameters parameters;

  ElementType type() const;
};

class World {
 public:
  /// A fresh, mounted volume. Throws std::runtime_error where the options are impossible: a mistake
  /// of the generator.
  World(const VolumeOptions& volume, const MountOptions& mount);

  /// Executes a step, volume steps too, and learns from it.
  Outcome execute(const Step& step);

  /// Unmounts; what the volumes and steps have shown. Call last.
  Features finish();

  /// Everything that has a name, parents before children. Valid until the next execute().
  const std::vector<Node>& nodes();
  const std::vector<OpenHandle>& handles() const { return handles_; }
  /// In the order of nodes().
  std::vector<Collection> collections();
  /// Ids of the `k` vectors that are nearest to the first row of the pattern.
  Ids nearest(const Collection& collection, const RowPattern& query, std::uint32_t k);
  /// A slot of it is dead.
  bool has_dead(const Collection& collection);
  /// The file's vector is in the collection of its home.
  bool has_vector(const Node& node) const;
  /// Paths of collections whose last search can be resumed: nothing was put since.
  const std::set<std::string>& cut_short() const { return cut_short_; }
  const MountOptions& options() const { return options_; }
  std::optional<std::uint64_t> size_of(const OpenHandle& handle) const;
  /// A symlink that leads to itself.
  bool is_loop(const Node& node) const;
  /// Steps since the last mount.
  unsigned steps_since_mount() const { return steps_since_mount_; }

 private:
  /// What the collection's query door replies, in words; an empty object where it fails.
  Json ask(const Collection& collection, const DoorRequest& request, ElementType type);
  void mount();
  void end_mount(bool cleanly);
  void execute_volume_step(const Operation& operation);
  void note_handles(const Step& step);
  void note_search(const Step& step, const Outcome& outcome);
  void walk(posix::Ino directory, const std::string& path, std::size_t index);

  Image image_;
  MountOptions options_;
  std::unique_ptr<model::Volume> volume_;
  ImageDisk* disk_ = nullptr;  // below it
  bool fails_ = false;         // the disk, in this mount
  std::optional<PosixSession> session_;
  std::vector<OpenHandle> handles_;
  std::vector<Node> nodes_;
  std::set<std::string> cut_short_;
  Features features_;
  bool nodes_current_ = false;
  unsigned steps_since_mount_ = 0;
};

/// "/a" + "b" = "/a/b"; "/" + "b" = "/b".
std::string join_path(const std::string& directory, const std::string& name);

}  // namespace vexfs::parity
