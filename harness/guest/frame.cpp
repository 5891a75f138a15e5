// SPDX-License-Identifier: MIT
#include "harness/guest/frame.h"

#include <cstring>

namespace vexfs::parity::guest {
namespace {

constexpr std::uint32_t kMagic = 0x31505856;  // "VXP1", little-endian

void put_little_endian(std::byte* to, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<std::byte>((value >> (8 * i)) & 0xff);
}

std::uint32_t get_little_endian(const std::byte* from) {
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value |= std::to_integer<std::uint32_t>(from[i]) << (8 * i);
  return value;
}

}  // namespace

std::vector<std::byte> encode_frame(const nlohmann::json& message) {
  std::vector<std::uint8_t> bytes(kFrameHeaderBytes);
  nlohmann::json::to_cbor(message, bytes);
  const std::size_t payload = bytes.size() - kFrameHeaderBytes;
  if (payload > kMaxFrameBytes) return {};
  std::vector<std::byte> frame(bytes.size());
  std::memcpy(frame.data(), bytes.data(), bytes.size());
  put_little_endian(frame.data(), kMagic);
  put_little_endian(frame.data() + 4, static_cast<std::uint32_t>(payload));
  return frame;
}

void FrameReader::feed(std::span<const std::byte> bytes) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(consumed_));
  consumed_ = 0;
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

std::expected<std::optional<nlohmann::json>, std::string> FrameReader::next() {
  const std::size_t available = buffer_.size() - consumed_;
  if (available < kFrameHeaderBytes) return std::nullopt;
  const std::byte* frame = buffer_.data() + consumed_;
  if (get_little_endian(frame) != kMagic) {
    return std::unexpected("the stream does not start a frame where one must start");
  }
  const std::uint32_t length = get_little_endian(frame + 4);
  if (length > kMaxFrameBytes) {
    return std::unexpected("a frame of " + std::to_string(length) + " bytes is above the limit");
  }
  if (available < kFrameHeaderBytes + length) return std::nullopt;
  const auto* payload = reinterpret_cast<const std::uint8_t*>(frame + kFrameHeaderBytes);
  consumed_ += kFrameHeaderBytes + length;
  auto message = nlohmann::json::from_cbor(payload, payload + length, true, false);
  if (!message.is_object()) return std::unexpected("the payload of a frame is no CBOR object");
  return message;
}

}  // namespace vexfs::parity::guest
