// SPDX-License-Identifier: MIT
// The reference model, in this process.
#pragma once

#include "harness/target/target.h"

namespace vexfs::parity {

class ReferenceTarget final : public Target {
 public:
  const std::string& name() const override { return name_; }
  std::string build() const override;
  std::expected<SegmentResult, TargetFailure> run(const Segment& segment) override;

 private:
  std::string name_ = "reference";
};

}  // namespace vexfs::parity
