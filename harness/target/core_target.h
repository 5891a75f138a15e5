// SPDX-License-Identifier: MIT
// The production engine of the FUSE filesystem, in this process and without FUSE.
#pragma once

#include "fuse/core/planted.h"
#include "harness/target/target.h"

namespace vexfs::parity {

class CoreTarget final : public Target {
 public:
  /// `fault`: a mistake that the engine shall make; needs an engine built with VEXFS_PLANTED.
  explicit CoreTarget(core::Fault fault = core::Fault::kNone) : fault_(fault) {}

  const std::string& name() const override { return name_; }
  std::string build() const override;
  std::expected<SegmentResult, TargetFailure> run(const Segment& segment) override;

 private:
  std::string name_ = "core";
  core::Fault fault_;
};

}  // namespace vexfs::parity
