// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <set>

#include "harness/scenario/operation_fields.h"
#include "harness/shrink/simplify.h"

namespace vexfs::parity {
namespace {

// Calls `change(Path&)` and `rename(Handle&)` on all names of a step.
template <class OnPath, class OnHandle>
class Names {
 public:
  Names(OnPath on_path, OnHandle on_handle) : on_path_(on_path), on_handle_(on_handle) {}

  template <class T>
  void required(std::string_view name, T& field) {
    if constexpr (std::same_as<T, Path>) on_path_(field);
    if constexpr (std::same_as<T, Handle>) {
      if (name == "handle") on_handle_(field);
    }
  }
  template <class T, class Default>
  void optional(std::string_view name, T& field, const Default&) {
    required(name, field);
  }

 private:
  OnPath on_path_;
  OnHandle on_handle_;
};

template <class OnPath, class OnHandle>
void each_name(std::vector<Step>& steps, OnPath on_path, OnHandle on_handle) {
  Names names(on_path, on_handle);
  for (Step& step : steps) visit_fields(names, step.operation);
}

constexpr auto kNothing = [](auto&) {};

std::vector<std::string> components(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string path;
  for (std::size_t i = 0; i < parts.size(); ++i) path += (i > 0 ? "/" : "") + parts[i];
  return path;
}

// The first of "a".."z" that is not in use, or nothing.
std::string free_letter(const std::set<std::string>& used) {
  for (char c = 'a'; c <= 'z'; ++c) {
    if (!used.contains(std::string(1, c))) return std::string(1, c);
  }
  return {};
}

bool is_special(const std::string& component) {
  return component.empty() || component == "." || component == ".." || component == ".vexfs";
}

std::vector<Step> with_component(std::vector<Step> steps, const std::string& from,
                                 const std::string& to) {
  each_name(
      steps,
      [&](Path& path) {
        auto parts = components(path.bytes);
        std::replace(parts.begin(), parts.end(), from, to);
        path.bytes = joined(parts);
      },
      kNothing);
  return steps;
}

// "/a/b/c" becomes "/a/c" for the level "/a/b"; the level's own name stays.
std::vector<Step> without_level(std::vector<Step> steps, const std::string& level) {
  const std::string parent = level.substr(0, level.rfind('/'));
  each_name(
      steps,
      [&](Path& path) {
        if (path.bytes.starts_with(level + "/"))
          path.bytes = parent + path.bytes.substr(level.size());
      },
      kNothing);
  return steps;
}

std::vector<Step> with_handle(std::vector<Step> steps, const Handle& from, const Handle& to) {
  each_name(steps, kNothing, [&](Handle& handle) { handle = handle == from ? to : handle; });
  return steps;
}

}  // namespace

std::vector<std::vector<Step>> simpler_names(const std::vector<Step>& steps) {
  std::set<std::string> used, levels, handles;
  std::vector<Step> walked = steps;
  each_name(
      walked,
      [&](Path& path) {
        for (const std::string& part : components(path.bytes)) used.insert(part);
        for (std::size_t at = path.bytes.find('/', 1); at < path.bytes.size();
             at = path.bytes.find('/', at + 1)) {
          if (path.bytes.front() == '/') levels.insert(path.bytes.substr(0, at));
        }
      },
      [&](Handle& handle) { handles.insert(handle); });

  std::vector<std::vector<Step>> found;
  for (const std::string& level : levels) found.push_back(without_level(steps, level));
  for (const std::string& component : used) {
    const std::string letter = free_letter(used);
    if (is_special(component) || component.size() == 1) continue;
    if (!letter.empty()) found.push_back(with_component(steps, component, letter));
    const std::string half = component.substr(0, component.size() / 2);
    if (half.size() > 1 && !used.contains(half))
      found.push_back(with_component(steps, component, half));
  }
  for (const Handle& handle : handles) {
    const Handle letter = free_letter(handles);
    if (handle.size() > 1 && !letter.empty()) found.push_back(with_handle(steps, handle, letter));
  }
  std::erase(found, steps);
  return found;
}

}  // namespace vexfs::parity
