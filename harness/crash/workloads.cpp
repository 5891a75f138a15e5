// SPDX-License-Identifier: MIT
#include "harness/crash/workloads.h"

#include <string>
#include <utility>

namespace vexfs::parity::crash {
namespace {

Data bytes(std::uint64_t seed, std::uint64_t count) { return PrngFill{seed, count}; }

OpenFlags open_flags(std::uint32_t more) { return {OpenFlags::kReadWrite | more}; }

// The files and directories that the operations work on: /A/foo, open as "f", and /A/dir, /B/bar.
std::vector<Operation> beginning() {
  return {Control{"clock 1000000000"},
          Mkdir{{"/A"}, {0755}},
          Mkdir{{"/A/dir"}, {0755}},
          Mkdir{{"/B"}, {0755}},
          Open{"f", {"/A/foo"}, open_flags(OpenFlags::kCreate), {0644}},
          Write{"f", 0, bytes(1, 5000)},
          Open{"g", {"/B/bar"}, open_flags(OpenFlags::kCreate), {0600}},
          Write{"g", 0, bytes(2, 300)},
          Close{"g"},
          Control{"sync"}};
}

std::vector<Operation> operations() {
  return {Open{"new", {"/A/new"}, open_flags(OpenFlags::kCreate), {0644}},
          Mkdir{{"/A/sub"}, {0755}},
          Rmdir{{"/A/dir"}},
          Write{"f", {}, bytes(3, 3000)},    // more at the end
          Write{"f", 0, bytes(4, 4096)},     // over what is there
          Write{"f", 20000, bytes(5, 100)},  // behind a hole
          Ftruncate{"f", 100},
          Ftruncate{"f", 9000},
          Unlink{{"/A/foo"}},
          Link{{"/A/foo"}, {"/B/link"}},
          Symlink{{"/A/foo"}, {"/B/symlink"}},
          Rename{{"/A/foo"}, {"/A/moved"}, {}},
          Rename{{"/A/foo"}, {"/B/bar"}, {}},  // over another file, into another directory
          Rename{{"/A/dir"}, {"/B/dir"}, {}},
          Setxattr{{"/A/foo"}, "user.note", std::string(200, 'x'), {}}};
}

Operation sync_point(std::size_t variant) {
  if (variant % 3 == 0) return Fsync{"f"};
  if (variant % 3 == 1) return Control{"sync"};
  return Fdatasync{"f"};
}

void add_sequences(std::vector<std::size_t>& chosen, std::size_t length,
                   std::vector<std::vector<std::size_t>>& all) {
  if (chosen.size() == length) {
    all.push_back(chosen);
    return;
  }
  for (std::size_t n = 0; n < workload_operations(); ++n) {
    chosen.push_back(n);
    add_sequences(chosen, length, all);
    chosen.pop_back();
  }
}

}  // namespace

std::size_t workload_operations() { return operations().size(); }

std::vector<Scenario> bounded_workloads(std::size_t length) {
  std::vector<std::vector<std::size_t>> sequences;
  std::vector<std::size_t> chosen;
  add_sequences(chosen, length, sequences);
  const std::vector<Operation> all = operations();
  std::vector<Scenario> scenarios;
  for (std::size_t n = 0; n < sequences.size(); ++n) {
    Scenario& scenario = scenarios.emplace_back();
    scenario.name = "workload";
    scenario.volume.blocks = 1024;
    scenario.volume.log_blocks = 256;
    for (Operation& operation : beginning())
      scenario.steps.push_back({std::move(operation), {}, {}});
    for (const std::size_t operation : sequences[n]) {
      scenario.name += "-" + std::to_string(operation);
      scenario.steps.push_back({all[operation], {}, {}});
    }
    scenario.steps.push_back({sync_point(n), {}, {}});
    const auto synced = static_cast<std::uint32_t>(beginning().size() - 1);
    scenario.steps.push_back({Crash{AfterStep{synced}, Severity::kTorn}, {}, {}});
  }
  return scenarios;
}

}  // namespace vexfs::parity::crash
