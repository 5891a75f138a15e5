// SPDX-License-Identifier: MIT
// Replies that wait for their time: by a fault's delay, or by the seeded order of a recording.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace vexfs::parity::device {

struct PendingReply {
  std::chrono::steady_clock::time_point due;
  std::uint64_t client = 0;
  std::uint64_t cookie = 0;
  int error = 0;
  std::vector<std::byte> data;
  std::optional<std::size_t> recorded;  // handle in the recorder
};

class ReplyQueue {
 public:
  void add(PendingReply reply) { replies_.push_back(std::move(reply)); }

  std::optional<std::chrono::steady_clock::time_point> next_due() const {
    if (replies_.empty()) return std::nullopt;
    return earliest()->due;
  }

  // The reply that is due first, if it is due by `now`.
  std::optional<PendingReply> take_due(std::chrono::steady_clock::time_point now) {
    if (replies_.empty()) return std::nullopt;
    const auto first = earliest();
    if (first->due > now) return std::nullopt;
    PendingReply reply = std::move(*first);
    replies_.erase(first);
    return reply;
  }

  // Forgets the replies to a client that has left; returns how many.
  std::size_t drop_client(std::uint64_t client) {
    return std::erase_if(replies_, [client](const auto& reply) { return reply.client == client; });
  }

  // After this no reply of a recording is known to its recorder any more.
  void forget_recording() {
    for (PendingReply& reply : replies_) reply.recorded.reset();
  }

 private:
  // The first of those that share the earliest time: order of arrival decides between them.
  std::vector<PendingReply>::iterator earliest() {
    return std::min_element(replies_.begin(), replies_.end(),
                            [](const auto& a, const auto& b) { return a.due < b.due; });
  }
  std::vector<PendingReply>::const_iterator earliest() const {
    return std::min_element(replies_.begin(), replies_.end(),
                            [](const auto& a, const auto& b) { return a.due < b.due; });
  }

  std::vector<PendingReply> replies_;
};

}  // namespace vexfs::parity::device
