// SPDX-License-Identifier: MIT
#include "reference/tools/fsck/check_volume.h"

#include "reference/tools/fsck/check_context.h"

namespace vexfs::tools {
namespace {

// Reports what is wrong with both superblocks of something that is no usable volume.
Findings check_unusable(Bytes image, std::string reason) {
  Findings findings;
  const std::uint64_t blocks = image.size() / kBlockSize;
  if (blocks > 0) check_superblock(image.first(kBlockSize), blocks, "superblock", findings);
  findings.error("super.unusable", "superblock", "a superblock that describes a volume",
                 std::move(reason));
  return findings;
}

}  // namespace

Findings check_volume(Bytes image) {
  auto view = VolumeView::open(image);
  if (!view) return check_unusable(image, view.error());
  CheckContext context(std::move(*view));
  check_superblocks(image, context);
  check_anchors(context);
  check_log(context);
  check_state(context);
  check_inodes(context);
  check_directories(context);
  check_collections(context);
  check_links(context);
  check_bitmaps(context);
  check_events(context);
  return std::move(context.findings);
}

}  // namespace vexfs::tools
