// SPDX-License-Identifier: MIT
// parity-malformed: spoils volumes one field at a time; reference, engine and fsck must bear it and
// agree. Exit codes as vexfs-parity: 0 they do, 1 they do not, 2 usage, 3 the harness failed.
#include <fstream>
#include <iostream>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/malformed/spoil.h"

namespace vexfs::parity {
namespace {

struct Options {
  SpoilOptions spoil;
  std::size_t volumes = 40;
  std::optional<std::size_t> only;
  std::filesystem::path json;
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
  fmt::print("{:>8}  operations compared, {} writable mounts left different bytes\n",
             report.operations, report.bytes_differ);
  for (const auto& [signature, group] : grouped(report)) {
    fmt::print("\n{} times: {}\n", group.count, signature);
    for (const std::string& line : group.example->lines) fmt::print("  {}\n", line);
    fmt::print("  again: parity-malformed --seed {} --volumes {} --only {}\n", options.spoil.seed,
               options.volumes, group.example->mutation);
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
                         {"bytes_differ", report.bytes_differ},
                         {"complaints", complaints}}
              .dump(2)
       << '\n';
  return file.flush().good();
}

int spoil(const Options& options) {
  const auto volumes = make_volumes(options.volumes, options.spoil.seed);
  if (!volumes) {
    std::cerr << "parity-malformed: no volumes to spoil: " << volumes.error() << '\n';
    return 3;
  }
  const SpoilReport report = options.only ? spoil_one(*volumes, options.spoil.seed, *options.only)
                                          : spoil_all(*volumes, options.spoil);
  print(report, options);
  if (!options.json.empty() && !write_json(report, options.json)) {
    std::cerr << "parity-malformed: cannot write " << options.json << '\n';
    return 3;
  }
  return report.complaints.empty() ? 0 : 1;
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
