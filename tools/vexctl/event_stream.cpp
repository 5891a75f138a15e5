// SPDX-License-Identifier: MIT
#include "tools/vexctl/event_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace vexfs::ctl {
namespace {

constexpr std::uint64_t kBlock = VEXFS_BLOCK_SIZE;
constexpr std::uint64_t kChunk = 16 * kBlock;

// The fields of a record as far as they fit into it.
std::vector<tools::EventField> fields_of(std::span<const std::byte> record, std::size_t payload) {
  std::vector<tools::EventField> fields;
  const std::size_t end = std::min(record.size(), sizeof(vexfs_event) + payload);
  for (std::size_t at = sizeof(vexfs_event); at + sizeof(vexfs_event_field) <= end;) {
    vexfs_event_field field;
    std::memcpy(&field, record.data() + at, sizeof field);
    at += sizeof field;
    if (field.length > end - at) break;
    fields.push_back({field.tag, static_cast<std::uint32_t>(at), record.subspan(at, field.length)});
    at += (field.length + 3U) & ~3U;
  }
  return fields;
}

}  // namespace

Result<void> visit_records(std::span<const std::byte> bytes, std::uint64_t position,
                           const EventVisitor& visit) {
  for (std::size_t at = 0; at < bytes.size();) {
    vexfs_event header{};
    std::memcpy(&header, bytes.data() + at, std::min(sizeof header, bytes.size() - at));
    const auto padding =
        std::min<std::size_t>(kBlock - (position + at) % kBlock, bytes.size() - at);
    if (tools::all_zero(bytes.subspan(at, padding))) {
      at += padding;
      continue;
    }
    if (header.magic != VEXFS_EVENT_MAGIC || header.length < sizeof header ||
        header.length > bytes.size() - at) {
      return std::unexpected(Failure{fmt::format(
          "no event begins at position {}: give the position of one, or 0", position + at)});
    }
    const auto record = bytes.subspan(at, header.length);
    visit({position + at, header, record, fields_of(record, header.payload), true});
    at += header.length;
  }
  return {};
}

Result<EventStream> EventStream::open(const std::string& path) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::unexpected(system_failure("opening " + path + " (root may)", errno));
  return EventStream(path, std::move(file));
}

// Positions below it answer ESTALE. It is at a block boundary, and below 2^62.
Result<std::uint64_t> EventStream::oldest() const {
  std::uint64_t low = 0;
  std::uint64_t high = VEXFS_RING_HEAD_END / kBlock;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    char byte = 0;
    const auto at = static_cast<off_t>(middle * kBlock);
    if (::pread(file_.get(), &byte, 1, at) >= 0) {
      high = middle;
    } else if (errno == ESTALE) {
      low = middle + 1;
    } else {
      return std::unexpected(system_failure("reading " + path_, errno));
    }
  }
  return low * kBlock;
}

Result<void> EventStream::seek(std::uint64_t position) {
  position_ = position;
  if (::lseek(file_.get(), static_cast<off_t>(position), SEEK_SET) >= 0) return {};
  return std::unexpected(
      system_failure(fmt::format("going to position {} of {}", position, path_), errno));
}

Result<bool> EventStream::visit_next(const EventVisitor& visit) {
  // No record crosses a boundary of 4096 bytes, so none is cut at the end of what is read here.
  std::vector<std::byte> bytes(kChunk - position_ % kBlock);
  const ssize_t got = ::read(file_.get(), bytes.data(), bytes.size());
  if (got < 0 && errno == ESTALE) {
    return std::unexpected(Failure{fmt::format(
        "{}: the events at position {} are no longer kept: begin without --from, at the oldest",
        path_, position_)});
  }
  if (got < 0) return std::unexpected(system_failure("reading " + path_, errno));
  const std::span<const std::byte> read(bytes.data(), static_cast<std::size_t>(got));
  auto visited = visit_records(read, position_, visit);
  if (!visited) return std::unexpected(Failure{path_ + ": " + visited.error().message});
  position_ += read.size();
  return got > 0;
}

Result<void> EventStream::wait() const {
  pollfd events{.fd = file_.get(), .events = POLLIN, .revents = 0};
  if (::poll(&events, 1, -1) >= 0) return {};
  return std::unexpected(system_failure("waiting for " + path_, errno));
}

}  // namespace vexfs::ctl
