// SPDX-License-Identifier: MIT
#include "harness/stack/call_graph.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace vexfs::parity::stack {
namespace {

// What stands in quotes after `key`.
std::optional<std::string_view> quoted(std::string_view line, std::string_view key) {
  const auto at = line.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  const auto begin = at + key.size() + 1;
  const auto end = line.find('"', begin);
  if (end == std::string_view::npos) return std::nullopt;
  return line.substr(begin, end - begin);
}

// A label is "name\nplace\n16 bytes (static)"; its newlines are written as two characters.
std::optional<Function> parse_label(std::string_view label) {
  const auto first = label.find("\\n");
  const auto second = label.find("\\n", first == std::string_view::npos ? first : first + 2);
  if (second == std::string_view::npos) return std::nullopt;
  Function function;
  function.name = label.substr(0, first);
  function.place = label.substr(first + 2, second - first - 2);
  const auto usage = label.substr(second + 2);
  const auto [end, error] =
      std::from_chars(usage.data(), usage.data() + usage.size(), function.frame);
  if (error != std::errc() || !std::string_view(end, usage.end()).starts_with(" bytes (")) {
    return std::nullopt;
  }
  function.unbounded = usage.ends_with("(dynamic)");
  return function;
}

// Depth first. Behind a bounded call the same call is not made again.
class Search {
 public:
  Search(const std::map<std::string, Function>& functions,
         const std::map<std::string, std::set<std::string>>& calls,
         const std::vector<BoundedCall>& bounded)
      : functions_(functions), calls_(calls), bounded_(bounded) {}

  const Path& deepest(const std::string& title, bool behind) {
    const auto key = std::pair(title, behind);
    if (const auto known = known_.find(key); known != known_.end()) return known->second;
    under_way_.push_back(key);
    Path path;
    if (const auto calls = calls_.find(title); calls != calls_.end()) {
      for (const auto& target : calls->second) consider(title, target, behind, path);
    }
    under_way_.pop_back();
    const Function& function = functions_.at(title);
    path.bytes += function.frame;
    path.functions.insert(path.functions.begin(), &function);
    return known_.emplace(key, std::move(path)).first->second;
  }
  std::vector<std::vector<std::string>> cycles() && { return std::move(cycles_); }

 private:
  void consider(const std::string& title, const std::string& target, bool behind, Path& path) {
    const auto callee = functions_.find(target);
    if (callee == functions_.end()) return;
    const BoundedCall call{functions_.at(title).name, callee->second.name};
    const bool once = std::ranges::find(bounded_, call) != bounded_.end();
    if (once && behind) return;
    const auto key = std::pair(target, behind || once);
    if (const auto at = std::ranges::find(under_way_, key); at != under_way_.end()) {
      auto& cycle = cycles_.emplace_back();
      for (auto it = at; it != under_way_.end(); ++it)
        cycle.push_back(functions_.at(it->first).name);
      return;
    }
    if (const Path& found = deepest(target, behind || once); found.bytes > path.bytes) path = found;
  }

  const std::map<std::string, Function>& functions_;
  const std::map<std::string, std::set<std::string>>& calls_;
  const std::vector<BoundedCall>& bounded_;
  std::map<std::pair<std::string, bool>, Path> known_;
  std::vector<std::pair<std::string, bool>> under_way_;
  std::vector<std::vector<std::string>> cycles_;
};

}  // namespace

bool CallGraph::add(std::string_view ci) {
  while (!ci.empty()) {
    const auto line = ci.substr(0, ci.find('\n'));
    ci.remove_prefix(std::min(line.size() + 1, ci.size()));
    if (line.starts_with("node: ")) {
      if (line.find("shape : ellipse") != std::string_view::npos) continue;  // of others
      const auto title = quoted(line, "title: ");
      const auto label = quoted(line, "label: ");
      auto function = label ? parse_label(*label) : std::nullopt;
      if (!title || !function) return false;
      functions_.insert_or_assign(std::string(*title), std::move(*function));
    } else if (line.starts_with("edge: ")) {
      const auto source = quoted(line, "sourcename: ");
      const auto target = quoted(line, "targetname: ");
      if (!source || !target) return false;
      calls_[std::string(*source)].insert(std::string(*target));
    }
  }
  return true;
}

CallGraph::Report CallGraph::report(const std::vector<BoundedCall>& bounded) const {
  std::set<std::string> called;
  for (const auto& [source, targets] : calls_) called.insert(targets.begin(), targets.end());
  Search search(functions_, calls_, bounded);
  Report report;
  for (const auto& [title, function] : functions_) {
    const Path& path = search.deepest(title, false);  // of all: a cycle may have no outside caller
    if (!called.contains(title)) report.paths.push_back(path);
  }
  std::ranges::stable_sort(report.paths, std::ranges::greater(), &Path::bytes);
  report.cycles = std::move(search).cycles();
  return report;
}

}  // namespace vexfs::parity::stack
