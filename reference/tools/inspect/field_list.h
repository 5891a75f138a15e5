// SPDX-License-Identifier: MIT
// Builds the fields of a structure from tables and parts of variable length.
#pragma once

#include <string>
#include <vector>

#include "reference/tools/inspect/structure.h"

namespace vexfs::tools {

// Each part is added behind the last.
class FieldList {
 public:
  // A part of length 0 is left out.
  void add(std::string name, std::size_t size, FieldKind kind) {
    if (size != 0)
      fields_.push_back({std::move(name), at_, static_cast<std::uint32_t>(size), kind});
    at_ += static_cast<std::uint32_t>(size);
  }

  void add_fields(std::span<const Field> fields, const std::string& prefix) {
    for (const Field& field : fields) add(prefix + std::string(field.name), field.size, field.kind);
  }
  void add_type(const StructureType& type, const std::string& prefix = "") {
    add_fields(type.fields, prefix);
  }

  // Extents or index entries.
  void add_entries(unsigned count, bool is_index) {
    const StructureType& type = is_index ? kExtentIndexType : kExtentType;
    for (unsigned i = 0; i < count; ++i) {
      add_type(type, std::string(type.name) + " " + std::to_string(i) + std::string(kPathStep));
    }
  }

  // One part up to `end`, if the fields so far end before it.
  void fill_up_to(std::uint32_t end, std::string name, FieldKind kind) {
    if (at_ < end) add(std::move(name), end - at_, kind);
  }

  // All fields, with what is left of a structure of `size` bytes as an unused part.
  std::vector<NamedField> take(std::uint32_t size) {
    fill_up_to(size, "unused", FieldKind::kReserved);
    return std::move(fields_);
  }

 private:
  std::vector<NamedField> fields_;
  std::uint32_t at_ = 0;
};

}  // namespace vexfs::tools
