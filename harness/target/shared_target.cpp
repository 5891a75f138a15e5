// SPDX-License-Identifier: MIT
#include "harness/target/shared_target.h"

#include <mutex>
#include <utility>

namespace vexfs::parity {
namespace {

struct Shared {
  std::unique_ptr<Target> target;
  std::mutex turn;
};

class SharedTarget final : public Target {
 public:
  explicit SharedTarget(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

  const std::string& name() const override { return shared_->target->name(); }
  std::string build() const override { return shared_->target->build(); }
  std::expected<SegmentResult, TargetFailure> run(const Segment& segment) override {
    const std::lock_guard lock(shared_->turn);
    return shared_->target->run(segment);
  }

 private:
  std::shared_ptr<Shared> shared_;
};

}  // namespace

std::vector<std::unique_ptr<Target>> share_target(std::unique_ptr<Target> target,
                                                  std::size_t holders) {
  const auto shared = std::make_shared<Shared>();
  shared->target = std::move(target);
  std::vector<std::unique_ptr<Target>> targets;
  for (std::size_t i = 0; i < holders; ++i) {
    targets.push_back(std::make_unique<SharedTarget>(shared));
  }
  return targets;
}

}  // namespace vexfs::parity
