// SPDX-License-Identifier: MIT
#include "harness/diff/comparison.h"

#include <algorithm>

#include <fmt/format.h>

namespace vexfs::parity {

BlockRole Comparison::pick(const TwoRoles& roles, std::uint64_t block) {
  const BlockRole left = roles[0].role(block);
  return left.kind == BlockKind::kUnused ? roles[1].role(block) : left;
}

BlockRole Comparison::role(std::uint64_t block) {
  if (!roles_) roles_ = {tools::BlockRoles(left()), tools::BlockRoles(right())};
  return pick(*roles_, block);
}

BlockRole Comparison::logged_role(std::uint64_t block) {
  if (!logged_roles_) {
    logged_roles_ = {tools::roles_after_replay(left()), tools::roles_after_replay(right())};
  }
  return pick(*logged_roles_, block);
}

ByteRange Comparison::range(Bytes image, std::uint64_t offset, std::uint64_t size) {
  if (size == 0) return {};
  const Bytes shown = image.subspan(offset, std::min<std::uint64_t>(size, ByteRange::kShownBytes));
  return {offset, size, {shown.begin(), shown.end()}};
}

void Comparison::add(Difference difference) {
  if (!full()) differences_.push_back(std::move(difference));
}

void Comparison::add(std::string path, std::string left_value, std::string right_value,
                     std::uint64_t offset, std::uint64_t size) {
  add({std::move(path), std::move(left_value), std::move(right_value),
       range(left().image(), offset, size), range(right().image(), offset, size)});
}

void Comparison::compare_fields(const Structure& structure, Bytes left_bytes, Bytes right_bytes) {
  const NamedField* checksum = nullptr;
  bool found = false;
  const auto report = [&](const NamedField& field) {
    const Bytes left_value = left_bytes.subspan(field.offset, field.size);
    const Bytes right_value = right_bytes.subspan(field.offset, field.size);
    add(structure.path + std::string(kPathStep) + field.name,
        tools::field_text(field.kind, left_value), tools::field_text(field.kind, right_value),
        structure.image_offset(field.offset), field.size);
  };
  for (const NamedField& field : structure.fields) {
    if (tools::same_bytes(left_bytes.subspan(field.offset, field.size),
                          right_bytes.subspan(field.offset, field.size))) {
      continue;
    }
    if (structure.checksum && field.offset == structure.checksum->crc_offset) {
      checksum = &field;
      continue;
    }
    found = true;
    report(field);
  }
  if (!found && checksum != nullptr) report(*checksum);
}

void Comparison::add_bytes(const std::string& path, std::uint64_t offset, std::uint64_t size) {
  const Bytes left_bytes = left().image().subspan(offset, size);
  const Bytes right_bytes = right().image().subspan(offset, size);
  const auto [first, unused] = std::ranges::mismatch(left_bytes, right_bytes);
  if (first == left_bytes.end()) return;
  const auto start = static_cast<std::uint64_t>(first - left_bytes.begin());
  std::uint64_t end = size;
  while (left_bytes[end - 1] == right_bytes[end - 1]) --end;
  add(fmt::format("{}{}bytes {} to {}", path, kPathStep, start, end - 1),
      tools::hex_text(left_bytes.subspan(start, end - start), 16),
      tools::hex_text(right_bytes.subspan(start, end - start), 16), offset + start, end - start);
}

}  // namespace vexfs::parity
