// SPDX-License-Identifier: MIT
#include "harness/target/shared_target.h"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace vexfs::parity {
namespace {

class Pool {
 public:
  explicit Pool(std::vector<std::unique_ptr<Target>> targets) : targets_(std::move(targets)) {
    for (const auto& target : targets_) free_.push_back(target.get());
  }

  const Target& any() const { return *targets_.front(); }

  std::expected<SegmentResult, TargetFailure> run(const Segment& segment) {
    Target* target = take();
    auto result = target->run(segment);
    give_back(target);
    return result;
  }

 private:
  Target* take() {
    std::unique_lock lock(mutex_);
    given_back_.wait(lock, [this] { return !free_.empty(); });
    Target* target = free_.back();
    free_.pop_back();
    return target;
  }

  void give_back(Target* target) {
    const std::lock_guard lock(mutex_);
    free_.push_back(target);
    given_back_.notify_one();
  }

  std::vector<std::unique_ptr<Target>> targets_;
  std::mutex mutex_;  // guards what is below
  std::vector<Target*> free_;
  std::condition_variable given_back_;
};

class SharedTarget final : public Target {
 public:
  explicit SharedTarget(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}

  const std::string& name() const override { return pool_->any().name(); }
  std::string build() const override { return pool_->any().build(); }
  std::expected<SegmentResult, TargetFailure> run(const Segment& segment) override {
    return pool_->run(segment);
  }

 private:
  std::shared_ptr<Pool> pool_;
};

}  // namespace

std::vector<std::unique_ptr<Target>> share_targets(std::vector<std::unique_ptr<Target>> targets,
                                                   std::size_t holders) {
  const auto pool = std::make_shared<Pool>(std::move(targets));
  std::vector<std::unique_ptr<Target>> shared;
  for (std::size_t i = 0; i < holders; ++i) shared.push_back(std::make_unique<SharedTarget>(pool));
  return shared;
}

}  // namespace vexfs::parity
