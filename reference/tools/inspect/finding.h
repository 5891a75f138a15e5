// SPDX-License-Identifier: MIT
// What a check found: a place in the volume, and how it differs from what it must be.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vexfs::tools {

// Between the steps of a path into structures: "inode 12 › nlink".
inline constexpr std::string_view kPathStep = " › ";

enum class Severity : std::uint8_t {
  kError,  // breaks a rule of the format
  kNote,   // legal but worth knowing, such as an anchor torn by a crash
};

struct Finding {
  Severity severity;
  std::string rule;  // short and stable, such as "inode.nlink"
  std::string path;  // such as "inode 12 › nlink"
  std::string expected;
  std::string actual;
};

// Findings in the order in which they were made. Keeps a bounded number: a volume of random bytes
// could have as many as it has bytes.
class Findings {
 public:
  static constexpr std::size_t kKept = 1000;

  void error(std::string_view rule, std::string path, std::string expected, std::string actual) {
    ++errors_;
    keep({Severity::kError, std::string(rule), std::move(path), std::move(expected),
          std::move(actual)});
  }
  void note(std::string_view rule, std::string path, std::string expected, std::string actual) {
    keep({Severity::kNote, std::string(rule), std::move(path), std::move(expected),
          std::move(actual)});
  }

  // At most kKept of them; errors() may be more.
  const std::vector<Finding>& all() const { return findings_; }
  std::uint64_t errors() const { return errors_; }
  bool clean() const { return errors_ == 0; }
  // True if one of the kept findings is of this rule.
  bool has(std::string_view rule) const {
    for (const Finding& finding : findings_) {
      if (finding.rule == rule) return true;
    }
    return false;
  }

 private:
  void keep(Finding finding) {
    if (findings_.size() < kKept) findings_.push_back(std::move(finding));
  }

  std::vector<Finding> findings_;
  std::uint64_t errors_ = 0;
};

}  // namespace vexfs::tools
