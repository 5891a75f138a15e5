// SPDX-License-Identifier: MIT
#include "harness/target/build_id.h"

#include <cstring>

#include <elf.h>
#include <fmt/format.h>
#include <link.h>

namespace vexfs::parity {
namespace {

// The descriptor of the first NT_GNU_BUILD_ID note in [note, end), as hex.
std::string id_in_notes(const char* note, const char* end) {
  while (note + sizeof(ElfW(Nhdr)) <= end) {
    ElfW(Nhdr) header;
    std::memcpy(&header, note, sizeof header);
    const auto padded = [](ElfW(Word) size) { return (std::size_t{size} + 3) & ~std::size_t{3}; };
    const char* descriptor = note + sizeof header + padded(header.n_namesz);
    if (header.n_type == NT_GNU_BUILD_ID && descriptor + header.n_descsz <= end) {
      std::string hex;
      for (ElfW(Word) i = 0; i < header.n_descsz; ++i) {
        hex += fmt::format("{:02x}", static_cast<unsigned char>(descriptor[i]));
      }
      return hex;
    }
    note = descriptor + padded(header.n_descsz);
  }
  return {};
}

// dl_iterate_phdr visits the program itself first.
int find_id(dl_phdr_info* info, std::size_t, void* result) {
  auto& id = *static_cast<std::string*>(result);
  for (int i = 0; i < info->dlpi_phnum && id.empty(); ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_NOTE) continue;
    const char* start = reinterpret_cast<const char*>(info->dlpi_addr + segment.p_vaddr);
    id = id_in_notes(start, start + segment.p_memsz);
  }
  return 1;
}

}  // namespace

std::string own_build_id() {
  std::string id;
  dl_iterate_phdr(find_id, &id);
  return id.empty() ? "unknown" : id;
}

}  // namespace vexfs::parity
