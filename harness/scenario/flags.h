// SPDX-License-Identifier: MIT
// Sets of named flags and enumerations that operations carry.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace vexfs::parity {

/// A name in a scenario file and the bit or value that it stands for.
struct Named {
  std::string_view name;
  std::uint32_t value;
};

/// How `open` opens. Exactly one access mode, any of the other flags.
struct OpenFlags {
  enum Access : std::uint32_t { kReadOnly = 0, kWriteOnly = 1, kReadWrite = 2 };
  enum Bit : std::uint32_t {
    kCreate = 1u << 4,
    kExclusive = 1u << 5,
    kTruncate = 1u << 6,
    kAppend = 1u << 7,
    kDirectory = 1u << 8,
    kNoFollow = 1u << 9,
  };
  std::uint32_t bits = kReadOnly;

  Access access() const { return static_cast<Access>(bits & 3u); }
  bool has(Bit bit) const { return (bits & bit) != 0; }
  bool operator==(const OpenFlags&) const = default;
};

struct RenameFlags {
  enum Bit : std::uint32_t { kNoReplace = 1, kExchange = 2 };
  std::uint32_t bits = 0;

  bool has(Bit bit) const { return (bits & bit) != 0; }
  bool operator==(const RenameFlags&) const = default;
};

/// Flags of `setxattr`.
struct XattrFlags {
  enum Bit : std::uint32_t { kCreate = 1, kReplace = 2 };  // as XATTR_*
  std::uint32_t bits = 0;

  bool operator==(const XattrFlags&) const = default;
};

/// The doors of a collection.
enum class Door : std::uint32_t { kQuery, kUpdate };

/// The regions of a volume whose writes `fail_writes` makes fail.
enum class Region : std::uint32_t { kLog, kAnchor, kData };

/// The type of a node that `mknod` makes. Regular files are made by `open` with `creat`.
enum class NodeType : std::uint32_t { kFifo, kCharacter, kBlock, kSocket };

/// The S_IFMT bits of such a node.
std::uint32_t node_type_bits(NodeType type);

/// One of the three access modes of `OpenFlags`.
std::span<const Named> open_access_names();
/// The other flags of `OpenFlags`.
std::span<const Named> open_bit_names();
std::span<const Named> rename_flag_names();
std::span<const Named> xattr_flag_names();
/// Also the names of their files.
std::span<const Named> door_names();
std::span<const Named> region_names();
std::span<const Named> node_type_names();

}  // namespace vexfs::parity
