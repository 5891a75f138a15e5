// SPDX-License-Identifier: MIT
// Numbers of the NBD protocol (fixed newstyle handshake, simple replies), all big-endian on the
// wire: https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vexfs::parity::device::nbd {

inline constexpr std::uint64_t kServerMagic = 0x4e42444d41474943;  // "NBDMAGIC"
inline constexpr std::uint64_t kOptionMagic = 0x49484156454f5054;  // "IHAVEOPT"
inline constexpr std::uint64_t kOptionReplyMagic = 0x0003e889045565a9;
inline constexpr std::uint32_t kRequestMagic = 0x25609513;
inline constexpr std::uint32_t kSimpleReplyMagic = 0x67446698;

// Handshake flags, the same bits from server and client.
inline constexpr std::uint16_t kFixedNewstyle = 1 << 0;
inline constexpr std::uint16_t kNoZeroes = 1 << 1;

enum Option : std::uint32_t {
  kOptExportName = 1,
  kOptAbort = 2,
  kOptList = 3,
  kOptInfo = 6,
  kOptGo = 7,
};

enum OptionReply : std::uint32_t {
  kRepAck = 1,
  kRepServer = 2,
  kRepInfo = 3,
  kRepErrUnsupported = 0x80000001,
  kRepErrInvalid = 0x80000003,
  kRepErrUnknown = 0x80000006,
};

inline constexpr std::uint16_t kInfoExport = 0;

// What the export can do.
enum TransmissionFlag : std::uint16_t {
  kHasFlags = 1 << 0,
  kSendFlush = 1 << 2,
  kSendFua = 1 << 3,
  kSendTrim = 1 << 5,
  kSendWriteZeroes = 1 << 6,
};

enum Command : std::uint16_t {
  kCmdRead = 0,
  kCmdWrite = 1,
  kCmdDisconnect = 2,
  kCmdFlush = 3,
  kCmdTrim = 4,
  kCmdWriteZeroes = 6,
};

inline constexpr std::uint16_t kCmdFlagFua = 1 << 0;

inline constexpr std::size_t kOptionHeaderBytes = 16;
inline constexpr std::size_t kRequestHeaderBytes = 28;
inline constexpr std::size_t kSimpleReplyBytes = 16;
inline constexpr std::uint32_t kMaxPayloadBytes = 32 * 1024 * 1024;
inline constexpr std::uint32_t kMaxOptionBytes = 64 * 1024;

template <typename Int>
Int load_big_endian(std::span<const std::byte> from, std::size_t at) {
  Int value = 0;
  for (std::size_t i = 0; i < sizeof(Int); ++i) {
    value = static_cast<Int>((value << 8) | std::to_integer<Int>(from[at + i]));
  }
  return value;
}

template <typename Int>
void append_big_endian(std::vector<std::byte>& to, Int value) {
  for (std::size_t i = sizeof(Int); i-- > 0;) {
    to.push_back(static_cast<std::byte>((value >> (8 * i)) & 0xff));
  }
}

}  // namespace vexfs::parity::device::nbd
