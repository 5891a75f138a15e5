// SPDX-License-Identifier: MIT
// The event stream of a mounted volume (docs/format.md, "Events"), record by record.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "reference/tools/inspect/event.h"
#include "tools/vexctl/failure.h"
#include "tools/vexctl/unique_fd.h"

namespace vexfs::ctl {

using EventVisitor = std::function<void(const tools::EventRecord&)>;

// Visits the records in a piece of the stream that begins at `position`, at a record or at padding
// before a boundary of 4096 bytes. Fails on what is neither; names the position.
Result<void> visit_records(std::span<const std::byte> bytes, std::uint64_t position,
                           const EventVisitor& visit);

// From one thread.
class EventStream {
 public:
  // `path` names the file `events`.
  static Result<EventStream> open(const std::string& path);

  Result<std::uint64_t> oldest() const;  // position of the oldest record that is kept
  Result<void> seek(std::uint64_t position);
  // Visits what there is from the position on; true if that was anything.
  Result<bool> visit_next(const EventVisitor& visit);
  // Waits until there is more.
  Result<void> wait() const;

 private:
  explicit EventStream(std::string path, UniqueFd file)
      : path_(std::move(path)), file_(std::move(file)) {}

  std::string path_;
  UniqueFd file_;
  std::uint64_t position_ = 0;
};

}  // namespace vexfs::ctl
