// SPDX-License-Identifier: MIT
// What the doors and files of a collection do.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "fuse/daemon/collection_tree.h"
#include "fuse/daemon/daemon.h"
#include "fuse/daemon/reply.h"
#include "reference/contract/door.h"

namespace vexfs::daemon {

namespace {

bool is_door(CollectionNode kind) {
  return kind == CollectionNode::kQuery || kind == CollectionNode::kUpdate;
}

// Shared with the jobs: the release of a description may overtake the end of a job that has
// answered its last request.
using Door = std::shared_ptr<DoorHandle>;

Door& door_of(const fuse_file_info* file) { return *reinterpret_cast<Door*>(file->fh); }

// The collection on which a description of a door or file was opened.
core::CollectionName collection_of(fuse_ino_t node, const fuse_file_info* file) {
  if (kind_of(node) == CollectionNode::kDirectory) {
    return {graph_of(node)};
  }
  return is_door(kind_of(node)) ? door_of(file)->collection
                                : core::CollectionName(graph_of(node), file->fh);
}

// 0, or ESTALE: the collection is no more.
int error_of_collection(core::Volume& volume, const core::CollectionName& name) {
  const auto view = volume.collection(name);
  return view ? 0 : view.error();
}

void reply_part(fuse_req_t req, DoorHandle& door, size_t size) {
  const size_t count = std::min(size, door.bytes.size() - door.read);
  reply_bytes(req, std::span(door.bytes).subspan(door.read, count));
  door.read += count;
}

bool is_compaction(fuse_ino_t node, const DoorHandle& door) {
  vexfs_request header{};
  if (kind_of(node) != CollectionNode::kUpdate || door.replying ||
      door.bytes.size() < sizeof header) {
    return false;
  }
  std::memcpy(&header, door.bytes.data(), sizeof header);
  return header.opcode == VEXFS_OP_COMPACT;
}

// Executes what was staged. `ask`: of the volume.
template <typename Ask>
int execute(DoorHandle& door, Ask ask) {
  auto reply = ask();
  if (!reply) {
    return reply.error();
  }
  door.bytes = std::move(*reply);
  door.read = 0;
  door.replying = true;
  return 0;
}

// A read, whose first executes the request. `patient`: this thread may wait for a compaction, or
// make one. EAGAIN, and no answer was given, if it would have to and may not.
int read_door(fuse_req_t req, fuse_ino_t node, size_t size, DoorHandle& door, bool patient) {
  std::unique_lock lock(door.mutex, std::defer_lock);
  if (patient) {
    lock.lock();
  } else if (!lock.try_lock() || is_compaction(node, door)) {
    return EAGAIN;
  }
  core::Volume& volume = daemon_of(req).volume;
  int error = 0;
  if (!door.replying && !door.bytes.empty()) {
    const auto which =
        kind_of(node) == CollectionNode::kQuery ? core::Door::kQuery : core::Door::kUpdate;
    const auto ask = [&] { return volume.door(door.collection, which, door.bytes); };
    error = execute(door, [&] { return patient ? volume.patiently(ask) : ask(); });
    if (error == EAGAIN) {
      return error;
    }
  } else {
    error = error_of_collection(volume, door.collection);
  }
  if (error != 0) {
    fuse_reply_err(req, error);
  } else if (door.replying) {
    reply_part(req, door, size);
  } else {
    reply_bytes(req, {});
  }
  return 0;
}

// The caller holds the door.
void stage(fuse_req_t req, std::span<const char> bytes, DoorHandle& door) {
  if (const int error = error_of_collection(daemon_of(req).volume, door.collection); error != 0) {
    fuse_reply_err(req, error);
    return;
  }
  if (door.replying) {
    door.bytes.clear();
    door.replying = false;
  }
  const size_t count = std::min<size_t>(bytes.size(), VEXFS_MESSAGE_MAX - door.bytes.size());
  if (count == 0 && !bytes.empty()) {
    fuse_reply_err(req, EFBIG);
    return;
  }
  const auto staged = std::as_bytes(bytes.first(count));
  door.bytes.insert(door.bytes.end(), staged.begin(), staged.end());
  fuse_reply_write(req, count);
}

template <typename Read>
void read_file(fuse_req_t req, size_t size, Read read) {
  const std::span into(daemon_of(req).scratch.get(), std::min(size, kMaxTransfer));
  const core::Expected<size_t> got = read(into);
  if (got) {
    reply_bytes(req, into.first(*got));
  } else {
    fuse_reply_err(req, got.error());
  }
}

void read_info(fuse_req_t req, const core::CollectionName& name, size_t size, uint64_t offset) {
  const auto text = daemon_of(req).volume.collection_info(name);
  if (!text) {
    fuse_reply_err(req, text.error());
    return;
  }
  const size_t from = std::min<uint64_t>(offset, text->size());
  fuse_reply_buf(req, text->data() + from, std::min(size, text->size() - from));
}

}  // namespace

void collection_open(fuse_req_t req, fuse_ino_t node, fuse_file_info* file) {
  const auto view = daemon_of(req).volume.collection(graph_of(node));
  if (!view) {
    fuse_reply_err(req, view.error());
    return;
  }
  file->direct_io = 1;
  if (!is_door(kind_of(node))) {
    file->fh = view->generation;
    fuse_reply_open(req, file);
    return;
  }
  file->nonseekable = 1;
  auto door = std::make_unique<Door>(
      std::make_shared<DoorHandle>(core::CollectionName(view->graph, view->generation)));
  file->fh = reinterpret_cast<uint64_t>(door.get());
  if (fuse_reply_open(req, file) == 0) {
    door.release();  // collection_release() takes it back
  }
}

void collection_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset,
                     fuse_file_info* file) {
  Daemon& daemon = daemon_of(req);
  if (is_door(kind_of(node))) {
    daemon.workers.run([req, &daemon, node, size, door = door_of(file)] {
      if (read_door(req, node, size, *door, false) != EAGAIN) {
        return;
      }
      daemon.long_jobs.run([req, node, size, door] { read_door(req, node, size, *door, true); });
    });
    return;
  }
  const core::CollectionName name = collection_of(node, file);
  const auto from = static_cast<uint64_t>(offset);
  if (kind_of(node) == CollectionNode::kInfo) {
    read_info(req, name, size, from);
  } else if (kind_of(node) == CollectionNode::kVectors) {
    read_file(req, size, [&](auto into) { return daemon.volume.read_vectors(name, from, into); });
  } else {
    read_file(req, size, [&](auto into) { return daemon.volume.read_graph(name, from, into); });
  }
}

void collection_write(fuse_req_t req, fuse_ino_t node, std::span<const char> bytes,
                      fuse_file_info* file) {
  if (!is_door(kind_of(node))) {
    fuse_reply_err(req, EINVAL);
    return;
  }
  const Door& door = door_of(file);
  if (const std::unique_lock lock(door->mutex, std::try_to_lock); lock) {
    stage(req, bytes, *door);
    return;
  }
  // Another read of this description is executing, perhaps a compaction.
  daemon_of(req).long_jobs.run([req, door, copy = std::vector(bytes.begin(), bytes.end())] {
    const std::lock_guard lock(door->mutex);
    stage(req, copy, *door);
  });
}

void collection_fsync(fuse_req_t req, fuse_ino_t node, fuse_file_info* file) {
  const int error = error_of_collection(daemon_of(req).volume, collection_of(node, file));
  // Nothing of the volume is behind these files.
  fuse_reply_err(req, error != 0 ? error : EINVAL);
}

void collection_release(fuse_req_t req, fuse_ino_t node, fuse_file_info* file) {
  if (is_door(kind_of(node))) {
    delete &door_of(file);
  }
  fuse_reply_err(req, 0);
}

}  // namespace vexfs::daemon
