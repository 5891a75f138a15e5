// SPDX-License-Identifier: MIT
#include "harness/vm/guest.h"

#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "harness/vm/state_cache.h"

namespace vexfs::parity::vm {
namespace {

using nlohmann::json;

std::unexpected<GuestError> infra(std::string message) {
  return std::unexpected(GuestError{GuestError::Kind::kInfra, std::move(message), {}});
}

// Until its agent answers, a guest has run Linux and nothing of VexFS. What kills it there is the
// emulator: QEMU's TCG now and then executes what the kernel has just patched (an int3 long gone)
// or restores a register wrongly.
constexpr int kStartAttempts = 3;

// What a saved state holds apart from the image. The version is that of the machine's make-up.
std::string configuration_of(const GuestOptions& options) {
  return json{{"version", 5},
              {"kvm", options.accelerator == Accelerator::kKvm},
              {"memory_mib", options.memory_mib},
              {"cpus", options.cpus},
              {"smap", options.smap},
              {"avx", options.avx},
              {"volume_size", options.volume_size},
              {"preparation", options.preparation}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

// In nanoseconds since 1970: the clock of a guest from a saved state stands where it was saved.
std::int64_t realtime_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::expected<std::unique_ptr<Guest>, GuestError> Guest::boot(const GuestOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(options.work_dir, error);
  if (error) return infra("make the folder " + options.work_dir.string() + ": " + error.message());
  std::unique_ptr<Guest> guest(new Guest(options));
  auto disk =
      device::NbdServer::start({.socket = options.work_dir / "disk.sock", .export_name = ""},
                               device::Volume(options.volume_size));
  if (!disk) return infra(disk.error().message);
  guest->disk_ = std::move(*disk);
  const StateCache cache(options.image, configuration_of(options));
  if (options.reuse_state && cache.fetch(guest->state_dir())) {
    if (guest->restart()) return guest;
    cache.forget();
  }
  if (auto saved = guest->boot_prepare_and_save(); !saved) return std::unexpected(saved.error());
  if (auto restarted = guest->restart(); !restarted) return std::unexpected(restarted.error());
  if (options.reuse_state) cache.store(guest->state_dir());
  return guest;
}

Guest::~Guest() {
  if (machine_) machine_->kill();
  link_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(state_dir(), ignored);  // 100 MB that serve nobody else
}

std::expected<std::chrono::milliseconds, GuestError> Guest::start(bool resume) {
  for (int attempt = 1;; ++attempt) {
    auto started = start_once(resume);
    if (started || started.error().kind != GuestError::Kind::kDeath) return started;
    const std::string what =
        fmt::format("the guest {} died before its agent answered, attempt {} of {}",
                    options_.image.release, attempt, kStartAttempts);
    if (attempt == kStartAttempts) {
      started.error().message = what + ": " + started.error().message;
      return started;
    }
    fmt::print(stderr, "{}, and is started anew; {}", what, describe(*started.error().death));
    if (auto off = power_off(); !off) return std::unexpected(off.error());
    if (auto fresh = resume ? std::expected<void, GuestError>{} : make_state_dir(); !fresh) {
      return std::unexpected(fresh.error());
    }
  }
}

std::expected<std::chrono::milliseconds, GuestError> Guest::start_once(bool resume) {
  const auto begin = std::chrono::steady_clock::now();
  auto machine = Machine::start({.image = options_.image,
                                 .accelerator = options_.accelerator,
                                 .disk_socket = disk_->socket(),
                                 .work_dir = options_.work_dir,
                                 .memory_mib = options_.memory_mib,
                                 .cpus = options_.cpus,
                                 .smap = options_.smap,
                                 .avx = options_.avx,
                                 .state = state_dir(),
                                 .resume = resume});
  if (!machine) return infra(machine.error().message);
  machine_ = std::move(*machine);
  link_ = std::make_unique<AgentLink>(*machine_, options_.limits);
  const auto hello =
      must({{"kind", "hello"}, {"realtime_ns", realtime_now()}}, std::chrono::minutes(2));
  if (!hello) {
    GuestError error = hello.error();
    // A machine that ends without a word on its console was never a guest.
    if (error.death && error.death->console_tail.empty() && error.death->kind == DeathKind::kExit) {
      error.kind = GuestError::Kind::kInfra;
    }
    return std::unexpected(error);
  }
  if (const auto release = hello->value("release", ""); release != options_.image.release) {
    return infra("the guest runs kernel " + release + " and not " + options_.image.release +
                 "; build the target guest_images again");
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

std::expected<void, GuestError> Guest::make_state_dir() {
  std::error_code error;
  std::filesystem::remove_all(state_dir(), error);
  std::filesystem::create_directories(state_dir(), error);
  if (error) return infra("make the folder " + state_dir().string() + ": " + error.message());
  return {};
}

std::expected<void, GuestError> Guest::boot_prepare_and_save() {
  if (auto off = power_off(); !off) return off;
  if (auto made = make_state_dir(); !made) return made;
  auto booted = start(false);
  if (!booted) return std::unexpected(booted.error());
  boot_time_ = *booted;
  for (const json& request : options_.preparation) {
    if (auto done = must(request); !done) return std::unexpected(done.error());
  }
  if (auto saved = machine_->save(); !saved) return infra(saved.error().message);
  return {};
}

std::expected<json, GuestError> Guest::must(json request, std::chrono::milliseconds limit) {
  auto reply = call(std::move(request), limit);
  if (reply && !reply->value("ok", false)) {
    return infra("in the guest: " + reply->value("error", reply->dump()) +
                 reply->value("daemon_stderr", ""));
  }
  return reply;
}

std::expected<void, InfraError> Guest::cut_power() {
  if (machine_) machine_->kill();
  return disk_->wait_for_disconnect();
}

std::expected<void, GuestError> Guest::power_off() {
  if (auto cut = cut_power(); !cut) return infra(cut.error().message);
  link_.reset();
  machine_.reset();
  return {};
}

std::expected<void, GuestError> Guest::restart() {
  if (auto off = power_off(); !off) return off;
  auto started = start(true);
  if (!started) return std::unexpected(started.error());
  restart_time_ = *started;
  return {};
}

}  // namespace vexfs::parity::vm
