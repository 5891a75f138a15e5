// SPDX-License-Identifier: MIT
// Extended attributes: the one that makes a directory a collection. Others are not supported.
#include <cerrno>
#include <string>
#include <string_view>

#include "fuse/daemon/daemon.h"
#include "fuse/daemon/hidden_tree.h"
#include "fuse/daemon/operations.h"
#include "fuse/daemon/reply.h"

namespace vexfs::daemon {

namespace {

constexpr std::string_view kCollection = "user.vexfs.collection";

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

}  // namespace

void on_setxattr(fuse_req_t req, fuse_ino_t node, const char* name, const char* value, size_t size,
                 int flags) {
  if (is_hidden(node) || name != kCollection) {
    fuse_reply_err(req, EOPNOTSUPP);
    return;
  }
  if (const auto ino = resolve(req, node)) {
    reply_done(req, daemon_of(req).volume.set_collection(*ino, {value, size}, flags));
  }
}

void on_getxattr(fuse_req_t req, fuse_ino_t node, const char* name, size_t size) {
  if (name != kCollection) {
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
  const auto value = daemon_of(req).volume.collection_value(*ino);
  if (value) {
    reply_value(req, *value, size);
  } else {
    fuse_reply_err(req, value.error());
  }
}

void on_listxattr(fuse_req_t req, fuse_ino_t node, size_t size) {
  if (is_hidden(node)) {
    reply_value(req, {}, size);
    return;
  }
  const auto ino = resolve(req, node);
  if (!ino) {
    return;
  }
  const auto attributes = daemon_of(req).volume.getattr(*ino);
  if (!attributes) {
    fuse_reply_err(req, attributes.error());
    return;
  }
  std::string names;
  if (attributes->collection != 0) {
    names.append(kCollection).push_back('\0');
  }
  reply_value(req, names, size);
}

void on_removexattr(fuse_req_t req, fuse_ino_t node, const char* name) {
  if (is_hidden(node) || name != kCollection) {
    fuse_reply_err(req, EOPNOTSUPP);
    return;
  }
  if (const auto ino = resolve(req, node)) {
    reply_done(req, daemon_of(req).volume.remove_collection(*ino));
  }
}

}  // namespace vexfs::daemon
