// SPDX-License-Identifier: MIT
#include "harness/vm/machine.h"

#include <sys/socket.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include <fcntl.h>

#include "harness/guest/port_name.h"
#include "harness/vm/host_clock.h"

namespace vexfs::parity::vm {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

// Order in which the sockets are passed to QEMU, which has them from descriptor 3 on.
constexpr int kPortFd = 3;
constexpr int kSerialFd = 4;
constexpr int kQmpFd = 5;

struct SocketPair {
  UniqueFd ours;
  UniqueFd theirs;
};

std::expected<SocketPair, InfraError> make_socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return last_system_error("make a socket pair for", "QEMU");
  }
  return SocketPair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::string in_shell_quotes(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string socket_chardev(const char* id, int fd) {
  return "socket,id=" + std::string(id) + ",fd=" + std::to_string(fd);
}

// panic=-1 with -no-reboot: QEMU ends as soon as the panic is printed. loglevel=5 lets warnings
// through, which `quiet` would hide. An oops must not go on with a damaged kernel. The second line
// spares an emulated kernel a second of tests and proofs of itself at boot, the third some work at
// each allocation, process and unmount; memory that is not zeroed also shows who forgets to. The
// fourth takes out what no test needs and each page fault, path walk and task switch pays for.
constexpr const char* kKernelArguments =
    "console=ttyS0 loglevel=5 oops=panic panic=-1 reboot=t random.trust_cpu=on nokaslr "
    "cryptomgr.notests initcall_blacklist=jent_mod_init,load_system_certificate_list "
    "mitigations=off init_on_alloc=0 norandmaps rcupdate.rcu_expedited=1 "
    "lsm= cgroup_disable=memory psi=0 randomize_kstack_offset=off";

std::string kernel_arguments(Accelerator accelerator) {
  std::string arguments = kKernelArguments;
  if (accelerator == Accelerator::kTcg) {
    // reliable: else the guest's clock watchdog distrusts the TSC later and ticks every 4 ms
    // instead.
    arguments += " tsc=reliable tsc_early_khz=" + std::to_string(host_tsc_khz());
  }
  return arguments;
}

// TCG's CPU with all that it can do, less:
// - cmpxchg16b, which Linux has in its allocator: up to QEMU 7.2 it leaves the wrong flags, and an
//   interrupt right behind it restores them, among them single step and interrupts off;
// - what the guest would use and emulation makes dear: string instructions that copy and clear byte
//   by byte, a fifth level of page tables, and protection keys, which Linux switches together with
//   the task and each time flushes the whole TLB.
std::string emulated_cpu(const MachineOptions& options) {
  return std::string("max,-cx16,-erms,-fsrm,-la57,-pku") + (options.smap ? "" : ",-smap") +
         (options.avx ? "" : ",-avx,-avx2,-f16c,-fma");
}

void add_accelerator(std::vector<std::string>& argv, const MachineOptions& options) {
  if (options.accelerator == Accelerator::kKvm) {
    argv.insert(argv.end(), {"-accel", "kvm", "-cpu", "host"});
  } else {
    argv.insert(argv.end(), {"-accel", "tcg", "-cpu", emulated_cpu(options)});
  }
}

void add_disk(std::vector<std::string>& argv, const std::filesystem::path& socket) {
  const json disk{{"driver", "nbd"},
                  {"node-name", "b0"},
                  {"server", {{"type", "unix"}, {"path", socket.string()}}},
                  {"discard", "unmap"},
                  {"cache", {{"direct", true}, {"no-flush", false}}}};
  // report: an error of the device belongs to the guest; the default for ENOSPC stops the machine.
  argv.insert(argv.end(), {"-blockdev", disk.dump(), "-device",
                           "virtio-blk-device,drive=b0,id=disk0,request-merging=off,werror=report,"
                           "rerror=report"});
}

// While the machine boots its memory is a file; that of a resumed one is a private copy of the
// file, page by page as it is written. So saving and resuming move no memory.
std::string memory_file(const MachineOptions& options) {
  return json{{"qom-type", "memory-backend-file"},
              {"id", "ram"},
              {"size", std::uint64_t{options.memory_mib} << 20},
              {"mem-path", (options.state / "memory").string()},
              {"share", !options.resume}}
      .dump();
}

std::vector<std::string> command_line(const MachineOptions& options) {
  const bool in_file = !options.state.empty();
  std::vector<std::string> argv{"qemu-system-x86_64", "-M",
                                in_file ? "microvm,rtc=on,memory-backend=ram" : "microvm,rtc=on"};
  if (in_file) argv.insert(argv.end(), {"-object", memory_file(options)});
  add_accelerator(argv, options);
  argv.insert(argv.end(),
              {"-m", std::to_string(options.memory_mib), "-smp", std::to_string(options.cpus),
               "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"});
  if (options.resume) {
    argv.insert(argv.end(), {"-incoming", "defer"});
  } else {
    argv.insert(argv.end(), {"-kernel", options.image.vmlinux.string(), "-initrd",
                             options.image.initramfs.string(), "-append",
                             kernel_arguments(options.accelerator)});
  }
  argv.insert(argv.end(),
              {"-chardev", socket_chardev("port", kPortFd), "-chardev",
               socket_chardev("serial", kSerialFd), "-chardev", socket_chardev("qmp", kQmpFd),
               "-serial", "chardev:serial", "-mon", "chardev=qmp,mode=control"});
  argv.insert(argv.end(), {"-device", "virtio-serial-device", "-device",
                           std::string("virtserialport,chardev=port,name=") + guest::kPortName});
  if (!options.disk_socket.empty()) add_disk(argv, options.disk_socket);
  return argv;
}

json memory_stays_in_its_file() {
  return {{"capabilities", {{{"capability", "x-ignore-shared"}, {"state", true}}}}};
}

}  // namespace

std::expected<std::unique_ptr<Machine>, InfraError> Machine::start(const MachineOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(options.work_dir, error);
  if (error) {
    return infra_error("make the folder " + options.work_dir.string() + ": " + error.message());
  }
  auto port = make_socket_pair();
  auto serial = make_socket_pair();
  auto qmp = make_socket_pair();
  if (!port || !serial || !qmp) return infra_error("no sockets left for QEMU; raise ulimit -n");
  std::unique_ptr<Machine> machine(new Machine(options));
  machine->port_ = std::move(port->ours);
  machine->serial_ = std::move(serial->ours);
  for (const int fd : {machine->port_fd(), machine->serial_fd()}) {
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
  }
  machine->qmp_ = std::make_unique<Qmp>(std::move(qmp->ours));

  ProcessOptions process{
      .argv = command_line(options), .passed = {}, .output = options.work_dir / "qemu.log"};
  process.passed.push_back(std::move(port->theirs));
  process.passed.push_back(std::move(serial->theirs));
  process.passed.push_back(std::move(qmp->theirs));
  auto started = Process::start(std::move(process));
  if (!started) {
    started.error().message += "; apt-get install qemu-system-x86";
    return std::unexpected(started.error());
  }
  machine->process_ = std::move(*started);
  if (options.resume) {
    if (auto resumed = machine->resume_saved_state(); !resumed) {
      resumed.error().message += "; QEMU says: " + machine->qemu_output();
      return std::unexpected(resumed.error());
    }
  }
  return machine;
}

std::expected<void, InfraError> Machine::resume_saved_state() {
  const auto file = in_shell_quotes((options_.state / "devices").string());
  for (const auto& [command, arguments] :
       {std::pair{"migrate-set-capabilities", memory_stays_in_its_file()},
        std::pair{"migrate-incoming", json{{"uri", "exec:cat " + file}}}}) {
    if (auto done = qmp_->execute(command, arguments); !done) return std::unexpected(done.error());
  }
  while (true) {
    const auto status = qmp_->execute("query-status");
    if (!status) return std::unexpected(status.error());
    if (status->value("status", "") != "inmigrate") break;
    std::this_thread::sleep_for(2ms);
  }
  const auto running = qmp_->execute("cont");
  if (!running) return std::unexpected(running.error());
  return {};
}

std::expected<void, InfraError> Machine::save() {
  const auto file = in_shell_quotes((options_.state / "devices").string());
  for (const auto& [command, arguments] :
       {std::pair{"stop", json::object()},
        std::pair{"migrate-set-capabilities", memory_stays_in_its_file()},
        std::pair{"migrate", json{{"uri", "exec:cat > " + file}}}}) {
    if (auto done = qmp_->execute(command, arguments); !done) return std::unexpected(done.error());
  }
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  std::string status = "setup";
  while (status != "completed") {
    const auto progress = qmp_->execute("query-migrate");
    if (!progress) return std::unexpected(progress.error());
    status = progress->value("status", status);
    if (status == "failed" || std::chrono::steady_clock::now() > deadline) {
      return infra_error("save the guest's state in " + options_.state.string() + ": QEMU says " +
                         progress->value("error-desc", status) + "; is the disk full?");
    }
    std::this_thread::sleep_for(5ms);
  }
  return {};
}

void Machine::kill() {
  killed_ = true;
  process_->kill();
}

std::string Machine::qemu_output() const {
  std::ostringstream text;
  text << std::ifstream(options_.work_dir / "qemu.log").rdbuf();
  return text.str();
}

}  // namespace vexfs::parity::vm
