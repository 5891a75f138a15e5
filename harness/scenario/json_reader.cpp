// SPDX-License-Identifier: MIT
#include "harness/scenario/json_reader.h"

#include <algorithm>

namespace vexfs::parity {
namespace {

constexpr std::size_t kShownLength = 60;

std::string shown(const Json& node) {
  std::string text = node.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kShownLength) text = text.substr(0, kShownLength) + "...";
  return text;
}

std::string escaped(std::string_view key) {
  std::string out;
  for (char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string Fault::message() const {
  const std::string place = pointer.empty() ? "the document" : pointer;
  return "at " + place + ": expected " + expected + ", found " + found;
}

void JsonReader::fail(std::string expected) const {
  if (ok()) *fault_ = Fault{pointer_, std::move(expected), shown(*node_)};
}

void JsonReader::fail_at(std::string_view key, std::string expected, std::string found) const {
  if (ok()) *fault_ = Fault{pointer_ + "/" + escaped(key), std::move(expected), std::move(found)};
}

JsonReader JsonReader::child(std::string_view key) const {
  return JsonReader(node_->at(std::string(key)), pointer_ + "/" + escaped(key), *fault_);
}

JsonReader JsonReader::child(std::size_t index) const {
  return JsonReader(node_->at(index), pointer_ + "/" + std::to_string(index), *fault_);
}

std::string JsonReader::string(std::string_view what) const {
  if (node_->is_string()) return node_->get<std::string>();
  fail(std::string(what));
  return {};
}

bool JsonReader::boolean() const {
  if (node_->is_boolean()) return node_->get<bool>();
  fail("true or false");
  return false;
}

std::int64_t JsonReader::integer(std::int64_t least, std::int64_t most) const {
  const bool fits = node_->is_number_integer() &&
                    (!node_->is_number_unsigned() || node_->get<std::uint64_t>() <= INT64_MAX);
  const std::int64_t value = fits ? node_->get<std::int64_t>() : 0;
  if (fits && value >= least && value <= most) return value;
  fail("an integer from " + std::to_string(least) + " to " + std::to_string(most));
  return 0;
}

std::uint64_t JsonReader::natural(std::uint64_t most) const {
  const bool fits = node_->is_number_unsigned() ||
                    (node_->is_number_integer() && node_->get<std::int64_t>() >= 0);
  const std::uint64_t value = fits ? node_->get<std::uint64_t>() : 0;
  if (fits && value <= most) return value;
  fail("an integer from 0 to " + std::to_string(most));
  return 0;
}

bool JsonReader::is_array(std::string_view what) const {
  if (node_->is_array()) return true;
  fail(std::string(what));
  return false;
}

bool JsonReader::is_object(std::string_view what) const {
  if (node_->is_object()) return true;
  fail(std::string(what));
  return false;
}

void ObjectReader::finish() const {
  if (!usable_) return;
  for (const auto& [key, value] : reader_.node().items()) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    std::string names;
    for (const auto& name : known_) names += (names.empty() ? "" : ", ") + name;
    reader_.fail_at(key, "one of the members " + names, "\"" + key + "\"");
    return;
  }
}

}  // namespace vexfs::parity
