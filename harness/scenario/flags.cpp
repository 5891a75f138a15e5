// SPDX-License-Identifier: MIT
#include "harness/scenario/flags.h"

#include <sys/stat.h>

namespace vexfs::parity {
namespace {

constexpr Named kAccess[] = {{"rdonly", OpenFlags::kReadOnly},
                             {"wronly", OpenFlags::kWriteOnly},
                             {"rdwr", OpenFlags::kReadWrite}};
constexpr Named kOpenBits[] = {
    {"creat", OpenFlags::kCreate},        {"excl", OpenFlags::kExclusive},
    {"trunc", OpenFlags::kTruncate},      {"append", OpenFlags::kAppend},
    {"directory", OpenFlags::kDirectory}, {"nofollow", OpenFlags::kNoFollow}};
constexpr Named kRenameBits[] = {{"noreplace", RenameFlags::kNoReplace},
                                 {"exchange", RenameFlags::kExchange}};
constexpr Named kXattrBits[] = {{"create", XattrFlags::kCreate}, {"replace", XattrFlags::kReplace}};
constexpr Named kDoors[] = {{"query", static_cast<std::uint32_t>(Door::kQuery)},
                            {"update", static_cast<std::uint32_t>(Door::kUpdate)}};
constexpr Named kRegions[] = {{"log", static_cast<std::uint32_t>(Region::kLog)},
                              {"anchor", static_cast<std::uint32_t>(Region::kAnchor)},
                              {"data", static_cast<std::uint32_t>(Region::kData)}};
constexpr Named kNodeTypes[] = {{"fifo", static_cast<std::uint32_t>(NodeType::kFifo)},
                                {"chr", static_cast<std::uint32_t>(NodeType::kCharacter)},
                                {"blk", static_cast<std::uint32_t>(NodeType::kBlock)},
                                {"sock", static_cast<std::uint32_t>(NodeType::kSocket)}};

}  // namespace

std::span<const Named> open_access_names() { return kAccess; }
std::span<const Named> open_bit_names() { return kOpenBits; }
std::span<const Named> rename_flag_names() { return kRenameBits; }
std::span<const Named> xattr_flag_names() { return kXattrBits; }
std::span<const Named> door_names() { return kDoors; }
std::span<const Named> region_names() { return kRegions; }
std::span<const Named> node_type_names() { return kNodeTypes; }

std::uint32_t node_type_bits(NodeType type) {
  switch (type) {
    case NodeType::kFifo:
      return S_IFIFO;
    case NodeType::kCharacter:
      return S_IFCHR;
    case NodeType::kBlock:
      return S_IFBLK;
    case NodeType::kSocket:
      return S_IFSOCK;
  }
  return S_IFIFO;
}

}  // namespace vexfs::parity
