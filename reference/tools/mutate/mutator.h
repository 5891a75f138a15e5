// SPDX-License-Identifier: MIT
// Changes single fields of a volume's structures, for the suites that feed malformed volumes to the
// implementations.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "reference/tools/inspect/structure.h"

namespace vexfs::tools {

// Whether the checksum over a changed field is made right again: with it the change reaches the
// checks behind the checksum.
enum class Reseal : std::uint8_t { kNo, kYes };

// A change of a volume, and how to take it back.
struct Mutation {
  std::string path;    // such as "inode 12 › nlink"
  std::string before;  // the field's value, as the dump prints it
  std::string after;
  bool resealed;  // the checksum was made right again
  const Structure* structure;
  std::vector<std::byte> old_bytes;  // of the structure

  std::string text() const;
};

// Knows all structures and fields of one volume. Must outlive its mutations.
class Mutator {
 public:
  // Fails, with a sentence for a person, if the image is no volume. Reads the image only here.
  static std::expected<Mutator, std::string> open(Bytes image);

  const std::vector<Structure>& structures() const { return structures_; }
  std::uint64_t field_count() const;

  // Changes one field of `image` (a copy of the volume that was opened), chosen by `seed` alone:
  // first a structure, then a field, then a way to change it. The value always differs.
  Mutation mutate(MutableBytes image, std::uint64_t seed, Reseal reseal) const;

  // Sets the field with this path (structure › field) to a number; the bytes above 8 stay.
  std::expected<Mutation, std::string> set(MutableBytes image, std::string_view path,
                                           std::uint64_t value, Reseal reseal) const;

  // Restores what the mutation changed.
  static void undo(MutableBytes image, const Mutation& mutation);

 private:
  Mutator(Uuid uuid, std::vector<Structure> structures)
      : uuid_(uuid), structures_(std::move(structures)) {}
  Mutation change(MutableBytes image, const Structure& structure, const NamedField& field,
                  const std::vector<std::byte>& value, Reseal reseal) const;

  Uuid uuid_;
  std::vector<Structure> structures_;
};

}  // namespace vexfs::tools
