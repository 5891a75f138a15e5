// SPDX-License-Identifier: MIT
#include "harness/device/recorder.h"

#include <utility>

namespace vexfs::parity::device {

const char* name_of(RequestKind kind) {
  switch (kind) {
    case RequestKind::kRead:
      return "read";
    case RequestKind::kWrite:
      return "write";
    case RequestKind::kFlush:
      return "flush";
    case RequestKind::kTrim:
      return "trim";
    case RequestKind::kWriteZeroes:
      return "write_zeroes";
  }
  return "unknown";
}

Recorder::Recorder(Volume base) { recording_.base = std::move(base); }

std::size_t Recorder::submit(const Request& request) {
  RecordedRequest recorded{.kind = request.kind,
                           .fua = request.fua,
                           .offset = request.offset,
                           .length = request.length,
                           .data = {request.data.begin(), request.data.end()}};
  const std::scoped_lock lock(mutex_);
  recorded.submitted = recording_.end++;
  recording_.requests.push_back(std::move(recorded));
  return recording_.requests.size() - 1;
}

void Recorder::complete(std::size_t handle, int error) {
  const std::scoped_lock lock(mutex_);
  recording_.requests[handle].completed = recording_.end++;
  recording_.requests[handle].error = error;
}

std::uint64_t Recorder::mark(std::string text) {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t number = recording_.end++;
  recording_.marks.push_back({number, std::move(text)});
  return number;
}

Recording Recorder::recording() const {
  const std::scoped_lock lock(mutex_);
  return recording_;
}

}  // namespace vexfs::parity::device
