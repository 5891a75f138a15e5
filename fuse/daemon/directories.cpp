// SPDX-License-Identifier: MIT
// Listing directories. No state between requests: a position says all.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include <dirent.h>

#include "fuse/daemon/daemon.h"
#include "fuse/daemon/hidden_tree.h"
#include "fuse/daemon/operations.h"
#include "fuse/daemon/reply.h"
#include "reference/contract/limits.h"

namespace vexfs::daemon {

namespace {

// libfuse wants names that end with a NUL.
using Name = std::array<char, VEXFS_NAME_MAX + 1>;

Name terminated(std::string_view name) {
  Name result{};
  std::copy_n(name.begin(), std::min<size_t>(name.size(), VEXFS_NAME_MAX), result.begin());
  return result;
}

struct stat type_of(const core::DirectoryEntry& entry) {
  struct stat result{};
  result.st_ino = entry.ino;
  result.st_mode = DTTOIF(entry.type);
  return result;
}

// One reply being filled: as many entries as fit.
class Listing {
 public:
  Listing(fuse_req_t req, size_t size)
      : req_(req), room_(daemon_of(req).scratch.get(), std::min(size, kMaxTransfer)) {}

  bool add(const core::DirectoryEntry& entry) {
    const Name name = terminated(entry.name);
    const struct stat type = type_of(entry);
    const std::span left = room_.subspan(used_);
    const size_t length =
        fuse_add_direntry(req_, reinterpret_cast<char*>(left.data()), left.size(), name.data(),
                          &type, static_cast<off_t>(entry.next_position));
    return took(length, left.size());
  }

  // With attributes, which makes the entry a lookup: the kernel has one reference more.
  bool add_plus(const core::DirectoryEntry& entry) {
    const Name name = terminated(entry.name);
    const std::span left = room_.subspan(used_);
    if (fuse_add_direntry_plus(req_, nullptr, 0, name.data(), nullptr, 0) > left.size()) {
      return false;
    }
    const fuse_entry_param param = entry_param_of(entry);
    return took(
        fuse_add_direntry_plus(req_, reinterpret_cast<char*>(left.data()), left.size(), name.data(),
                               &param, static_cast<off_t>(entry.next_position)),
        left.size());
  }

  bool empty() const { return used_ == 0; }

  void send() {
    NodeTable& nodes = daemon_of(req_).nodes;
    const std::span used = room_.first(used_);
    if (fuse_reply_buf(req_, reinterpret_cast<const char*>(used.data()), used.size()) != 0) {
      for (const fuse_ino_t node : given_) {
        nodes.forget(node, 1);
      }
    }
  }

 private:
  bool took(size_t length, size_t left) {
    if (length > left) {
      return false;
    }
    used_ += length;
    return true;
  }

  fuse_entry_param entry_param_of(const core::DirectoryEntry& entry) {
    const bool is_dot = entry.name == "." || entry.name == "..";
    if (is_dot || !entry.attributes) {
      fuse_entry_param param{};  // node 0: a name and a type, not a lookup
      param.attr = type_of(entry);
      return param;
    }
    const fuse_entry_param param = entry_of(req_, *entry.attributes);
    given_.push_back(param.ino);
    return param;
  }

  fuse_req_t req_;
  std::span<std::byte> room_;
  size_t used_ = 0;
  std::vector<fuse_ino_t> given_;
};

void list(fuse_req_t req, fuse_ino_t node, size_t size, off_t position, bool plus) {
  if (is_hidden(node)) {
    hidden_readdir(req, node, size, position, plus);
    return;
  }
  const auto directory = resolve(req, node);
  if (!directory) {
    return;
  }
  Listing listing(req, size);
  const auto done =
      daemon_of(req).volume.readdir(*directory, static_cast<uint64_t>(position), plus,
                                    [&listing, plus](const core::DirectoryEntry& entry) {
                                      return plus ? listing.add_plus(entry) : listing.add(entry);
                                    });
  // As getdents(2): what stands before damage is listed, the next request meets it.
  if (done || !listing.empty()) {
    listing.send();
  } else {
    fuse_reply_err(req, done.error());
  }
}

}  // namespace

void on_opendir(fuse_req_t req, fuse_ino_t node, fuse_file_info* file) {
  if (!is_hidden(node)) {
    const auto directory = resolve(req, node);
    if (!directory) {
      return;
    }
    if (const auto alive = daemon_of(req).volume.getattr(*directory); !alive) {
      fuse_reply_err(req, alive.error());
      return;
    }
  }
  // The kernel would go on showing a cached listing after names came and went.
  file->cache_readdir = 0;
  fuse_reply_open(req, file);
}

void on_readdir(fuse_req_t req, fuse_ino_t node, size_t size, off_t position,
                fuse_file_info* /*file*/) {
  list(req, node, size, position, false);
}

void on_readdirplus(fuse_req_t req, fuse_ino_t node, size_t size, off_t position,
                    fuse_file_info* /*file*/) {
  list(req, node, size, position, true);
}

void on_releasedir(fuse_req_t req, fuse_ino_t /*node*/, fuse_file_info* /*file*/) {
  fuse_reply_err(req, 0);
}

}  // namespace vexfs::daemon
