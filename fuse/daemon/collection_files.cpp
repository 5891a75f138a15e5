// SPDX-License-Identifier: MIT
// What the doors and files of a collection do.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "fuse/daemon/collection_tree.h"
#include "fuse/daemon/daemon.h"
#include "fuse/daemon/reply.h"
#include "reference/contract/door.h"

namespace vexfs::daemon {

namespace {

bool is_door(CollectionNode kind) {
  return kind == CollectionNode::kQuery || kind == CollectionNode::kUpdate;
}

DoorHandle& handle_of(const fuse_file_info* file) {
  return *reinterpret_cast<DoorHandle*>(file->fh);
}

// 0, or ESTALE: the collection that the description was opened on is no more.
int error_of_handle(core::Volume& volume, core::InodeNumber graph, uint64_t generation) {
  const auto view = volume.collection(graph);
  if (!view) {
    return view.error();
  }
  return view->generation == generation ? 0 : ESTALE;
}

void reply_part(fuse_req_t req, DoorHandle& door, size_t size) {
  const size_t count = std::min(size, door.bytes.size() - door.read);
  reply_bytes(req, std::span(door.bytes).subspan(door.read, count));
  door.read += count;
}

// The first read executes what was staged. On a worker: a search may take a while.
void execute(fuse_req_t req, fuse_ino_t node, size_t size, DoorHandle& door) {
  const std::lock_guard lock(door.mutex);
  core::Volume& volume = daemon_of(req).volume;
  const core::InodeNumber graph = graph_of(node);
  if (const int error = error_of_handle(volume, graph, door.generation); error != 0) {
    fuse_reply_err(req, error);
    return;
  }
  if (!door.replying && !door.bytes.empty()) {
    const auto which =
        kind_of(node) == CollectionNode::kQuery ? core::Door::kQuery : core::Door::kUpdate;
    auto reply = volume.door(graph, which, door.bytes);
    if (!reply) {
      fuse_reply_err(req, reply.error());
      return;
    }
    door.bytes = std::move(*reply);
    door.read = 0;
    door.replying = true;
  }
  if (door.replying) {
    reply_part(req, door, size);
  } else {
    reply_bytes(req, {});
  }
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

void read_info(fuse_req_t req, core::InodeNumber graph, size_t size, uint64_t offset) {
  const auto text = daemon_of(req).volume.collection_info(graph);
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
  auto handle = std::make_unique<DoorHandle>();
  handle->generation = view->generation;
  file->fh = reinterpret_cast<uint64_t>(handle.get());
  if (fuse_reply_open(req, file) == 0) {
    handle.release();  // collection_release() takes it back
  }
}

void collection_read(fuse_req_t req, fuse_ino_t node, size_t size, off_t offset,
                     fuse_file_info* file) {
  const core::InodeNumber graph = graph_of(node);
  Daemon& daemon = daemon_of(req);
  if (is_door(kind_of(node))) {
    DoorHandle& door = handle_of(file);
    daemon.workers.run([req, node, size, &door] { execute(req, node, size, door); });
    return;
  }
  if (const int error = error_of_handle(daemon.volume, graph, file->fh); error != 0) {
    fuse_reply_err(req, error);
    return;
  }
  const auto from = static_cast<uint64_t>(offset);
  if (kind_of(node) == CollectionNode::kInfo) {
    read_info(req, graph, size, from);
  } else if (kind_of(node) == CollectionNode::kVectors) {
    read_file(req, size, [&](auto into) { return daemon.volume.read_vectors(graph, from, into); });
  } else {
    read_file(req, size, [&](auto into) { return daemon.volume.read_graph(graph, from, into); });
  }
}

void collection_write(fuse_req_t req, fuse_ino_t node, std::span<const char> bytes,
                      fuse_file_info* file) {
  if (!is_door(kind_of(node))) {
    fuse_reply_err(req, EINVAL);
    return;
  }
  DoorHandle& door = handle_of(file);
  const std::lock_guard lock(door.mutex);
  if (const int error = error_of_handle(daemon_of(req).volume, graph_of(node), door.generation);
      error != 0) {
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

void collection_release(fuse_req_t req, fuse_ino_t node, fuse_file_info* file) {
  if (is_door(kind_of(node))) {
    delete &handle_of(file);
  }
  fuse_reply_err(req, 0);
}

}  // namespace vexfs::daemon
