// SPDX-License-Identifier: MIT
#include "harness/guest/execute.h"

#include <cerrno>
#include <variant>

#include <unistd.h>

namespace vexfs::parity::guest {

OpenFiles::~OpenFiles() {
  for (auto& [handle, file] : by_handle) ::close(file.descriptor);
}

OpenFile* OpenFiles::find(const Handle& handle) {
  const auto found = by_handle.find(handle);
  return found == by_handle.end() ? nullptr : &found->second;
}

Outcome outcome_of(int result) { return result < 0 ? Outcome::failure(errno) : Outcome{}; }

Outcome execute(const Operation& operation, OpenFiles& files) {
  return std::visit([&files](const auto& held) { return execute(held, files); }, operation);
}

// The host does it, in a pause behind this step.
Outcome execute(const FailWrites&, OpenFiles&) { return {}; }
Outcome execute(const Remount&, OpenFiles&) { return Outcome::failure(ENOTSUP); }
Outcome execute(const Crash&, OpenFiles&) { return Outcome::failure(ENOTSUP); }
Outcome execute(const Compare&, OpenFiles&) { return Outcome::failure(ENOTSUP); }

}  // namespace vexfs::parity::guest
