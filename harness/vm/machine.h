// SPDX-License-Identifier: MIT
// One QEMU: a microvm with one CPU, a volume behind NBD, a port to the agent and a serial console.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <string>

#include "harness/device/error.h"
#include "harness/device/unique_fd.h"
#include "harness/vm/kernel_image.h"
#include "harness/vm/process.h"
#include "harness/vm/qmp.h"

namespace vexfs::parity::vm {

enum class Accelerator : std::uint8_t { kTcg, kKvm };

struct MachineOptions {
  KernelImage image;
  Accelerator accelerator = Accelerator::kTcg;
  std::filesystem::path disk_socket;  // of an NBD server; empty: no disk
  std::filesystem::path work_dir;     // for logs; made if missing; one machine at a time in it
  unsigned memory_mib = 256;
  unsigned cpus = 1;
  // Whether an emulated CPU traps a kernel that touches user memory other than by copy_from_user()
  // and its like. It costs a second TLB, so it is for guests whose kernel holds a module of ours.
  bool smap = true;
  // Whether an emulated CPU has AVX and what builds on it; without it vectors are SSE2's.
  bool avx = true;
  // Folder of the state that save() makes: the guest's memory as QEMU maps it, and the rest. Empty:
  // the machine will not be saved.
  std::filesystem::path state;
  // Start from the state that a machine with equal options saved there, which many may do at once;
  // else boot.
  bool resume = false;
};

// Runs from construction until kill(). The disk is /dev/vda in the guest.
class Machine {
 public:
  // Returns when QEMU runs (booting) or when the saved state runs.
  static std::expected<std::unique_ptr<Machine>, InfraError> start(const MachineOptions& options);

  // Both non-blocking.
  int port_fd() const { return port_.get(); }
  int serial_fd() const { return serial_.get(); }
  const Process& process() const { return *process_; }
  const std::filesystem::path& work_dir() const { return options_.work_dir; }

  // Makes the state in its folder whole and leaves the guest stopped: all that remains is to kill
  // it. The agent must be idle and nothing mounted.
  std::expected<void, InfraError> save();

  // At once and without asking the guest: a power failure. What arrived at the NBD server stays.
  void kill();
  bool killed() const { return killed_; }

  // What QEMU itself has printed.
  std::string qemu_output() const;

 private:
  explicit Machine(MachineOptions options) : options_(std::move(options)) {}
  std::expected<void, InfraError> resume_saved_state();

  MachineOptions options_;
  UniqueFd port_;
  UniqueFd serial_;
  std::unique_ptr<Qmp> qmp_;
  std::unique_ptr<Process> process_;
  std::atomic<bool> killed_{false};
};

}  // namespace vexfs::parity::vm
