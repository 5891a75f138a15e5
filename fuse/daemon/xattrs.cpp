// SPDX-License-Identifier: MIT
// Extended attributes: the one that makes a directory a collection, and the one that gives a file a
// vector. Others are not supported.
#include <sys/stat.h>

#include <cerrno>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuse/daemon/daemon.h"
#include "fuse/daemon/hidden_tree.h"
#include "fuse/daemon/operations.h"
#include "fuse/daemon/reply.h"
#include "fuse/daemon/waiting.h"

namespace vexfs::daemon {

namespace {

constexpr std::string_view kCollection = "user.vexfs.collection";
constexpr std::string_view kVector = "user.vexfs.vector";

// The answer to a caller who has room for `size` bytes; 0: who asks how many there are.
void reply_value(fuse_req_t req, std::string_view value, size_t size) {
  if (size == 0) {
    fuse_reply_xattr(req, value.size());
  } else if (size < value.size()) {
    fuse_reply_err(req, ERANGE);
  } else {
    fuse_reply_buf(req, value.data(), value.size());
  }
}

void reply_value(fuse_req_t req, std::span<const std::byte> value, size_t size) {
  reply_value(req, {reinterpret_cast<const char*>(value.data()), value.size()}, size);
}

// The value, or why there is none.
template <typename Value>
void reply_value(fuse_req_t req, const core::Expected<Value>& value, size_t size) {
  if (value) {
    reply_value(req, *value, size);
  } else {
    fuse_reply_err(req, value.error());
  }
}

bool is_supported(std::string_view name) { return name == kCollection || name == kVector; }

std::string listed(std::string_view name) { return std::string(name) + '\0'; }

// Of a regular file. On a worker, as all that concerns vectors of files: the first use of a
// collection reads all of it.
void list_vector(fuse_req_t req, core::InodeNumber ino, size_t size) {
  const auto has = daemon_of(req).volume.has_vector(ino);
  if (has) {
    reply_value(req, *has ? listed(kVector) : std::string(), size);
  } else {
    fuse_reply_err(req, has.error());
  }
}

}  // namespace

void on_setxattr(fuse_req_t req, fuse_ino_t node, const char* name, const char* value, size_t size,
                 int flags) {
  if (is_hidden(node) || !is_supported(name)) {
    fuse_reply_err(req, EOPNOTSUPP);
    return;
  }
  const auto ino = resolve(req, node);
  if (!ino) {
    return;
  }
  Daemon& daemon = daemon_of(req);
  if (name == kCollection) {
    reply_done(req, daemon.volume.set_collection(*ino, {value, size}, flags));
    return;
  }
  const auto bytes = std::as_bytes(std::span(value, size));
  daemon.workers.run(
      [req, &daemon, ino = *ino, flags, row = std::vector(bytes.begin(), bytes.end())] {
        reply_when_done(req, [&volume = daemon.volume, ino, flags, row] {
          return volume.set_vector(ino, row, flags);
        });
      });
}

void on_getxattr(fuse_req_t req, fuse_ino_t node, const char* name, size_t size) {
  if (!is_supported(name)) {
    fuse_reply_err(req, EOPNOTSUPP);
    return;
  }
  if (is_hidden(node)) {
    fuse_reply_err(req, ENODATA);
    return;
  }
  const auto ino = resolve(req, node);
  if (!ino) {
    return;
  }
  Daemon& daemon = daemon_of(req);
  if (name == kCollection) {
    reply_value(req, daemon.volume.collection_value(*ino), size);
    return;
  }
  daemon.workers.run(
      [req, &daemon, ino = *ino, size] { reply_value(req, daemon.volume.vector(ino), size); });
}

void on_listxattr(fuse_req_t req, fuse_ino_t node, size_t size) {
  if (is_hidden(node)) {
    reply_value(req, std::string_view(), size);
    return;
  }
  const auto ino = resolve(req, node);
  if (!ino) {
    return;
  }
  Daemon& daemon = daemon_of(req);
  const auto attributes = daemon.volume.getattr(*ino);
  if (!attributes) {
    fuse_reply_err(req, attributes.error());
  } else if (S_ISREG(attributes->mode)) {
    daemon.workers.run([req, ino = *ino, size] { list_vector(req, ino, size); });
  } else {
    reply_value(req, attributes->collection != 0 ? listed(kCollection) : std::string(), size);
  }
}

void on_removexattr(fuse_req_t req, fuse_ino_t node, const char* name) {
  if (is_hidden(node) || !is_supported(name)) {
    fuse_reply_err(req, EOPNOTSUPP);
    return;
  }
  const auto ino = resolve(req, node);
  if (!ino) {
    return;
  }
  Daemon& daemon = daemon_of(req);
  if (name == kCollection) {
    reply_done(req, daemon.volume.remove_collection(*ino));
    return;
  }
  daemon.workers.run([req, &daemon, ino = *ino] {
    reply_when_done(req, [&volume = daemon.volume, ino] { return volume.remove_vector(ino); });
  });
}

}  // namespace vexfs::daemon
