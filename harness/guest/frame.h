// SPDX-License-Identifier: MIT
// How the host and the agent in the guest talk: frames of CBOR on a byte stream.
//
// A frame is the four bytes "VXP1", the payload's length as 32 bits little-endian, and the payload,
// one CBOR object. The host sends requests {"id": n, "kind": ..., ...}; the agent answers each with
// one reply {"id": n, "ok": true, ...} or {"id": n, "ok": false, "errno": e, "error": text}, in
// order, and sends {"kind": "heartbeat", ...} in between. docs of the kinds: harness/guest/agent.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace vexfs::parity::guest {

inline constexpr std::size_t kFrameHeaderBytes = 8;
inline constexpr std::uint32_t kMaxFrameBytes = 64 * 1024 * 1024;

// The whole frame. A message above kMaxFrameBytes gives an empty frame.
std::vector<std::byte> encode_frame(const nlohmann::json& message);

// Puts frames together from a stream that arrives in arbitrary pieces.
class FrameReader {
 public:
  void feed(std::span<const std::byte> bytes);

  // The next whole message, nothing if more bytes are needed, or what is wrong with the stream:
  // then no later message of it can be trusted.
  std::expected<std::optional<nlohmann::json>, std::string> next();

 private:
  std::vector<std::byte> buffer_;
  std::size_t consumed_ = 0;
};

}  // namespace vexfs::parity::guest
