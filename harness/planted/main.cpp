// SPDX-License-Identifier: MIT
// vexfs-parity-planted: plants one fault at a time into the engine and says which check noticed it.
#include <algorithm>
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "harness/planted/guest_hunt.h"
#include "harness/planted/hunt.h"
#include "harness/report/events.h"

namespace vexfs::parity {
namespace {

struct Options {
  HuntOptions hunt;
  std::vector<std::string> faults;  // empty: all
  std::string targets = "core";
  std::filesystem::path json;
  bool verbose = false;
};

// A row of the matrix.
struct Row {
  std::string fault;
  std::string mistake;
  std::string expected;
  HuntResult result;
  bool good = false;
};

std::string joined_names(const std::vector<FailureKind>& checks) {
  std::string names;
  for (const FailureKind check : checks) {
    names += (names.empty() ? "" : " or ") + std::string(name_of(check));
  }
  return names;
}

bool noticed_by_right_check(const std::vector<FailureKind>& checks, const HuntResult& result) {
  return result.caught && std::ranges::any_of(checks, [&](FailureKind check) {
           return result.caught->check == name_of(check);
         });
}

void print(const Row& row, bool verbose) {
  const auto& caught = row.result.caught;
  const std::size_t alarms = row.result.alarming.size();
  const std::string how =
      caught ? fmt::format("{} after {} ({})", caught->check, caught->after, caught->scenario)
             : fmt::format("nothing in {}", row.result.scenarios);
  fmt::print("{:<5} {:<34} {:<18} {}\n", row.good ? "ok" : "FAIL", row.fault, row.expected, how);
  if (alarms > 1) fmt::print("      in {} of {} scenarios\n", alarms, row.result.scenarios);
  if (!row.result.broken.empty()) fmt::print("      broken: {}\n", row.result.broken);
  if (caught && (verbose || !row.good)) {
    fmt::print("      {}\n", caught->signature);
    for (const std::string& line : caught->lines) fmt::print("      {}\n", line);
  }
  std::fflush(stdout);
}

nlohmann::json to_json(const Row& row) {
  nlohmann::json object{{"fault", row.fault},
                        {"mistake", row.mistake},
                        {"expected", row.expected},
                        {"good", row.good},
                        {"scenarios", row.result.scenarios},
                        {"broken", row.result.broken}};
  if (const auto& caught = row.result.caught) {
    object["check"] = caught->check;
    object["signature"] = caught->signature;
    object["scenario"] = caught->scenario;
    object["after"] = caught->after;
  }
  return object;
}

Row seek(const Hunt& hunt, const PlantedFault& fault) {
  Row row{std::string(core::fault_name(fault.fault)), std::string(fault.mistake),
          joined_names(fault.checks), hunt.seek(fault), false};
  row.good = row.result.broken.empty() && noticed_by_right_check(fault.checks, row.result);
  return row;
}

Row seek(GuestHunt& hunt, const std::string& kernel, const GuestFault& fault) {
  const char* where = fault.where == GuestKind::kKmod ? "kmod" : "fuse";
  Row row{fmt::format("{}@{}: {}", where, kernel, fault.name), std::string(fault.mistake),
          joined_names(fault.checks), hunt.seek(fault), false};
  row.good = row.result.broken.empty() && noticed_by_right_check(fault.checks, row.result);
  return row;
}

Row row_of_none(HuntResult result, const std::string& where = "") {
  Row row{"none" + where, "as it ships", "silence", std::move(result), false};
  row.good = row.result.broken.empty() && !row.result.caught;
  return row;
}

bool wanted(const Options& options, std::string_view name) {
  return options.faults.empty() || std::ranges::find(options.faults, name) != options.faults.end();
}

// The rows so far, each printed as it comes.
class Matrix {
 public:
  explicit Matrix(bool verbose) : verbose_(verbose) {
    fmt::print("{:<5} {:<34} {:<18} {}\n", "", "fault", "to be noticed by", "noticed by");
  }
  void add(Row row) {
    print(row, verbose_);
    rows_.push_back(std::move(row));
  }
  const std::vector<Row>& rows() const { return rows_; }

 private:
  bool verbose_;
  std::vector<Row> rows_;
};

// First the engine without a fault: scenarios that raise alarms then would count for every fault.
std::expected<void, std::string> hunt_in_process(const Options& options, Matrix& matrix) {
  auto hunt = Hunt::prepare(options.hunt);
  if (!hunt) return std::unexpected("the generator failed: " + hunt.error());
  matrix.add(row_of_none(hunt->seek_false_alarms()));
  for (const PlantedFault& fault : planted_faults()) {
    if (wanted(options, core::fault_name(fault.fault))) matrix.add(seek(*hunt, fault));
  }
  return {};
}

// <build>/harness/planted/<this program> -> <build>/planted-images
std::filesystem::path planted_images() {
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return self.parent_path().parent_path().parent_path() / "planted-images";
}

std::expected<void, std::string> hunt_in_guests_of(const vm::KernelImage& image,
                                                   const std::filesystem::path& work_dir,
                                                   const Options& options, Matrix& matrix) {
  auto hunt = GuestHunt::prepare({image, planted_images() / "acceleration.json",
                                  options.hunt.triggers_dir.parent_path(), work_dir});
  if (!hunt) return std::unexpected(hunt.error());
  matrix.add(row_of_none(hunt->seek_false_alarms(), "@" + image.family));
  for (const GuestFault& fault : guest_faults()) {
    if (wanted(options, fault.name)) matrix.add(seek(*hunt, image.family, fault));
  }
  return {};
}

std::expected<void, std::string> hunt_in_guests(const Options& options, Matrix& matrix) {
  const auto images = vm::find_images(planted_images());
  if (!images) return std::unexpected(images.error().message);
  const auto work_dir =
      std::filesystem::temp_directory_path() / fmt::format("vexfs-planted-{}", ::getpid());
  std::expected<void, std::string> hunted;
  for (const vm::KernelImage& image : *images) {
    if (hunted) hunted = hunt_in_guests_of(image, work_dir / image.family, options, matrix);
  }
  std::error_code ignored;
  std::filesystem::remove_all(work_dir, ignored);
  return hunted;
}

Verdict verdict_of(const std::vector<Row>& rows) {
  Verdict verdict = Verdict::kParity;
  for (const Row& row : rows) {
    if (!row.result.broken.empty()) return Verdict::kHarnessFailed;
    if (!row.good) verdict = Verdict::kDivergence;
  }
  return verdict;
}

int selftest(const Options& options) {
  Matrix matrix(options.verbose);
  const auto hunted = options.targets == "guests" ? hunt_in_guests(options, matrix)
                                                  : hunt_in_process(options, matrix);
  if (!hunted) {
    std::cerr << "vexfs-parity-planted: " << hunted.error() << '\n';
    return static_cast<int>(Verdict::kHarnessFailed);
  }
  const std::vector<Row>& rows = matrix.rows();
  const auto good = std::ranges::count_if(rows, [](const Row& row) { return row.good; });
  fmt::print("{} of {} as they should be\n", good, rows.size());
  const Verdict verdict = verdict_of(rows);
  if (!options.json.empty()) {
    nlohmann::json list = nlohmann::json::array();
    for (const Row& row : rows) list.push_back(to_json(row));
    std::ofstream file(options.json);
    file << nlohmann::json{{"verdict", verdict_name(verdict)}, {"matrix", list}}.dump(2) << '\n';
    if (!file.flush()) {
      std::cerr << "vexfs-parity-planted: cannot write " << options.json << '\n';
      return static_cast<int>(Verdict::kHarnessFailed);
    }
  }
  return static_cast<int>(verdict);
}

int parse_and_run(int argc, char** argv) {
  CLI::App program(
      "Plants one fault at a time into the engine and says which check noticed it, and after how "
      "many scenarios.",
      "vexfs-parity-planted");
  Options options;
  options.hunt.triggers_dir = VEXFS_PLANTED_SCENARIOS;
  program.add_option("--seed", options.hunt.seed, "of the generated scenarios (default 1)");
  program.add_option("--scenarios", options.hunt.scenarios,
                     "generated scenarios for each fault, before its trigger (default 150)");
  program
      .add_option("--targets", options.targets,
                  "core: the engine in process (default); guests: the kernel module and the daemon")
      ->check(CLI::IsMember({"core", "guests"}));
  program.add_option("--fault", options.faults, "only these, and the engine as it ships");
  program.add_option("--json", options.json, "write the matrix to this file");
  program.add_flag("--verbose", options.verbose, "show what each check saw");
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : static_cast<int>(Verdict::kUsage);
  }
  return selftest(options);
}

}  // namespace
}  // namespace vexfs::parity

int main(int argc, char** argv) {
  try {
    return vexfs::parity::parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "vexfs-parity-planted: " << error.what() << '\n';
    return static_cast<int>(vexfs::parity::Verdict::kHarnessFailed);
  }
}
