// SPDX-License-Identifier: MIT
#include "reference/tools/fsck/report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reference/tools/fsck/check_volume.h"

namespace vexfs::tools {
namespace {

std::string_view severity_name(Severity severity) {
  return severity == Severity::kError ? "error" : "note";
}

}  // namespace

std::string findings_text(const std::string& device, const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings.all()) {
    text += fmt::format("{}: {} [{}]\n    expected: {}\n    found:    {}\n    repair:   {}\n",
                        severity_name(finding.severity), finding.path, finding.rule,
                        finding.expected, finding.actual, repair_of(finding.rule));
  }
  const std::uint64_t errors = findings.errors();
  if (errors == 0) return text + fmt::format("{}: clean\n", device);
  if (errors > findings.all().size()) {
    text += fmt::format("only the first {} findings are shown\n", findings.all().size());
  }
  return text + fmt::format("{}: {} error{}; nothing was changed\n", device, errors,
                            errors == 1 ? "" : "s");
}

std::string findings_json(const std::string& device, const Findings& findings) {
  nlohmann::ordered_json json = {{"device", device},
                                 {"clean", findings.clean()},
                                 {"errors", findings.errors()},
                                 {"findings", nlohmann::ordered_json::array()}};
  for (const Finding& finding : findings.all()) {
    json["findings"].push_back({{"severity", severity_name(finding.severity)},
                                {"rule", finding.rule},
                                {"path", finding.path},
                                {"expected", finding.expected},
                                {"actual", finding.actual},
                                {"repair", repair_of(finding.rule)}});
  }
  using Handler = nlohmann::ordered_json::error_handler_t;
  return json.dump(2, ' ', false, Handler::replace) + "\n";
}

}  // namespace vexfs::tools
