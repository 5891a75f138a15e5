// SPDX-License-Identifier: MIT
#include "harness/vm/qmp.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include <poll.h>

namespace vexfs::parity::vm {

using nlohmann::json;

std::expected<json, InfraError> Qmp::execute(const std::string& command, const json& arguments,
                                             std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  if (!negotiated_) {
    if (auto greeting = read_message(deadline); !greeting) return greeting;
    auto ready = send_and_wait("qmp_capabilities", json::object(), deadline);
    if (!ready) return ready;
    negotiated_ = true;
  }
  return send_and_wait(command, arguments, deadline);
}

std::expected<json, InfraError> Qmp::send_and_wait(const std::string& command,
                                                   const json& arguments, Deadline deadline) {
  const std::string line = json{{"execute", command}, {"arguments", arguments}}.dump() + "\n";
  if (::send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(line.size())) {
    return last_system_error("send to QEMU the command", command);
  }
  while (true) {
    auto message = read_message(deadline);
    if (!message) {
      message.error().message += " (waiting for the answer to " + command + ")";
      return message;
    }
    if (message->contains("return")) return message->at("return");
    if (message->contains("error")) {
      return infra_error("QEMU refuses " + command + ": " +
                         message->at("error").value("desc", "no reason given"));
    }
  }
}

std::expected<json, InfraError> Qmp::read_message(Deadline deadline) {
  while (true) {
    const auto end = input_.find('\n');
    if (end != std::string::npos) {
      auto message = json::parse(input_.substr(0, end), nullptr, false);
      input_.erase(0, end + 1);
      if (!message.is_object()) return infra_error("QEMU's monitor sent something that is no JSON");
      return message;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    pollfd entry{socket_.get(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&entry, 1, static_cast<int>(left.count())) == 0) {
      return infra_error("QEMU's monitor is silent");
    }
    std::array<char, 4096> buffer;
    const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (got == 0) return infra_error("QEMU has ended");
    if (got < 0 && errno != EINTR) return last_system_error("read from", "QEMU's monitor");
    if (got > 0) input_.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace vexfs::parity::vm
