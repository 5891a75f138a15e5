// SPDX-License-Identifier: MIT
// Strict reading of JSON: the first fault is kept with its JSON pointer and what was expected
// there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace vexfs::parity {

using Json = nlohmann::ordered_json;

/// Why a document was refused.
struct Fault {
  std::string pointer;   // RFC 6901, "" is the whole document
  std::string expected;  // what would have been right there
  std::string found;     // the offending JSON, shortened

  /// One line for a person.
  std::string message() const;
};

/// One place in a document. Copies share the fault; after the first fault further ones are ignored.
class JsonReader {
 public:
  JsonReader(const Json& node, std::string pointer, std::optional<Fault>& fault)
      : node_(&node), pointer_(std::move(pointer)), fault_(&fault) {}

  const Json& node() const { return *node_; }
  bool ok() const { return !fault_->has_value(); }

  void fail(std::string expected) const;
  void fail_at(std::string_view key, std::string expected, std::string found) const;

  JsonReader child(std::string_view key) const;
  JsonReader child(std::size_t index) const;

  // Each fails, and answers a zero value, where the node is something else.
  std::string string(std::string_view what) const;
  bool boolean() const;
  std::int64_t integer(std::int64_t least, std::int64_t most) const;
  std::uint64_t natural(std::uint64_t most = UINT64_MAX) const;
  bool is_array(std::string_view what) const;
  bool is_object(std::string_view what) const;

 private:
  const Json* node_;
  std::string pointer_;
  std::optional<Fault>* fault_;
};

/// Reads the members of an object by name; a visitor for `visit_fields`. `read_value(JsonReader,
/// T&)` is found by argument lookup for each field's type.
class ObjectReader {
 public:
  ObjectReader(JsonReader reader, std::string_view what) : reader_(reader) {
    usable_ = reader_.is_object(what);
  }

  template <class T>
  void required(std::string_view name, T& field) {
    known_.emplace_back(name);
    if (!usable_) return;
    if (!reader_.node().contains(name)) {
      reader_.fail("a member \"" + std::string(name) + "\"");
      return;
    }
    read_value(reader_.child(name), field);
  }

  template <class T, class Default>
  void optional(std::string_view name, T& field, const Default& fallback) {
    known_.emplace_back(name);
    field = fallback;
    if (usable_ && reader_.node().contains(name)) read_value(reader_.child(name), field);
  }

  /// A name that is legal here and read elsewhere.
  void allow(std::string_view name) { known_.emplace_back(name); }

  /// Refuses members that nobody asked for. Call last.
  void finish() const;

 private:
  JsonReader reader_;
  std::vector<std::string> known_;
  bool usable_ = false;
};

}  // namespace vexfs::parity
