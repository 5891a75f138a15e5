// SPDX-License-Identifier: MIT
#include "reference/model/collection_compact.h"

#include "reference/model/collection_change.h"
#include "reference/model/collection_inodes.h"
#include "reference/model/extents.h"
#include "reference/model/inode.h"
#include "reference/model/unit.h"

namespace vexfs::model {
namespace {

using vectors::Slot;

class Compacting {
 public:
  Compacting(Mounted& volume, Collection& old) : volume_(volume), old_(old) {}
  ~Compacting() { release(); }
  Compacting(const Compacting&) = delete;
  Compacting& operator=(const Compacting&) = delete;

  Result<std::uint64_t> run() {
    VEXFS_CHECK(run_unit(volume_, [&] { return begin(); }));
    const vectors::State& state = old_.graph.state();
    Collection fresh{old_.directory,
                     made_.graph,
                     made_.vectors,
                     made_.upper,
                     vectors::Graph({.parameters = state.parameters, .sequence = state.sequence}),
                     {},
                     0};
    for (const Slot& slot : state.slots)
      if (!slot.dead) VEXFS_CHECK(copy_vector(volume_, fresh, slot.id, slot.row));
    VEXFS_CHECK(run_unit(volume_, [&] { return change_over(); }));
    fresh.graph.raise_sequence();
    const std::uint64_t sequence = fresh.graph.state().sequence;
    volume_.collections.emplace(made_.graph, std::move(fresh));
    const Ino gone = old_.graph_ino;
    volume_.collections.erase(gone);  // old_ goes with it
    return sequence;
  }

 private:
  // The new inodes are orphans, so that recovery frees them, and held, so that reclaim does not.
  Result<void> begin() {
    release();  // of an attempt without room
    const vectors::State& state = old_.graph.state();
    VEXFS_TRY(made,
              create_system_inodes(volume_, old_.directory, state.parameters, state.sequence, 0));
    made_ = made;
    for (const Ino ino : {made_.graph, made_.vectors, made_.upper}) {
      set_orphan(volume_, ino);
      ++volume_.handles[ino];
      held_.push_back(ino);
    }
    return {};
  }

  Result<void> change_over() {
    VEXFS_TRY(directory, load_inode(volume_, old_.directory));
    for (const Ino ino : {old_.graph_ino, old_.vectors_ino, old_.upper_ino})
      VEXFS_CHECK(orphan_system_inode(volume_, ino));
    for (const Ino ino : {made_.graph, made_.vectors, made_.upper}) {
      VEXFS_TRY(inode, load_inode(volume_, ino));
      inode.nlink = 1;
      store_inode(volume_, ino, inode);
      clear_orphan(volume_, ino);
    }
    directory.collection = static_cast<__u32>(made_.graph);
    store_inode(volume_, old_.directory, directory);
    return raise_sequence();
  }

  Result<void> raise_sequence() {
    VEXFS_TRY(graph, load_inode(volume_, made_.graph));
    VEXFS_TRY(block, mapped_block(volume_, made_.graph, graph, 0));
    auto fields = get<vexfs_collection>(volume_.store.read(*block));
    ++fields.sequence;
    put(volume_.store.edit(*block), 0, fields);
    sign_collection_block(volume_, *block);
    return {};
  }

  void release() {
    for (const Ino ino : held_) volume_.handles.erase(ino);
    held_.clear();
  }

  Mounted& volume_;
  Collection& old_;
  SystemInodes made_;
  std::vector<Ino> held_;
};

}  // namespace

Result<std::uint64_t> compact(Mounted& volume, Collection& collection) {
  const vectors::Graph& graph = collection.graph;
  if (graph.live() == graph.size()) return graph.state().sequence;
  return Compacting(volume, collection).run();
}

}  // namespace vexfs::model
