// SPDX-License-Identifier: MIT
// Saved guests that outlive a run of the harness, so that the next run need not boot.
#pragma once

#include <filesystem>
#include <string>

#include "harness/vm/kernel_image.h"

namespace vexfs::parity::vm {

// One saved state beside its image, in <image folder>/states/. It is found again only with the same
// bytes of kernel and initramfs, the same configuration, and within the same boot of the host. All
// failures mean "not there": the guest is then booted.
class StateCache {
 public:
  // `configuration` is all else that decides what the state holds.
  StateCache(const KernelImage& image, const std::string& configuration);

  // Puts the state into the folder `dir`, where it stays whatever becomes of the cache. False if
  // there is none. Its files may be shared with others: nobody may write into them.
  bool fetch(const std::filesystem::path& dir) const;
  // Keeps the files of the folder `dir` for later and forgets older ones of the same configuration.
  void store(const std::filesystem::path& dir) const;
  // Forgets the state: it turned out to be unusable.
  void forget() const;

 private:
  std::filesystem::path dir_;
  std::string label_;    // of the configuration
  std::string content_;  // of the image and the host
};

}  // namespace vexfs::parity::vm
