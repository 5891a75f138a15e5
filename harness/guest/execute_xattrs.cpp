// SPDX-License-Identifier: MIT
// Operations on extended attributes.
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>

#include "harness/guest/execute.h"

namespace vexfs::parity::guest {
namespace {

// As large as Linux lets a value or a list be.
constexpr std::size_t kMostBytes = 65536;

Outcome text_outcome(ssize_t got, std::string& buffer) {
  if (got < 0) return Outcome::failure(errno);
  buffer.resize(static_cast<std::size_t>(got));
  Outcome outcome;
  outcome.text = std::move(buffer);
  return outcome;
}

}  // namespace

Outcome execute(const Setxattr& o, OpenFiles&) {
  return outcome_of(::setxattr(o.path.bytes.c_str(), o.name.c_str(), o.value.data(), o.value.size(),
                               static_cast<int>(o.flags.bits)));
}

Outcome execute(const VectorAttach& o, OpenFiles& files) { return execute(setxattr_of(o), files); }

Outcome execute(const Getxattr& o, OpenFiles&) {
  std::string buffer(kMostBytes, '\0');
  return text_outcome(
      ::getxattr(o.path.bytes.c_str(), o.name.c_str(), buffer.data(), buffer.size()), buffer);
}

Outcome execute(const Removexattr& o, OpenFiles&) {
  return outcome_of(::removexattr(o.path.bytes.c_str(), o.name.c_str()));
}

// The list ends each name with a NUL.
Outcome execute(const Listxattr& o, OpenFiles&) {
  std::string buffer(kMostBytes, '\0');
  const ssize_t got = ::listxattr(o.path.bytes.c_str(), buffer.data(), buffer.size());
  std::replace(buffer.begin(), buffer.begin() + std::max<ssize_t>(got, 0), '\0', '\n');
  return text_outcome(got, buffer);
}

}  // namespace vexfs::parity::guest
