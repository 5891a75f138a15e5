// SPDX-License-Identifier: MIT
#include "harness/device/nbd_connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>

#include "harness/device/nbd_protocol.h"

namespace vexfs::parity::device {
namespace {

using nbd::append_big_endian;
using nbd::load_big_endian;

constexpr std::size_t kReceiveBytes = 256 * 1024;

std::optional<RequestKind> kind_of(std::uint16_t command) {
  switch (command) {
    case nbd::kCmdRead:
      return RequestKind::kRead;
    case nbd::kCmdWrite:
      return RequestKind::kWrite;
    case nbd::kCmdFlush:
      return RequestKind::kFlush;
    case nbd::kCmdTrim:
      return RequestKind::kTrim;
    case nbd::kCmdWriteZeroes:
      return RequestKind::kWriteZeroes;
    default:
      return std::nullopt;
  }
}

// The protocol's error numbers are those of Linux for the ones it knows; the rest become EINVAL.
std::uint32_t wire_error(int error) {
  switch (error) {
    case 0:
    case EPERM:
    case EIO:
    case ENOMEM:
    case EINVAL:
    case ENOSPC:
      return static_cast<std::uint32_t>(error);
    case EOPNOTSUPP:
      return 95;
    default:
      return EINVAL;
  }
}

std::string_view text(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

}  // namespace

NbdConnection::NbdConnection(UniqueFd socket, std::uint64_t export_size, std::string export_name)
    : socket_(std::move(socket)), export_size_(export_size), export_name_(std::move(export_name)) {
  append_big_endian<std::uint64_t>(output_, nbd::kServerMagic);
  append_big_endian<std::uint64_t>(output_, nbd::kOptionMagic);
  append_big_endian<std::uint16_t>(output_, nbd::kFixedNewstyle | nbd::kNoZeroes);
}

std::span<const std::byte> NbdConnection::pending() const {
  return std::span(input_).subspan(consumed_);
}

void NbdConnection::receive(const OnRequest& on_request) {
  const std::size_t before = input_.size();
  input_.resize(before + kReceiveBytes);
  const ssize_t got = ::recv(socket_.get(), input_.data() + before, kReceiveBytes, 0);
  input_.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) closed_ = true;

  bool progress = true;
  while (progress) {
    switch (phase_) {
      case Phase::kClientFlags:
        progress = take_client_flags();
        break;
      case Phase::kOptions:
        progress = take_option();
        break;
      case Phase::kTransmission:
        progress = take_request(on_request);
        break;
    }
  }
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(consumed_));
  consumed_ = 0;
}

bool NbdConnection::take_client_flags() {
  if (pending().size() < sizeof(std::uint32_t)) return false;
  no_zeroes_ = (load_big_endian<std::uint32_t>(pending(), 0) & nbd::kNoZeroes) != 0;
  consumed_ += sizeof(std::uint32_t);
  phase_ = Phase::kOptions;
  return true;
}

bool NbdConnection::take_option() {
  const auto in = pending();
  if (in.size() < nbd::kOptionHeaderBytes) return false;
  const auto option = load_big_endian<std::uint32_t>(in, 8);
  const auto length = load_big_endian<std::uint32_t>(in, 12);
  if (load_big_endian<std::uint64_t>(in, 0) != nbd::kOptionMagic || length > nbd::kMaxOptionBytes) {
    closed_ = true;
    consumed_ = input_.size();
    return false;
  }
  if (in.size() < nbd::kOptionHeaderBytes + length) return false;
  answer_option(option, in.subspan(nbd::kOptionHeaderBytes, length));
  consumed_ += nbd::kOptionHeaderBytes + length;
  return true;
}

void NbdConnection::answer_option(std::uint32_t option, std::span<const std::byte> data) {
  switch (option) {
    case nbd::kOptExportName:
      answer_export_name(data);
      break;
    case nbd::kOptInfo:
    case nbd::kOptGo:
      answer_info_or_go(option, data);
      break;
    case nbd::kOptList: {
      std::vector<std::byte> entry;
      append_big_endian(entry, static_cast<std::uint32_t>(export_name_.size()));
      for (const char c : export_name_) entry.push_back(static_cast<std::byte>(c));
      append_option_reply(option, nbd::kRepServer, entry);
      append_option_reply(option, nbd::kRepAck, {});
      break;
    }
    case nbd::kOptAbort:
      append_option_reply(option, nbd::kRepAck, {});
      closed_ = true;
      break;
    default:
      append_option_reply(option, nbd::kRepErrUnsupported, {});
  }
}

// This old option has no way to refuse but to hang up.
void NbdConnection::answer_export_name(std::span<const std::byte> name) {
  if (text(name) != export_name_) {
    closed_ = true;
    return;
  }
  append_export_info(output_);
  if (!no_zeroes_) output_.resize(output_.size() + 124);
  phase_ = Phase::kTransmission;
}

void NbdConnection::answer_info_or_go(std::uint32_t option, std::span<const std::byte> data) {
  // Layout: name length (4), name, count of wanted information items (2), items (2 each).
  const auto name_length = data.size() >= 6 ? load_big_endian<std::uint32_t>(data, 0) : 0;
  if (data.size() < 6 || name_length > data.size() - 6) {
    append_option_reply(option, nbd::kRepErrInvalid, {});
    return;
  }
  if (text(data.subspan(4, name_length)) != export_name_) {
    append_option_reply(option, nbd::kRepErrUnknown, {});
    return;
  }
  std::vector<std::byte> info;
  append_big_endian<std::uint16_t>(info, nbd::kInfoExport);
  append_export_info(info);
  append_option_reply(option, nbd::kRepInfo, info);
  append_option_reply(option, nbd::kRepAck, {});
  if (option == nbd::kOptGo) phase_ = Phase::kTransmission;
}

void NbdConnection::append_option_reply(std::uint32_t option, std::uint32_t type,
                                        std::span<const std::byte> data) {
  append_big_endian<std::uint64_t>(output_, nbd::kOptionReplyMagic);
  append_big_endian(output_, option);
  append_big_endian(output_, type);
  append_big_endian(output_, static_cast<std::uint32_t>(data.size()));
  output_.insert(output_.end(), data.begin(), data.end());
}

void NbdConnection::append_export_info(std::vector<std::byte>& to) const {
  append_big_endian(to, export_size_);
  append_big_endian<std::uint16_t>(to, nbd::kHasFlags | nbd::kSendFlush | nbd::kSendFua |
                                           nbd::kSendTrim | nbd::kSendWriteZeroes);
}

bool NbdConnection::take_request(const OnRequest& on_request) {
  const auto in = pending();
  if (in.size() < nbd::kRequestHeaderBytes) return false;
  const auto flags = load_big_endian<std::uint16_t>(in, 4);
  const auto command = load_big_endian<std::uint16_t>(in, 6);
  NbdRequest incoming{.cookie = load_big_endian<std::uint64_t>(in, 8), .request = {}, .refusal = 0};
  Request& request = incoming.request;
  request.fua = (flags & nbd::kCmdFlagFua) != 0;
  request.offset = load_big_endian<std::uint64_t>(in, 16);
  request.length = load_big_endian<std::uint32_t>(in, 24);

  const bool carries_data = command == nbd::kCmdWrite || command == nbd::kCmdRead;
  if (load_big_endian<std::uint32_t>(in, 0) != nbd::kRequestMagic ||
      command == nbd::kCmdDisconnect || (carries_data && request.length > nbd::kMaxPayloadBytes)) {
    closed_ = true;
    consumed_ = input_.size();
    return false;
  }
  const std::size_t payload = command == nbd::kCmdWrite ? request.length : 0;
  if (in.size() < nbd::kRequestHeaderBytes + payload) return false;
  request.data = in.subspan(nbd::kRequestHeaderBytes, payload);

  const auto kind = kind_of(command);
  if (!kind) {
    incoming.refusal = EINVAL;
  } else {
    request.kind = *kind;
    const bool in_range =
        request.offset <= export_size_ && request.length <= export_size_ - request.offset;
    if (*kind == RequestKind::kFlush) {
      request.offset = 0;
      request.length = 0;
    } else if (!in_range) {
      incoming.refusal = *kind == RequestKind::kWrite ? ENOSPC : EINVAL;
    }
  }
  on_request(incoming);
  consumed_ += nbd::kRequestHeaderBytes + payload;
  return true;
}

void NbdConnection::reply(std::uint64_t cookie, int error, std::span<const std::byte> data) {
  append_big_endian(output_, nbd::kSimpleReplyMagic);
  append_big_endian(output_, wire_error(error));
  append_big_endian(output_, cookie);
  if (error == 0) output_.insert(output_.end(), data.begin(), data.end());
}

void NbdConnection::send() {
  while (has_output()) {
    const ssize_t put =
        ::send(socket_.get(), output_.data() + sent_, output_.size() - sent_, MSG_NOSIGNAL);
    if (put < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return;
      break;  // The client is gone, but what it sent before may still wait to be received.
    }
    sent_ += static_cast<std::size_t>(put);
  }
  output_.clear();
  sent_ = 0;
}

}  // namespace vexfs::parity::device
