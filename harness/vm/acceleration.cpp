// SPDX-License-Identifier: MIT
#include "harness/vm/acceleration.h"

#include <sys/utsname.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

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

Acceleration try_kvm(const ProbeOptions& options, Machine& machine) {
  // Wall time: a KVM guest that works needs a fraction of it even on a busy host.
  SilenceLimits limits;
  limits.boot_computed = options.patience;
  limits.boot_idle = options.patience;
  AgentLink link(machine, limits);
  const auto hello = link.call({{"kind", "hello"}}, options.patience);
  machine.kill();
  if (hello) return {Accelerator::kKvm, "a guest booted with KVM", false};
  const auto death = link.death();
  const std::string why = death && !death->qemu_output.empty() ? first_line(death->qemu_output)
                          : death                              ? death->headline
                                                               : "no answer from its agent";
  return {Accelerator::kTcg, "a guest does not boot with KVM: " + why, false};
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
                                 .saved_state = {}});
  if (!machine) return std::unexpected(machine.error());
  const Acceleration verdict = try_kvm(options, **machine);
  remember(options, verdict);
  return verdict;
}

}  // namespace vexfs::parity::vm
