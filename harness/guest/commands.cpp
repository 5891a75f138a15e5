// SPDX-License-Identifier: MIT
#include "harness/guest/commands.h"

#include <sys/klog.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "harness/crash/operation_marks.h"
#include "harness/device/unique_fd.h"
#include "harness/guest/files.h"
#include "harness/guest/modules.h"
#include "harness/guest/process.h"
#include "harness/guest/recorded_disk.h"
#include "harness/guest/recording_message.h"
#include "harness/guest/reply.h"

namespace vexfs::parity::guest {
namespace {

using nlohmann::json;

constexpr const char* kTestModule = "/vexfs_testmod.ko";

std::string text(const json& request, const char* key) {
  return request.at(key).get<std::string>();
}

json hello(const json& request) {
  if (request.contains("realtime_ns")) {
    const std::chrono::nanoseconds now(request["realtime_ns"].get<std::int64_t>());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now);
    const timespec time{.tv_sec = seconds.count(), .tv_nsec = (now - seconds).count()};
    if (::clock_settime(CLOCK_REALTIME, &time) != 0) return failure(errno, "set the clock");
  }
  utsname name{};
  ::uname(&name);
  const auto uptime = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  auto reply = success();
  reply["release"] = std::string(name.release);
  reply["modules"] = loaded_modules();
  reply["uptime_ms"] = uptime.count();
  reply["realtime_ns"] = std::chrono::duration_cast<std::chrono::nanoseconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
  return reply;
}

json echo(const json& request) {
  auto reply = success();
  if (request.contains("data")) reply["data"] = request["data"];
  return reply;
}

json insmod(const json& request) {
  const auto path = text(request, "path");
  const int error = insert_module(path, request.value("params", ""));
  return error == 0 ? success() : failure(error, "insmod " + path);
}

json rmmod(const json& request) {
  const auto name = text(request, "name");
  const int error = remove_module(name);
  return error == 0 ? success() : failure(error, "rmmod " + name);
}

json run(const json& request) {
  const auto argv = request.at("argv").get<std::vector<std::string>>();
  const auto input = request.contains("stdin") ? bytes_of(request["stdin"]) : std::string();
  const auto result = run_tool(argv, input);
  if (!result) return failure(result.error(), "run " + (argv.empty() ? "nothing" : argv[0]));
  auto reply = success();
  if (WIFEXITED(result->status)) {
    reply["exit_code"] = WEXITSTATUS(result->status);
  } else {
    reply["signal"] = WTERMSIG(result->status);
  }
  reply["stdout"] = byte_string(result->standard_output);
  reply["stderr"] = byte_string(result->standard_error);
  return reply;
}

json dmesg() {
  constexpr int kReadAll = 3;
  constexpr int kBufferSize = 10;
  std::string log(static_cast<std::size_t>(std::max(0, ::klogctl(kBufferSize, nullptr, 0))), '\0');
  const int got = ::klogctl(kReadAll, log.data(), static_cast<int>(log.size()));
  if (got < 0) return failure(errno, "read the kernel's log");
  log.resize(static_cast<std::size_t>(got));
  auto reply = success();
  reply["text"] = log;
  return reply;
}

json press_sysrq(const char* key) {
  const UniqueFd trigger(::open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC));
  if (!trigger || ::write(trigger.get(), key, 1) != 1) {
    return failure(errno, std::string("press sysrq ") + key);
  }
  return success();
}

// The machine is started with -no-reboot: QEMU ends instead of booting again.
json end_machine() {
  ::sync();
  ::reboot(RB_AUTOBOOT);
  return failure(errno, "reboot");
}

json crash(const json& request) {
  const auto how = text(request, "how");
  if (how == "panic") return press_sysrq("c");
  if (how == "exit") return end_machine();
  if (how == "oops" || how == "hang") {
    return failure(insert_module(kTestModule, "mode=" + how), std::string("insmod ") + kTestModule);
  }
  return failure(EINVAL, "crash: unknown way '" + how + "'; use panic, oops, hang or exit");
}

}  // namespace

json Commands::execute(const json& request) {
  try {
    return dispatch(request);
  } catch (const std::exception& error) {
    return failure(EINVAL, std::string("request not understood: ") + error.what());
  }
}

bool Commands::is_diagnosis(const std::string& kind) {
  return kind == "show_tasks" || kind == "dmesg";
}

json Commands::diagnose(const std::string& kind) {
  return kind == "show_tasks" ? press_sysrq("t") : dmesg();
}

json Commands::dispatch(const json& request) {
  const auto kind = text(request, "kind");
  const std::map<std::string, std::function<json()>> handlers{
      {"hello", [&] { return hello(request); }},
      {"echo", [&] { return echo(request); }},
      {"insmod", [&] { return insmod(request); }},
      {"rmmod", [&] { return rmmod(request); }},
      {"mount", [&] { return mount(request); }},
      {"umount", [&] { return mounts_.umount(text(request, "dir")); }},
      {"steps", [&] { return steps(request, pause_); }},
      {"segment", [&] { return segment(request, pause_); }},
      {"record", [&] { return record(request); }},
      {"run", [&] { return run(request); }},
      {"read_file", [&] { return read_file(request); }},
      {"write_file", [&] { return write_file(request); }},
      {"dmesg", [&] { return diagnose(kind); }},
      {"show_tasks", [&] { return diagnose(kind); }},
      {"crash", [&] { return crash(request); }},
      {"poweroff", [] { return end_machine(); }},
  };
  const auto handler = handlers.find(kind);
  if (handler != handlers.end()) return handler->second();
  return failure(EINVAL, "unknown kind of request '" + kind + "'");
}

json Commands::mount(const json& request) {
  return mounts_.mount({.target = text(request, "target"),
                        .device = text(request, "device"),
                        .dir = text(request, "dir"),
                        .options = request.value("options", ""),
                        .stack_kib = request.value("stack_kib", std::uint64_t{0})});
}

json Commands::segment(const json& request, const Pause& pause) {
  if (auto mounted = mount(request); !mounted["ok"]) {
    mounted["stage"] = "mount";
    return mounted;
  }
  auto reply = steps(request, pause);
  if (!request.at("unmount").get<bool>()) return reply;
  auto unmounted = mounts_.umount(text(request, "dir"));
  if (!unmounted["ok"]) unmounted["stage"] = "unmount";
  reply.update(unmounted);
  return reply;
}

json Commands::record(json request) {
  const device::RecordOptions options{
      .seed = request.at("seed").get<std::uint64_t>(),
      .max_hold = std::chrono::microseconds(request.at("max_hold_us").get<std::int64_t>())};
  auto disk = RecordedDisk::attach(text(request, "device"),
                                   request.at("bytes").get<std::uint64_t>(), options);
  if (!disk) return failure(EIO, disk.error());
  request["device"] = RecordedDisk::kPath;
  auto reply = segment(
      request, [&disk](std::size_t steps_done) { crash::mark_between(**disk, steps_done); });
  const bool unmounts = request.at("unmount").get<bool>();
  if (unmounts && reply["ok"])
    (*disk)->mark(crash::end_mark(request.at("steps").get<std::size_t>()));
  const auto recording = (*disk)->stop_recording();
  if (!recording) return failure(EIO, recording.error());
  reply["recording"] = message_of(*recording);
  // What is written now goes nowhere.
  if (!unmounts && reply["ok"]) reply.update(mounts_.umount(text(request, "dir")));
  return reply;
}

json Commands::steps(const json& request, const Pause& pause) {
  const auto dir = request.value("dir", "/mnt");
  Session* session = mounts_.session(dir);
  if (session == nullptr) return failure(EINVAL, "steps: nothing is mounted on " + dir);
  auto reply = success();
  const Json batch = Json::from_cbor(request.at("batch").get_binary(), true, false);
  reply["result"] = json::binary(Json::to_cbor(session->execute(batch, pause)));
  return reply;
}

}  // namespace vexfs::parity::guest
