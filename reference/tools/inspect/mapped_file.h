// SPDX-License-Identifier: MIT
// An image file or block device, mapped for reading.
#pragma once

#include <expected>
#include <string>

#include "reference/tools/inspect/bytes.h"

namespace vexfs::tools {

class MappedFile {
 public:
  // Errors are sentences that name the file.
  static std::expected<MappedFile, std::string> open(const std::string& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&&) = delete;
  ~MappedFile();

  Bytes bytes() const { return {static_cast<const std::byte*>(address_), size_}; }

 private:
  MappedFile(void* address, std::size_t size) : address_(address), size_(size) {}

  void* address_;
  std::size_t size_;
};

}  // namespace vexfs::tools
