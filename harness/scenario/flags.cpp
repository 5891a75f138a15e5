// SPDX-License-Identifier: MIT
#include "harness/scenario/flags.h"

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
constexpr Named kNodeTypes[] = {{"fifo", static_cast<std::uint32_t>(NodeType::kFifo)},
                                {"chr", static_cast<std::uint32_t>(NodeType::kCharacter)},
                                {"blk", static_cast<std::uint32_t>(NodeType::kBlock)},
                                {"sock", static_cast<std::uint32_t>(NodeType::kSocket)}};

}  // namespace

std::span<const Named> open_access_names() { return kAccess; }
std::span<const Named> open_bit_names() { return kOpenBits; }
std::span<const Named> rename_flag_names() { return kRenameBits; }
std::span<const Named> node_type_names() { return kNodeTypes; }

}  // namespace vexfs::parity
