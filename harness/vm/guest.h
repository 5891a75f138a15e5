// SPDX-License-Identifier: MIT
// A guest as the rest of the harness uses it: a machine, its volume and the agent in it, which can
// lose power and come back from its saved state in a fraction of a second.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/device/nbd_server.h"
#include "harness/vm/agent_link.h"
#include "harness/vm/machine.h"

namespace vexfs::parity::vm {

struct GuestOptions {
  KernelImage image;
  Accelerator accelerator = Accelerator::kTcg;
  unsigned memory_mib = 256;
  bool smap = true;   // see MachineOptions
  bool avx = true;    // the same
  unsigned cpus = 1;  // more only where callers are to meet: emulated ones cost the host's
  // For sockets (keep it below 80 characters), logs and the saved state; one guest at a time in it.
  std::filesystem::path work_dir;
  // Bytes; every volume of this guest has exactly this size.
  std::uint64_t volume_size = 0;
  SilenceLimits limits;
  // Requests that every fresh guest gets before anything else, e.g. insmod of vexfs.ko. They are
  // part of the saved state, so that a restart does not repeat them.
  std::vector<nlohmann::json> preparation;
  // Start from the state that an earlier run saved with equal options, if there is one.
  bool reuse_state = true;
};

// From one thread.
class Guest {
 public:
  // Boots, prepares and saves the state, or finds a saved one; returns when the agent answers. The
  // volume is zeroes.
  static std::expected<std::unique_ptr<Guest>, GuestError> boot(const GuestOptions& options);
  ~Guest();

  // See AgentLink::call. A reply with "ok": false is a reply.
  std::expected<nlohmann::json, GuestError> call(
      nlohmann::json request, std::chrono::milliseconds limit = AgentLink::kDefaultLimit,
      const OnPause& on_pause = {}) {
    return link_->call(std::move(request), limit, on_pause);
  }
  // Like call(), but a reply with "ok": false is an error of kind kInfra with the reply's text: for
  // requests that must succeed.
  std::expected<nlohmann::json, GuestError> must(
      nlohmann::json request, std::chrono::milliseconds limit = AgentLink::kDefaultLimit);

  // The device under /dev/vda: swap volumes while nothing is mounted, inject faults, record.
  device::NbdServer& disk() { return *disk_; }

  // Power failure: returns when all that had arrived is in the volume. Only restart() helps after.
  std::expected<void, InfraError> cut_power();
  // A fresh guest from the saved state, whatever became of the last one. The volume stays as it is.
  std::expected<void, GuestError> restart();

  std::optional<DeathReport> death() const { return link_->death(); }
  const AgentLink& link() const { return *link_; }
  const KernelImage& image() const { return options_.image; }
  // From the start of QEMU until the agent's first answer; of a boot that was spared: zero.
  std::chrono::milliseconds boot_time() const { return boot_time_; }
  std::chrono::milliseconds restart_time() const { return restart_time_; }

 private:
  explicit Guest(GuestOptions options) : options_(std::move(options)) {}
  // Again if the machine dies before its agent answers, and tells so on stderr.
  std::expected<std::chrono::milliseconds, GuestError> start(bool resume);
  std::expected<std::chrono::milliseconds, GuestError> start_once(bool resume);
  std::expected<void, GuestError> make_state_dir();  // empty
  std::expected<void, GuestError> boot_prepare_and_save();
  std::expected<void, GuestError> power_off();  // until nothing is left of the machine
  std::filesystem::path state_dir() const { return options_.work_dir / "saved-state"; }

  GuestOptions options_;
  std::unique_ptr<device::NbdServer> disk_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<AgentLink> link_;  // after machine_: it uses it
  std::chrono::milliseconds boot_time_{0};
  std::chrono::milliseconds restart_time_{0};
};

}  // namespace vexfs::parity::vm
