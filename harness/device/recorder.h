// SPDX-License-Identifier: MIT
// What a block device saw, in one order: every request with the numbers at which it arrived and was
// answered, and the marks that tell which operation had returned by then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "harness/device/volume.h"

namespace vexfs::parity::device {

enum class RequestKind : std::uint8_t { kRead, kWrite, kFlush, kTrim, kWriteZeroes };

// "read", "write", "flush", "trim", "write_zeroes".
const char* name_of(RequestKind kind);

// A request as it arrived. `data` is what a write carries and empty for every other kind.
struct Request {
  RequestKind kind = RequestKind::kRead;
  bool fua = false;
  std::uint64_t offset = 0;  // bytes
  std::uint32_t length = 0;  // bytes; 0 for a flush
  std::span<const std::byte> data;
};

struct RecordedRequest {
  RequestKind kind = RequestKind::kRead;
  bool fua = false;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
  std::vector<std::byte> data;
  std::uint64_t submitted = 0;  // S: numbered when the request had been read whole
  std::uint64_t completed = 0;  // C: numbered just before its reply is sent; 0 if never answered
  int error = 0;                // errno of the reply
};

struct RecordedMark {
  std::uint64_t number = 0;
  std::string text;
};

struct Recording {
  Volume base;                            // the content when the recording began
  std::vector<RecordedRequest> requests;  // ascending `submitted`
  std::vector<RecordedMark> marks;        // ascending `number`
  std::uint64_t end = 1;                  // every number in the recording is below this one
};

// Gives S, C and mark numbers from one counter that starts at 1. Safe to use from many threads.
class Recorder {
 public:
  explicit Recorder(Volume base);

  // The request has been read whole. Returns its handle for complete().
  std::size_t submit(const Request& request);
  // Its reply is about to be sent with this errno (0: success).
  void complete(std::size_t handle, int error);
  // Returns the mark's number.
  std::uint64_t mark(std::string text);

  // All that was recorded so far.
  Recording recording() const;

 private:
  mutable std::mutex mutex_;
  Recording recording_;
};

}  // namespace vexfs::parity::device
