// SPDX-License-Identifier: MIT
#include "reference/tools/mkfs/signatures.h"

#include <array>

namespace vexfs::tools {
namespace {

struct Signature {
  std::string_view name;
  std::size_t offset;
  std::string_view bytes;
};

using namespace std::string_view_literals;

constexpr std::array kSignatures = {
    Signature{"vexfs", 0, "VEXF"sv},
    Signature{"ext2, ext3 or ext4", 0x438, "\x53\xef"sv},
    Signature{"xfs", 0, "XFSB"sv},
    Signature{"btrfs", 0x10040, "_BHRfS_M"sv},
    Signature{"f2fs", 0x400, "\x10\x20\xf5\xf2"sv},
    Signature{"squashfs", 0, "hsqs"sv},
    Signature{"LUKS", 0, "LUKS\xba\xbe"sv},
    Signature{"LVM", 0x218, "LVM2 001"sv},
    Signature{"swap", 0xff6, "SWAPSPACE2"sv},
    Signature{"iso9660", 0x8001, "CD001"sv},
    Signature{"ntfs", 3, "NTFS    "sv},
    Signature{"a GPT partition table", 512, "EFI PART"sv},
    Signature{"a boot sector or partition table", 510, "\x55\xaa"sv},
};

}  // namespace

std::string_view find_signature(Bytes start) {
  for (const Signature& signature : kSignatures) {
    if (signature.offset + signature.bytes.size() > start.size()) continue;
    const Bytes there = start.subspan(signature.offset, signature.bytes.size());
    if (same_bytes(there, std::as_bytes(std::span(signature.bytes)))) return signature.name;
  }
  return {};
}

}  // namespace vexfs::tools
