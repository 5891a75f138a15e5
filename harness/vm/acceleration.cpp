// SPDX-License-Identifier: MIT
#include "harness/vm/acceleration.h"

#include <sys/utsname.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "harness/vm/agent_link.h"

namespace vexfs::parity::vm {
namespace {

using nlohmann::json;

// What the verdict depends on: the host's kernel and boot, and the guest's kernel.
json key_of(const ProbeOptions& options) {
  utsname name{};
  ::uname(&name);
  std::string boot_id;
  std::getline(std::ifstream("/proc/sys/kernel/random/boot_id"), boot_id);
  return {{"host", name.release}, {"boot", boot_id}, {"guest", options.image.release}};
}

std::optional<Acceleration> recall(const ProbeOptions& options) {
  const auto cached = json::parse(std::ifstream(options.cache_file), nullptr, false);
  if (!cached.is_object() || cached.value("key", json()) != key_of(options)) return std::nullopt;
  return Acceleration{
      .accelerator = cached.value("kvm", false) ? Accelerator::kKvm : Accelerator::kTcg,
      .reason = cached.value("reason", ""),
      .remembered = true};
}

void remember(const ProbeOptions& options, const Acceleration& verdict) {
  if (options.cache_file.empty()) return;
  const json cached{{"key", key_of(options)},
                    {"kvm", verdict.accelerator == Accelerator::kKvm},
                    {"reason", verdict.reason}};
  // A cache that cannot be written costs the next run three seconds, no more.
  std::ofstream(options.cache_file) << cached.dump(2) << "\n";
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

struct Trial {
  Acceleration verdict;
  bool conclusive = true;
};

// Ends after `patience` of wall time. If the host gave the guest little of it, KVM is not used now
// but nothing has been learnt about it.
Trial try_kvm(const ProbeOptions& options, Machine& machine) {
  const auto reading = [&] {
    return MachineTime{std::chrono::steady_clock::now(), machine.process().times()};
  };
  const MachineTime begin = reading();
  AgentLink link(machine, SilenceLimits{});
  std::mutex mutex;
  std::condition_variable_any never;
  const std::jthread timer([&](const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, options.patience, [] { return false; });
    if (!stop.stop_requested()) machine.kill();
  });
  const auto hello = link.call({{"kind", "hello"}});
  const auto had = guest_time(begin, reading());
  machine.kill();
  if (hello) return {{Accelerator::kKvm, "a guest booted with KVM", false}};
  const std::string qemu = first_line(machine.qemu_output());
  if (!qemu.empty() && qemu.find("warning:") == std::string::npos) {
    return {{Accelerator::kTcg, "a guest does not boot with KVM: " + qemu, false}};
  }
  if (had < options.patience / 2) {
    return {{Accelerator::kTcg, "the host is too busy to tell whether KVM works", false}, false};
  }
  return {{Accelerator::kTcg, "a guest does not boot with KVM: no answer from its agent", false}};
}

}  // namespace

std::expected<Acceleration, InfraError> probe_acceleration(const ProbeOptions& options) {
  if (::access("/dev/kvm", R_OK | W_OK) != 0) {
    return Acceleration{Accelerator::kTcg, std::string("/dev/kvm: ") + std::strerror(errno), false};
  }
  if (auto known = recall(options)) return *known;
  auto machine = Machine::start({.image = options.image,
                                 .accelerator = Accelerator::kKvm,
                                 .disk_socket = {},
                                 .work_dir = options.work_dir,
                                 .memory_mib = 256,
                                 .state = {}});
  if (!machine) return std::unexpected(machine.error());
  const Trial trial = try_kvm(options, **machine);
  if (trial.conclusive) remember(options, trial.verdict);
  return trial.verdict;
}

}  // namespace vexfs::parity::vm
