// SPDX-License-Identifier: MIT
#include "harness/shrink/shrink.h"

#include <set>
#include <utility>

#include "harness/shrink/simplify.h"

namespace vexfs::parity {
namespace {

class Shrinker {
 public:
  Shrinker(const Scenario& failing, const std::string& signature, const Judge& judge,
           Deadline deadline, const std::function<void(const Scenario&)>& improved)
      : signature_(signature),
        judge_(judge),
        improved_(improved),
        deadline_(deadline),
        best_(failing) {
    tried_.insert(text_of(best_.steps));
  }

  ShrinkResult run() {
    bool better = true;
    while (better && !expired_) {
      better = drop_steps();
      better = simplify_arguments() || better;
      better = simplify_names() || better;
    }
    return {best_, runs_, !expired_};
  }

 private:
  bool drop_steps() {
    const std::vector<Step> all = best_.steps;
    const std::size_t before = all.size();
    minimize<Step>(
        all, [this](const std::vector<Step>& steps) { return accept(steps); }, deadline_,
        [](const std::vector<Step>&) {});
    check_deadline();
    return best_.steps.size() < before;
  }

  bool simplify_arguments() {
    bool better = false;
    for (std::size_t i = 0; i < best_.steps.size() && !expired_; ++i) {
      while (simplify_step(i)) better = true;
    }
    return better;
  }

  bool simplify_step(std::size_t i) {
    for (Step& simpler : simpler_steps(best_.steps[i])) {
      std::vector<Step> steps = best_.steps;
      steps[i] = std::move(simpler);
      if (accept(steps)) return true;
      if (expired_) return false;
    }
    return false;
  }

  bool simplify_names() {
    bool better = false;
    for (bool again = true; again && !expired_;) {
      again = false;
      for (const auto rule : {simpler_names, smaller_dimensions}) {
        for (const std::vector<Step>& steps : rule(best_.steps)) {
          again = again || accept(steps);
          if (again || expired_) break;
        }
      }
      better = better || again;
    }
    return better;
  }

  bool accept(const std::vector<Step>& steps) {
    check_deadline();
    if (expired_ || !tried_.insert(text_of(steps)).second) return false;
    Scenario candidate = best_;
    candidate.steps = steps;
    ++runs_;
    if (judge_(candidate) != signature_) return false;
    best_ = std::move(candidate);
    improved_(best_);
    return true;
  }

  void check_deadline() { expired_ = expired_ || std::chrono::steady_clock::now() >= deadline_; }

  // Stands for the steps in the set of those that were tried.
  static std::string text_of(const std::vector<Step>& steps) {
    Scenario scenario;
    scenario.steps = steps;
    return format_scenario(scenario);
  }

  const std::string& signature_;
  const Judge& judge_;
  const std::function<void(const Scenario&)>& improved_;
  Deadline deadline_;
  Scenario best_;
  std::set<std::string> tried_;
  std::size_t runs_ = 0;
  bool expired_ = false;
};

}  // namespace

ShrinkResult shrink_scenario(const Scenario& failing, const std::string& signature,
                             const Judge& judge, Deadline deadline,
                             const std::function<void(const Scenario&)>& improved) {
  return Shrinker(failing, signature, judge, deadline, improved).run();
}

}  // namespace vexfs::parity
