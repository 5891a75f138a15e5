// SPDX-License-Identifier: MIT
// One client of the NBD server: the handshake, and bytes into requests and replies into bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "harness/device/recorder.h"
#include "harness/device/unique_fd.h"

namespace vexfs::parity::device {

// A request of the transmission phase. `refusal` is the errno with which it must be answered
// without touching the volume (range beyond the export, unknown command), or 0.
struct NbdRequest {
  std::uint64_t cookie = 0;
  Request request;
  int refusal = 0;
};

// Owned and used by one thread. The socket must be non-blocking.
class NbdConnection {
 public:
  using OnRequest = std::function<void(const NbdRequest&)>;

  NbdConnection(UniqueFd socket, std::uint64_t export_size, std::string export_name);

  int fd() const { return socket_.get(); }
  // No more requests will come: the client left, or broke the protocol.
  bool closed() const { return closed_; }
  // True while replies wait for the socket to accept them.
  bool has_output() const { return sent_ < output_.size(); }
  // True while a request has arrived in part.
  bool has_input() const { return !input_.empty(); }

  // Reads what the socket holds and calls `on_request` for each request that is whole. The data of
  // a request is valid during the call only.
  void receive(const OnRequest& on_request);
  // Answers a request; `data` is what a successful read returns.
  void reply(std::uint64_t cookie, int error, std::span<const std::byte> data);
  // Sends as much of the waiting output as the socket takes.
  void send();

 private:
  enum class Phase { kClientFlags, kOptions, kTransmission };

  std::span<const std::byte> pending() const;
  // Each consumes one message from the input; false if it is not whole yet.
  bool take_client_flags();
  bool take_option();
  bool take_request(const OnRequest& on_request);

  void answer_option(std::uint32_t option, std::span<const std::byte> data);
  void answer_export_name(std::span<const std::byte> name);
  void answer_info_or_go(std::uint32_t option, std::span<const std::byte> data);
  void append_option_reply(std::uint32_t option, std::uint32_t type,
                           std::span<const std::byte> data);
  void append_export_info(std::vector<std::byte>& to) const;

  UniqueFd socket_;
  std::uint64_t export_size_;
  std::string export_name_;
  Phase phase_ = Phase::kClientFlags;
  bool no_zeroes_ = false;
  bool closed_ = false;
  std::vector<std::byte> input_;
  std::size_t consumed_ = 0;  // of input_
  std::vector<std::byte> output_;
  std::size_t sent_ = 0;  // of output_
};

}  // namespace vexfs::parity::device
