// SPDX-License-Identifier: MIT
#include "reference/tools/mutate/mutator.h"

#include <algorithm>

#include <fmt/format.h>

namespace vexfs::tools {
namespace {

// splitmix64: small, and the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t value = state_ += 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
  }
  std::uint64_t below(std::uint64_t end) { return next() % end; }

 private:
  std::uint64_t state_;
};

void put_number(std::vector<std::byte>& value, std::uint64_t number) {
  for (std::size_t i = 0; i < std::min<std::size_t>(value.size(), 8); ++i) {
    value[i] = static_cast<std::byte>(number >> (8 * i));
  }
}

// Numbers at which code that forgets a check goes wrong.
std::uint64_t suspicious_number(Random& random, std::uint64_t now) {
  static constexpr std::uint64_t kNumbers[] = {
      0,          1,          2,          7,          8,          9,          255,     256,
      4095,       4096,       4097,       0x7fff,     0x8000,     0xffff,     0x10000, 0x7fffffff,
      0x80000000, 0xffffffff, 1ULL << 32, 1ULL << 44, 1ULL << 62, 1ULL << 63, ~0ULL,   ~0ULL - 1};
  switch (random.below(4)) {
    case 0:
      return now + 1;
    case 1:
      return now - 1;
    case 2:
      return random.next();
    default:
      return kNumbers[random.below(std::size(kNumbers))];
  }
}

// A value that differs from `now`.
std::vector<std::byte> changed(Random& random, const std::vector<std::byte>& now) {
  std::vector<std::byte> value = now;
  if (value.size() <= 8 && random.below(4) != 0) {
    put_number(value, suspicious_number(random, field_number(now)));
  } else {
    for (std::uint64_t i = 0, count = 1 + random.below(3); i < count; ++i) {
      value[random.below(value.size())] ^= std::byte{1} << random.below(8);
    }
  }
  if (value == now) value[random.below(value.size())] ^= std::byte{1} << random.below(8);
  return value;
}

bool is_checksum(const Structure& structure, const NamedField& field) {
  return structure.checksum && field.offset == structure.checksum->crc_offset;
}

}  // namespace

std::string Mutation::text() const {
  return fmt::format("{}: {} -> {}{}", path, before, after,
                     resealed ? " (checksum made right)" : "");
}

std::expected<Mutator, std::string> Mutator::open(Bytes image) {
  auto view = VolumeView::open(image);
  if (!view) return std::unexpected(view.error());
  return Mutator(view->uuid(), all_structures(*view));
}

std::uint64_t Mutator::field_count() const {
  std::uint64_t count = 0;
  for (const Structure& structure : structures_) count += structure.fields.size();
  return count;
}

Mutation Mutator::change(MutableBytes image, const Structure& structure, const NamedField& field,
                         const std::vector<std::byte>& value, Reseal reseal) const {
  const std::vector<std::byte> old_bytes = structure.read(image);
  std::vector<std::byte> bytes = old_bytes;
  std::ranges::copy(value, bytes.begin() + field.offset);
  // A changed checksum field would be put right again.
  const bool reseals =
      reseal == Reseal::kYes && structure.checksum && !is_checksum(structure, field);
  // The superblock's own checksum starts from the uuid that it then has.
  const bool is_super = structure.path.starts_with("superblock");
  if (reseals) {
    structure.seal(is_super ? load<Uuid>(bytes, offsetof(vexfs_superblock, uuid)) : uuid_, bytes);
  }
  structure.write(image, bytes);
  const Bytes before = Bytes(old_bytes).subspan(field.offset, field.size);
  return {structure.path + std::string(kPathStep) + field.name,
          field_text(field.kind, before),
          field_text(field.kind, value),
          reseals,
          &structure,
          old_bytes};
}

Mutation Mutator::mutate(MutableBytes image, std::uint64_t seed, Reseal reseal) const {
  Random random(seed);
  const Structure& structure = structures_[random.below(structures_.size())];
  const NamedField& field = structure.fields[random.below(structure.fields.size())];
  const std::vector<std::byte> bytes = structure.read(image);
  const std::vector<std::byte> now(bytes.begin() + field.offset,
                                   bytes.begin() + field.offset + field.size);
  return change(image, structure, field, changed(random, now), reseal);
}

std::expected<Mutation, std::string> Mutator::set(MutableBytes image, std::string_view path,
                                                  std::uint64_t value, Reseal reseal) const {
  for (const Structure& structure : structures_) {
    const std::string prefix = structure.path + std::string(kPathStep);
    if (!path.starts_with(prefix)) continue;
    for (const NamedField& field : structure.fields) {
      if (field.name != path.substr(prefix.size())) continue;
      const std::vector<std::byte> bytes = structure.read(image);
      std::vector<std::byte> wanted(bytes.begin() + field.offset,
                                    bytes.begin() + field.offset + field.size);
      put_number(wanted, value);
      return change(image, structure, field, wanted, reseal);
    }
  }
  return std::unexpected(fmt::format("the volume has no field '{}'", path));
}

void Mutator::undo(MutableBytes image, const Mutation& mutation) {
  mutation.structure->write(image, mutation.old_bytes);
}

}  // namespace vexfs::tools
