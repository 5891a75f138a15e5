// SPDX-License-Identifier: MIT
#include "harness/report/coverage_floors.h"

#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

#include "harness/scenario/operation_fields.h"

namespace vexfs::parity {
namespace {

constexpr std::uint64_t kLeastSuccesses = 700;
constexpr std::uint64_t kLeastOfVectors = 40;  // of operations that only themes on vectors have
constexpr std::uint64_t kLeastFailures = 60;   // of the device
constexpr double kLeastShare = 0.6;

struct Feature {
  const char* name;
  std::uint64_t least;  // scenarios
};

constexpr Feature kFeatures[] = {
    {"wide directory", 300},  {"deep extents", 300},       {"wrapped log", 300},
    {"wrapped ring", 200},    {"unlinked open file", 300}, {"linked vectors", 150},
    {"upper level", 150},     {"duplicate vector", 150},   {"dead vector", 150},
    {"search cut short", 60}, {"search resumed", 20},      {"file vector", 60}};

// What the walk along a path answers.
constexpr const char* kWalk[] = {"ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EACCES"};

struct Answers {
  const char* operation;
  bool walks;                                 // along a path
  std::initializer_list<const char*> errors;  // besides those of the walk
};

// EUCLEAN needs a volume that is not healthy, ENOMEM a machine. open's EINVAL
// for O_DIRECTORY with O_CREAT is not Linux 6.1's answer, so that no scenario may ask for it.
const Answers kAnswers[] = {
    {"mkdir", true, {"EEXIST", "EPERM", "EMLINK", "ENOSPC", "EROFS"}},
    {"rmdir", true, {"ENOTEMPTY", "EBUSY", "EINVAL", "EPERM", "EROFS"}},
    {"mknod", true, {"EEXIST", "EPERM", "ENOSPC", "EROFS"}},
    {"open",
     true,
     {"EEXIST", "EISDIR", "ENXIO", "EOPNOTSUPP", "EPERM", "ENOSPC", "EROFS", "EBUSY"}},
    {"close", false, {"EBADF"}},
    {"read", false, {"EBADF", "EINVAL", "EISDIR", "ESTALE"}},
    {"write", false, {"EBADF", "EINVAL", "EFBIG", "ENOSPC"}},
    {"truncate", true, {"EFBIG", "EINVAL", "EISDIR", "EROFS"}},
    {"ftruncate", false, {"EBADF", "EINVAL", "EFBIG"}},
    {"unlink", true, {"EISDIR", "EPERM", "EROFS"}},
    {"link", true, {"EEXIST", "EPERM", "EMLINK", "ENOSPC", "EROFS", "EXDEV"}},
    {"symlink", true, {"EEXIST", "EPERM", "ENOSPC", "EROFS"}},
    {"readlink", true, {"EINVAL"}},
    {"rename",
     true,
     {"EEXIST", "EINVAL", "EISDIR", "ENOTEMPTY", "EBUSY", "EPERM", "EMLINK", "ENOSPC", "EROFS",
      "EXDEV"}},
    {"chmod", true, {"EPERM", "EROFS"}},
    {"chown", true, {"EPERM", "EROFS"}},
    {"utimens", true, {"EINVAL", "EPERM", "EROFS"}},
    {"stat", true, {}},
    {"fstat", false, {"EBADF", "ESTALE"}},
    {"statfs", true, {}},
    {"readdir", true, {}},
    {"readdir_piece", false, {"EBADF", "ENOTDIR", "ENOENT"}},
    {"fsync", false, {"EBADF", "EINVAL", "EIO", "ESTALE"}},
    {"fdatasync", false, {"EBADF", "EINVAL", "ESTALE"}},
    {"control", false, {"EACCES", "EINVAL", "EIO", "EROFS"}},
    {"events", false, {"EACCES", "ESTALE"}},
    {"setxattr", true, {"EEXIST", "ENODATA", "EINVAL", "EOPNOTSUPP", "EPERM", "ENOSPC", "EROFS"}},
    {"getxattr", true, {"ENODATA", "EOPNOTSUPP"}},
    {"removexattr", true, {"ENODATA", "EOPNOTSUPP", "EPERM", "EROFS"}},
    {"listxattr", true, {}},
    {"vector_put", true, {"EINVAL", "ENOSPC", "EROFS"}},
    {"vector_delete", true, {"EINVAL", "EROFS"}},
    {"vector_get", true, {"EINVAL"}},
    {"vector_list", true, {"EINVAL"}},
    {"vector_count", true, {"EROFS"}},
    {"vector_search", true, {"EINVAL", "EROFS"}},
    {"vector_resume", false, {"ENODATA", "ESTALE"}},
    {"vector_event", true, {"EINVAL"}},
    {"vector_compact", false, {"EACCES", "ENOENT", "ENOTDIR"}},
    {"vector_raw", true, {"EINVAL"}},
    {"vector_attach", true, {"EEXIST", "ENODATA", "EINVAL", "EOPNOTSUPP", "EMLINK", "EROFS"}},
    {"fail_writes", false, {}},
    {"remount", false, {}},
    {"crash", false, {}},
    {"compare", false, {}},
};

static_assert(std::size(kAnswers) == std::size(kOperationNames),
              "say which answers the new operation must have met");

bool is_of_vectors(const Answers& answers) {
  const std::string_view name = answers.operation;
  return name.starts_with("vector_") || name.ends_with("xattr");
}

std::uint64_t least_successes(const Answers& answers) {
  if (is_of_vectors(answers)) return kLeastOfVectors;
  return answers.operation == std::string_view("fail_writes") ? kLeastFailures : kLeastSuccesses;
}

class Missed {
 public:
  explicit Missed(const Coverage& coverage) : coverage_(coverage) {}

  std::vector<std::string> find() {
    if (const double share = coverage_.success_share(); share < kLeastShare) {
      lines_.push_back(fmt::format("{:.1f} % of operations succeeded, {:.0f} % are wanted",
                                   100 * share, 100 * kLeastShare));
    }
    for (const Answers& answers : kAnswers) check(answers);
    for (const Feature& feature : kFeatures) {
      const auto times = coverage_.reached(feature.name);
      if (times >= feature.least) continue;
      lines_.push_back(fmt::format("{} scenarios have reached \"{}\", {} are wanted", times,
                                   feature.name, feature.least));
    }
    return std::move(lines_);
  }

 private:
  void check(const Answers& answers) {
    const auto successes = coverage_.times(answers.operation, "ok");
    const std::uint64_t least = least_successes(answers);
    if (successes < least) {
      lines_.push_back(
          fmt::format("{} succeeded {} times, {} are wanted", answers.operation, successes, least));
    }
    for (const char* error : answers.errors) check(answers, error);
    if (!answers.walks) return;
    for (const char* error : kWalk) check(answers, error);
  }

  void check(const Answers& answers, const char* error) {
    if (coverage_.times(answers.operation, error) == 0) {
      lines_.push_back(fmt::format("{} has never met {}", answers.operation, error));
    }
  }

  const Coverage& coverage_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> missed_floors(const Coverage& coverage) { return Missed(coverage).find(); }

}  // namespace vexfs::parity
