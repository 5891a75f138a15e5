// SPDX-License-Identifier: MIT
// vexfs-parity doctor: what this machine can do, and how to mend what it cannot.
#include <cstdlib>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "harness/cli/command.h"
#include "harness/cli/places.h"
#include "harness/vm/acceleration.h"
#include "harness/vm/guest.h"

namespace vexfs::parity::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kGiB = 1ULL << 30;
constexpr std::uint64_t kDiskNeeded = 4 * kGiB;    // the build, saved guests, logs
constexpr std::uint64_t kMemoryNeeded = 2 * kGiB;  // four guests of 256 MiB, the harness, a build

// One line of the diagnosis.
struct Check {
  std::string name;
  bool ok = false;
  bool needed = true;  // without it no run is possible
  std::string found;
  std::string mend;  // only said if not ok
};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Standard output of a shell command; empty if it cannot be run.
std::string output_of(const std::string& command) {
  std::string output;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
  if (!pipe) return output;
  char piece[4096];
  while (const std::size_t got = std::fread(piece, 1, sizeof piece, pipe.get())) {
    output.append(piece, got);
  }
  return output;
}

Check check_root() {
  const bool root = ::geteuid() == 0;
  return {"root", root, false, root ? "this is root" : "this is not root",
          "only installing packages and mounting on this machine need it; runs do not"};
}

std::set<std::string> wanted_packages(const fs::path& list) {
  std::set<std::string> names;
  std::ifstream file(list);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    for (std::string name; words >> name;) names.insert(name);
  }
  return names;
}

Check check_packages() {
  const fs::path list = fs::path(VEXFS_SOURCE_DIR) / "cmake" / "packages.list";
  const auto wanted = wanted_packages(list);
  if (wanted.empty()) {
    return {"packages", false, true, list.string() + " cannot be read",
            "run the program from a whole checkout"};
  }
  std::istringstream installed(
      output_of("dpkg-query -W -f '${db:Status-Status} ${Package}\\n' 2>/dev/null"));
  std::set<std::string> missing = wanted;
  for (std::string status, name; installed >> status >> name;) {
    if (status == "installed") missing.erase(name);
  }
  if (missing.empty()) {
    return {"packages", true, true, fmt::format("all {} are installed", wanted.size()), {}};
  }
  const std::string names = fmt::format("{}", fmt::join(missing, " "));
  return {"packages", false, true, fmt::format("missing: {}", names),
          fmt::format("as root: apt-get install {} (or cmake/bootstrap, which does)", names)};
}

Check check_kernels() {
  const char* elsewhere = std::getenv("VEXFS_KERNELS");
  const fs::path dir =
      elsewhere != nullptr ? fs::path(elsewhere) : fs::path(VEXFS_SOURCE_DIR) / "build" / "kernels";
  std::ifstream list(dir / "releases");
  std::vector<std::string> whole;
  std::vector<std::string> broken;
  for (std::string family, release; list >> family >> release;) {
    const bool complete = fs::exists(dir / release / "complete");
    (complete ? whole : broken).push_back(fmt::format("{} ({})", family, release));
  }
  const bool ok = !whole.empty() && broken.empty();
  std::string found = ok ? fmt::format("unpacked: {}", fmt::join(whole, ", "))
                         : fmt::format("none in {}", dir.string());
  if (!broken.empty()) found = fmt::format("not whole: {}", fmt::join(broken, ", "));
  return {"kernels", ok, true, found, "run cmake/bootstrap"};
}

Check check_images(std::vector<vm::KernelImage>& images) {
  auto built = vm::find_images(images_dir());
  if (!built) {
    return {"guest images", false, true, built.error().message,
            "build the target guest_images: every './vexfs-parity run' does"};
  }
  images = std::move(*built);
  std::vector<std::string> names;
  for (const auto& image : images) names.push_back(image.release);
  return {"guest images", true, true, fmt::format("built: {}", fmt::join(names, ", ")), {}};
}

// Asks the machine, not the memory of an earlier probe: a person runs this after a change.
Check check_kvm(const std::vector<vm::KernelImage>& images, const fs::path& work_dir,
                vm::Accelerator& accelerator) {
  Check check{"KVM", false, false, "not tried: there is no guest image", {}};
  check.mend =
      "guests run in software emulation, some ten times slower; for KVM this machine, or "
      "the one around it, must offer hardware virtualisation";
  if (images.empty()) return check;
  const auto probe = vm::probe_acceleration({images.front(), work_dir / "probe", {}});
  if (!probe) {
    check.needed = true;
    check.found = probe.error().message;
    check.mend = "as root: apt-get install qemu-system-x86";
    return check;
  }
  accelerator = probe->accelerator;
  check.ok = accelerator == vm::Accelerator::kKvm;
  check.found = first_line(probe->reason);
  return check;
}

Check check_guest(const vm::KernelImage& image, vm::Accelerator accelerator,
                  const fs::path& work_dir) {
  Check check{"guest " + image.family, false, true, {}, {}};
  vm::GuestOptions options;
  options.image = image;
  options.accelerator = accelerator;
  options.work_dir = work_dir / image.family;
  options.volume_size = 1 << 20;
  options.reuse_state = false;  // what is asked is whether it boots
  auto guest = vm::Guest::boot(options);
  if (!guest) {
    check.found = "does not boot: " + first_line(guest.error().message);
    check.mend =
        "build the target guest_images anew; if that does not help: more memory, an idle "
        "machine, another QEMU";
    return check;
  }
  check.ok = true;
  check.found = fmt::format("boots in {:.1f} s",
                            std::chrono::duration<double>((*guest)->boot_time()).count());
  return check;
}

Check check_fuse() {
  const int fd = ::open("/dev/fuse", O_RDWR | O_CLOEXEC);
  const bool ok = fd >= 0;
  if (ok) ::close(fd);
  return {"/dev/fuse", ok, false, ok ? "opens" : "does not open",
          "only tests that mount on this machine need it (guests have their own): as root, "
          "'modprobe fuse', and give a container the device"};
}

Check check_disk() {
  const fs::path places[] = {images_dir().parent_path(), fs::temp_directory_path()};
  Check check{"disk space", true, true, {}, "free some, or set TMPDIR to a larger place"};
  for (const fs::path& place : places) {
    std::error_code error;
    const auto space = fs::space(place, error);
    check.ok &= !error && space.available >= kDiskNeeded;
    if (!check.found.empty()) check.found += ", ";
    check.found += error ? fmt::format("{}: {}", place.string(), error.message())
                         : fmt::format("{:.1f} GiB in {}",
                                       static_cast<double>(space.available) / kGiB, place.string());
  }
  check.found += fmt::format(" ({} GiB needed)", kDiskNeeded / kGiB);
  return check;
}

Check check_memory() {
  std::ifstream file("/proc/meminfo");
  std::uint64_t available = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("MemAvailable:")) available = std::stoull(line.substr(13)) * 1024;
  }
  return {"memory", available >= kMemoryNeeded, true,
          fmt::format("{:.1f} GiB available ({} GiB needed), {} CPUs",
                      static_cast<double>(available) / kGiB, kMemoryNeeded / kGiB,
                      ::sysconf(_SC_NPROCESSORS_ONLN)),
          "end something large, or run with fewer guests: --targets core,kmod --kernels 6.1"};
}

void print(const Check& check) {
  fmt::print("{:<8} {:<13} {}\n", check.ok ? "ok" : "missing", check.name, check.found);
  if (!check.ok) {
    fmt::print("{:22} {}: {}\n", "", check.needed ? "mend" : "not needed", check.mend);
  }
  std::fflush(stdout);  // the next check may take seconds
}

std::vector<Check> diagnose() {
  const fs::path work_dir = new_work_dir();
  std::vector<Check> checks;
  const auto add = [&checks](Check check) {
    print(check);
    checks.push_back(std::move(check));
  };
  std::vector<vm::KernelImage> images;
  vm::Accelerator accelerator = vm::Accelerator::kTcg;
  add(check_root());
  add(check_packages());
  add(check_kernels());
  add(check_fuse());
  add(check_disk());
  add(check_memory());
  add(check_images(images));
  add(check_kvm(images, work_dir, accelerator));
  for (const auto& image : images) add(check_guest(image, accelerator, work_dir));
  std::error_code ignored;
  fs::remove_all(work_dir, ignored);
  return checks;
}

bool write_json(const fs::path& path, const std::vector<Check>& checks, bool able) {
  nlohmann::json list = nlohmann::json::array();
  for (const Check& check : checks) {
    list.push_back({{"name", check.name},
                    {"ok", check.ok},
                    {"needed", check.needed},
                    {"found", check.found},
                    {"mend", check.ok ? "" : check.mend}});
  }
  std::ofstream file(path);
  file << nlohmann::json{{"able", able}, {"checks", list}}.dump(2) << '\n';
  return file.flush().good();
}

ExitCode doctor(const fs::path& json) {
  const auto checks = diagnose();
  bool able = true;
  for (const Check& check : checks) able &= check.ok || !check.needed;
  fmt::print("{}\n", able ? "This machine can run everything needed."
                          : "A run is not possible here until the above is mended.");
  if (!json.empty() && !write_json(json, checks, able)) {
    return harness_failed("cannot write " + json.string() + "; see that its folder exists");
  }
  return static_cast<ExitCode>(able ? Verdict::kParity : Verdict::kHarnessFailed);
}

}  // namespace

void add_doctor(CLI::App& program, ExitCode& exit_code) {
  CLI::App& command = *program.add_subcommand(
      "doctor", "say what this machine can do, and how to mend what it cannot");
  auto json = std::make_shared<fs::path>();
  command.add_option("--json", *json, "write the diagnosis as one object to this file");
  command.callback([json, &exit_code] { exit_code = doctor(*json); });
}

}  // namespace vexfs::parity::cli
