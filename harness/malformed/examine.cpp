// SPDX-License-Identifier: MIT
#include "harness/malformed/examine.h"

#include <cerrno>
#include <optional>

#include <fmt/format.h>

#include "fuse/core/volume.h"
#include "harness/lockstep/compare.h"
#include "harness/malformed/use_volume.h"
#include "harness/scenario/error_name.h"
#include "harness/scenario/scenario_codec.h"
#include "harness/target/core_volume.h"
#include "harness/target/image_device.h"
#include "harness/target/image_disk.h"
#include "harness/target/posix_step.h"
#include "reference/model/volume.h"

namespace vexfs::parity {
namespace {

constexpr std::size_t kMostNodes = 400;  // a damaged tree may lead in circles

// Both sides of one mounted volume, asked in turn.
class Pair {
 public:
  Pair(posix::InodeVolume& reference, posix::InodeVolume& engine, Examination& result)
      : reference_(reference), engine_(engine), result_(result) {}

  bool agree() const { return result_.disagreement.empty(); }

  // From now on both are used and neither may crash, but answers may differ.
  void stop_comparing() { comparing_ = false; }

  // The common answer; nothing once they disagree.
  std::optional<Outcome> ask(Operation operation) {
    if (!agree()) return std::nullopt;
    const Step step{std::move(operation), {}, {}};
    Outcome expected = reference_.execute(step);
    const Outcome got = engine_.execute(step);
    ++result_.operations;
    result_.damage_met |= expected.error == EUCLEAN;
    if (expected == got || !comparing_) return expected;
    const auto json = write_value(step);
    result_.disagreement.push_back(json.dump());
    result_.signature = json.value("op", std::string());
    for (const FieldDifference& field : differences(expected, got)) {
      result_.signature += fmt::format(" {}", field.field);
      if (field.field == "errno") {
        result_.signature +=
            fmt::format(" {}/{}", error_name(expected.error), error_name(got.error));
      }
      result_.disagreement.push_back(
          fmt::format("{}: reference {} / core {}", field.field, field.left, field.right));
    }
    return std::nullopt;
  }

 private:
  PosixSession reference_;
  PosixSession engine_;
  Examination& result_;
  bool comparing_ = true;
};

void use(posix::InodeVolume& reference, posix::InodeVolume& engine, bool read_only, Laid laid,
         Examination& result) {
  Pair pair(reference, engine, result);
  const Ask ask = [&](Operation operation) { return pair.ask(std::move(operation)); };
  const auto files = walk_volume(ask, kMostNodes);
  if (laid == Laid::kReads) pair.stop_comparing();
  if (!read_only) change_volume(ask, files);
}

std::string word_for(int error) { return error == 0 ? "ok" : std::string(error_name(error)); }

}  // namespace

Examination examine(const Image& volume, bool read_only, Laid laid) {
  Examination result;
  Image of_reference = volume;
  Image of_engine = volume;
  auto reference =
      model::Volume::mount(std::make_unique<ImageDisk>(of_reference), {.read_only = read_only});
  core::MountOptions options;
  options.commit_seconds = 0;
  options.manual_clock = true;
  options.read_only = read_only;
  auto engine = core::Volume::open(std::make_unique<ImageDevice>(of_engine), options);
  const int expected = reference ? 0 : reference.error();
  const int got = engine ? 0 : engine.error().number;
  if (expected != got) {
    result.signature = fmt::format("mount {}/{}", word_for(expected), word_for(got));
    result.disagreement.push_back(fmt::format("mount: reference {} / core {} {}",
                                              word_for(expected), word_for(got),
                                              engine ? "" : engine.error().message));
    return result;
  }
  result.refused = !reference;
  if (result.refused) return result;
  {
    CoreVolume adapter(**engine);
    use(**reference, adapter, read_only, laid, result);
  }
  if (!result.disagreement.empty()) return result;
  (*reference)->unmount();
  const auto ended = (*engine)->unmount();
  if (!ended) {
    result.signature = "unmount " + word_for(ended.error());
    result.disagreement.push_back("unmount: reference ok / core " + word_for(ended.error()));
  }
  if (laid != Laid::kAll) return result;
  const auto difference =
      compare_images(of_reference, of_engine, false, "core", FailureKind::kVolume);
  if (difference) {
    result.signature = "volume";
    result.disagreement = difference->lines;
  }
  return result;
}

}  // namespace vexfs::parity
