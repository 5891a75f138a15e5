// SPDX-License-Identifier: MIT
#include "harness/malformed/spoil.h"

#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/malformed/examine.h"
#include "harness/planted/in_child.h"
#include "harness/scenario/generate.h"
#include "reference/tools/mutate/mutator.h"

namespace vexfs::parity {
namespace {

using nlohmann::json;

// One mutation takes some milliseconds; these are for hangs on a busy machine.
constexpr std::chrono::seconds kBatchLimit{300};
constexpr std::chrono::seconds kSingleLimit{30};

// "inode 12 › extent 3 › pblk" -> "inode # › extent # › pblk"
std::string without_numbers(const std::string& path) {
  std::string text;
  for (const char c : path) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) text += c;
    if (digit && (text.empty() || text.back() != '#')) text += '#';
  }
  return text;
}

std::string to_text(const SpoilReport& report) {
  json complaints = json::array();
  for (const Complaint& complaint : report.complaints) {
    complaints.push_back(
        {complaint.kind, complaint.signature, complaint.mutation, complaint.lines});
  }
  return json{
      {"outcomes", report.outcomes}, {"complaints", complaints}, {"operations", report.operations}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

SpoilReport from_text(const std::string& bytes) {
  const json text = json::parse(bytes);
  SpoilReport report;
  report.outcomes = text.at("outcomes");
  for (const json& complaint : text.at("complaints")) {
    report.complaints.push_back(
        {complaint.at(0), complaint.at(1), complaint.at(2), complaint.at(3)});
  }
  report.operations = text.at("operations");
  return report;
}

// The name under which a mutation without complaint is counted.
std::string outcome_name(const Examination& ro, const Examination& rw, bool fsck_clean) {
  if (ro.refused && rw.refused) return "refused at mount";
  if (ro.refused || rw.refused) return "refused at one kind of mount";
  if (ro.damage_met || rw.damage_met) return "answered with EUCLEAN";
  return fsck_clean ? "harmless: answers and fsck as before" : "found by fsck only";
}

SpoilReport dead(std::size_t mutation, const std::string& how) {
  SpoilReport report;
  report.outcomes["complaint"] = 1;
  report.complaints.push_back({"death", "death " + how, mutation, {how}});
  return report;
}

}  // namespace

void add(SpoilReport& to, const SpoilReport& from) {
  for (const auto& [name, count] : from.outcomes) to.outcomes[name] += count;
  to.complaints.insert(to.complaints.end(), from.complaints.begin(), from.complaints.end());
  to.operations += from.operations;
}

SpoiledVolume spoiled_volume(const std::vector<VolumeToSpoil>& volumes, std::uint64_t seed,
                             std::size_t n) {
  const VolumeToSpoil& volume = volumes[n % volumes.size()];
  std::vector<std::byte> bytes = volume.bytes;
  const auto reseal = n / volumes.size() % 2 == 1 ? tools::Reseal::kYes : tools::Reseal::kNo;
  const tools::Mutation mutation = volume.mutator.mutate(bytes, scenario_seed(seed, n), reseal);
  return {Image::from_bytes(bytes), laid_down(bytes), mutation.path,
          volume.name + ": " + mutation.text()};
}

SpoilReport spoil_one(const std::vector<VolumeToSpoil>& volumes, std::uint64_t seed,
                      std::size_t n) {
  SpoilReport report;
  const SpoiledVolume spoiled = spoiled_volume(volumes, seed, n);
  const bool fsck_clean = spoiled.laid == Laid::kAll;
  const Examination ro = examine(spoiled.image, true, spoiled.laid);
  const Examination rw = examine(spoiled.image, false, spoiled.laid);
  report.operations = ro.operations + rw.operations;
  const std::string where = without_numbers(spoiled.path);
  const auto complain = [&](const std::string& kind, const std::string& what,
                            std::vector<std::string> lines) {
    lines.insert(lines.begin(), spoiled.text);
    report.complaints.push_back({kind, what + " | " + where, n, std::move(lines)});
  };
  if (!ro.disagreement.empty()) complain("disagreement", "ro " + ro.signature, ro.disagreement);
  if (!rw.disagreement.empty()) complain("disagreement", "rw " + rw.signature, rw.disagreement);
  const bool noticed = ro.refused || rw.refused || ro.damage_met || rw.damage_met;
  if (report.complaints.empty() && noticed && fsck_clean) {
    complain("fsck", "fsck is silent", {"mounts refuse or answer EUCLEAN"});
  }
  ++report.outcomes[report.complaints.empty() ? outcome_name(ro, rw, fsck_clean) : "complaint"];
  return report;
}

SpoilReport spoil_all(const std::vector<VolumeToSpoil>& volumes, const SpoilOptions& options) {
  SpoilReport report;
  const std::size_t last = options.first + options.mutations;
  for (std::size_t first = options.first; first < last; first += options.batch) {
    const std::size_t end = std::min(first + options.batch, last);
    const auto batch = run_in_child(
        [&] {
          SpoilReport part;
          for (std::size_t n = first; n < end; ++n) add(part, spoil_one(volumes, options.seed, n));
          return to_text(part);
        },
        kBatchLimit);
    if (batch) {
      add(report, from_text(*batch));
      continue;
    }
    // Somebody in it crashed or hung: find out who.
    for (std::size_t n = first; n < end; ++n) {
      const auto single =
          run_in_child([&] { return to_text(spoil_one(volumes, options.seed, n)); }, kSingleLimit);
      add(report, single ? from_text(*single) : dead(n, single.error()));
    }
  }
  return report;
}

}  // namespace vexfs::parity
