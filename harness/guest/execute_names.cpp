// SPDX-License-Identifier: MIT
// Operations on names: what makes, removes and moves directory entries.
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "harness/guest/execute.h"

namespace vexfs::parity::guest {
namespace {

// Longer than any symlink target that a Linux path call accepts.
constexpr std::size_t kLinkBuffer = 8192;

}  // namespace

Outcome execute(const Mkdir& o, OpenFiles&) {
  return outcome_of(::mkdir(o.path.bytes.c_str(), o.mode.bits));
}

Outcome execute(const Rmdir& o, OpenFiles&) { return outcome_of(::rmdir(o.path.bytes.c_str())); }

Outcome execute(const Mknod& o, OpenFiles&) {
  const bool is_device = o.type == NodeType::kCharacter || o.type == NodeType::kBlock;
  const dev_t device = is_device ? makedev(o.major, o.minor) : 0;
  return outcome_of(::mknod(o.path.bytes.c_str(), node_type_bits(o.type) | o.mode.bits, device));
}

Outcome execute(const Unlink& o, OpenFiles&) { return outcome_of(::unlink(o.path.bytes.c_str())); }

Outcome execute(const Link& o, OpenFiles&) {
  return outcome_of(::link(o.from.bytes.c_str(), o.to.bytes.c_str()));
}

Outcome execute(const Symlink& o, OpenFiles&) {
  return outcome_of(::symlink(o.target.bytes.c_str(), o.path.bytes.c_str()));
}

Outcome execute(const Readlink& o, OpenFiles&) {
  std::array<char, kLinkBuffer> buffer;
  const ssize_t length = ::readlink(o.path.bytes.c_str(), buffer.data(), buffer.size());
  if (length < 0) return Outcome::failure(errno);
  Outcome outcome;
  outcome.text = std::string(buffer.data(), static_cast<std::size_t>(length));
  return outcome;
}

Outcome execute(const Rename& o, OpenFiles&) {
  const unsigned flags = (o.flags.has(RenameFlags::kNoReplace) ? 1u : 0u) |  // RENAME_NOREPLACE
                         (o.flags.has(RenameFlags::kExchange) ? 2u : 0u);    // RENAME_EXCHANGE
  return outcome_of(static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, o.from.bytes.c_str(),
                                               AT_FDCWD, o.to.bytes.c_str(), flags)));
}

}  // namespace vexfs::parity::guest
