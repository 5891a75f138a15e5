// SPDX-License-Identifier: MIT
// parity-malformed: spoils volumes one field at a time; reference, engine and fsck must bear it and
// agree. Exit codes as vexfs-parity: 0 they do, 1 they do not, 2 usage, 3 the harness failed.
#include <fstream>
#include <iostream>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/cli/team.h"
#include "harness/malformed/guests.h"
#include "harness/malformed/spoil.h"

namespace vexfs::parity {
namespace {

struct Options {
  SpoilOptions spoil;
  std::size_t volumes = 40;
  std::optional<std::size_t> only;
  std::filesystem::path json;
  std::filesystem::path save;
  cli::TeamOptions team{.targets = {}, .kernels = {}};  // none: in this process
};

// Complaints of one signature.
struct Group {
  std::size_t count = 0;
  const Complaint* example = nullptr;
};

std::map<std::string, Group> grouped(const SpoilReport& report) {
  std::map<std::string, Group> groups;
  for (const Complaint& complaint : report.complaints) {
    Group& group = groups[complaint.kind + " " + complaint.signature];
    ++group.count;
    if (group.example == nullptr) group.example = &complaint;
  }
  return groups;
}

void print(const SpoilReport& report, const Options& options) {
  for (const auto& [name, count] : report.outcomes) fmt::print("{:>8}  {}\n", count, name);
  fmt::print("{:>8}  operations compared\n", report.operations);
  for (const auto& [signature, group] : grouped(report)) {
    fmt::print("\n{} times: {}\n", group.count, signature);
    for (const std::string& line : group.example->lines) fmt::print("  {}\n", line);
    fmt::print("  again: parity-malformed --seed {} --volumes {} {} {}\n", options.spoil.seed,
               options.volumes, options.team.targets.empty() ? "--only" : "--guests ... --first",
               group.example->mutation);
  }
}

bool write_json(const SpoilReport& report, const std::filesystem::path& path) {
  nlohmann::json complaints = nlohmann::json::array();
  for (const Complaint& complaint : report.complaints) {
    complaints.push_back({{"kind", complaint.kind},
                          {"signature", complaint.signature},
                          {"mutation", complaint.mutation},
                          {"lines", complaint.lines}});
  }
  std::ofstream file(path);
  file << nlohmann::json{{"outcomes", report.outcomes},
                         {"operations", report.operations},
                         {"complaints", complaints}}
              .dump(2)
       << '\n';
  return file.flush().good();
}

std::expected<SpoilReport, std::string> spoil_where(const std::vector<VolumeToSpoil>& volumes,
                                                    const Options& options) {
  if (options.only && !options.save.empty()) {
    const auto image = spoiled_volume(volumes, options.spoil.seed, *options.only).image.bytes();
    std::ofstream file(options.save, std::ios::binary);
    file.write(reinterpret_cast<const char*>(image.data()),
               static_cast<std::streamsize>(image.size()));
    if (!file.flush()) return std::unexpected("cannot write " + options.save.string());
  }
  if (options.only) return spoil_one(volumes, options.spoil.seed, *options.only);
  if (options.team.targets.empty()) return spoil_all(volumes, options.spoil);
  const cli::WorkDir work_dir;
  const auto guests = cli::boot_guests(options.team, work_dir.path);
  if (!guests) return std::unexpected(guests.error());
  return spoil_in_guests(volumes, options.spoil, *guests);
}

int spoil(const Options& options) {
  const auto volumes = make_volumes(options.volumes, options.spoil.seed);
  if (!volumes) {
    std::cerr << "parity-malformed: no volumes to spoil: " << volumes.error() << '\n';
    return 3;
  }
  const auto report = spoil_where(*volumes, options);
  if (!report) {
    std::cerr << "parity-malformed: " << report.error() << '\n';
    return 3;
  }
  print(*report, options);
  if (!options.json.empty() && !write_json(*report, options.json)) {
    std::cerr << "parity-malformed: cannot write " << options.json << '\n';
    return 3;
  }
  return report->complaints.empty() ? 0 : 1;
}

int parse_and_run(int argc, char** argv) {
  CLI::App program(
      "Spoils volumes one field at a time; all implementations must bear it and agree.",
      "parity-malformed");
  Options options;
  program.add_option("--mutations", options.spoil.mutations, "how many (default 10000)");
  program.add_option("--seed", options.spoil.seed, "of volumes and mutations (default 1)");
  program.add_option("--volumes", options.volumes, "to spoil in turn (default 40)")
      ->check(CLI::PositiveNumber);
  program.add_option("--only", options.only, "the mutation of this number, in this process");
  program
      .add_option("--guests", options.team.targets,
                  "in guests with fuse, kmod or both, instead of in this process")
      ->delimiter(',')
      ->check(CLI::IsMember({"fuse", "kmod"}));
  program.add_option("--kernels", options.team.kernels, "of the guests (default all)")
      ->delimiter(',');
  program.add_option("--first", options.spoil.first, "number of the first mutation (default 0)");
  program.add_option("--save", options.save, "with --only: write the spoiled volume to this file");
  program.add_option("--json", options.json, "write everything to this file");
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : 2;
  }
  return spoil(options);
}

}  // namespace
}  // namespace vexfs::parity

int main(int argc, char** argv) {
  try {
    return vexfs::parity::parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "parity-malformed: " << error.what() << '\n';
    return 3;
  }
}
