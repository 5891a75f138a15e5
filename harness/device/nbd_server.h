// SPDX-License-Identifier: MIT
// The block device under every volume: a volume in memory, served to QEMU over a unix socket, whose
// content is swapped between mounts, whose requests can be made to fail, and which can record all
// that it sees.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "harness/device/error.h"
#include "harness/device/recorder.h"
#include "harness/device/volume.h"

namespace vexfs::parity::device {

// What shall happen to one request instead of being served.
struct Fault {
  int error = 0;  // errno of the reply; 0: success after the delay
  // With an error: how much of a write still reaches the volume (a torn write).
  std::uint32_t applied_bytes = 0;
  std::chrono::microseconds delay{0};  // before the reply is sent
};

// Asked for every request on the server's thread; must not call the server.
using FaultHook = std::function<std::optional<Fault>(const Request&)>;

struct RecordOptions {
  std::uint64_t seed = 0;
  // Each reply is held for a seeded time of up to this much and replies leave in that order.
  std::chrono::microseconds max_hold{2000};
};

struct ServerOptions {
  std::filesystem::path socket;  // created; an existing socket file there is replaced
  std::string export_name;       // as QEMU asks for it; normally empty
};

// Serves one volume to any number of clients from a thread of its own. A request takes effect on
// the volume when it has been read whole from its socket, so a client that is killed leaves
// exactly the writes that arrived. All functions may be called from any thread.
class NbdServer {
 public:
  // The export's size is that of `volume` for the server's whole life.
  static std::expected<std::unique_ptr<NbdServer>, InfraError> start(const ServerOptions& options,
                                                                     Volume volume);
  ~NbdServer();  // disconnects all clients and removes the socket file

  NbdServer(const NbdServer&) = delete;
  NbdServer& operator=(const NbdServer&) = delete;

  const std::filesystem::path& socket() const;
  std::uint64_t export_size() const;

  // Replaces the content behind the clients' connections. The filesystem on it must be unmounted:
  // a guest notices nothing. Waits up to `patience` for requests in flight to end; fails if some
  // stay, or if the size is not the export's size.
  std::expected<void, InfraError> set_volume(
      Volume volume, std::chrono::milliseconds patience = std::chrono::seconds(2));
  // The content now, as a cheap copy, once no request is in flight.
  std::expected<Volume, InfraError> volume(
      std::chrono::milliseconds patience = std::chrono::seconds(2)) const;
  // Like volume(), and leaves zeroes behind.
  std::expected<Volume, InfraError> take_volume(
      std::chrono::milliseconds patience = std::chrono::seconds(2));

  // After a client was killed: waits until all it had sent is applied and no client is left.
  std::expected<void, InfraError> wait_for_disconnect(
      std::chrono::milliseconds patience = std::chrono::seconds(2)) const;

  // An empty hook ends the faults.
  void set_fault_hook(FaultHook hook);

  // Starts recording with the content of now as base, which must be at rest.
  std::expected<void, InfraError> start_recording(const RecordOptions& options);
  // Numbers a mark on the counter of the requests; 0 if nothing is being recorded.
  std::uint64_t mark(std::string text);
  // Ends it; requests without a reply by now stay uncompleted. Fails if nothing was being recorded.
  std::expected<Recording, InfraError> stop_recording();

  // Requests answered since the start, by kind.
  std::uint64_t served(RequestKind kind) const;
  std::size_t clients() const;

 private:
  class Implementation;
  explicit NbdServer(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace vexfs::parity::device
