// SPDX-License-Identifier: MIT
#include "fuse/daemon/handshake.h"

#include <linux/fuse.h>

#include <algorithm>
#include <cstring>

namespace vexfs::daemon {

void Handshake::see_request(std::span<const std::byte> request) {
  fuse_in_header header{};
  if (request.size() < sizeof(header)) {
    return;
  }
  std::memcpy(&header, request.data(), sizeof(header));
  if (header.opcode != FUSE_INIT) {
    return;
  }
  // Older kernels send a shorter structure; what they do not send they do not offer.
  fuse_init_in init{};
  const auto body = request.subspan(sizeof(header));
  std::memcpy(&init, body.data(), std::min(body.size(), sizeof(init)));
  if ((init.flags & FUSE_HANDLE_KILLPRIV_V2) != 0) {
    unique_ = header.unique;
  }
}

void Handshake::complete_reply(std::span<iovec> reply) {
  if (unique_ == 0 || reply.size() != 2 || reply[0].iov_len != sizeof(fuse_out_header) ||
      reply[1].iov_len < sizeof(fuse_init_out)) {
    return;
  }
  const auto* header = static_cast<const fuse_out_header*>(reply[0].iov_base);
  if (header->unique != unique_ || header->error != 0) {
    return;
  }
  auto* init = static_cast<fuse_init_out*>(reply[1].iov_base);
  init->flags &= ~static_cast<uint32_t>(FUSE_HANDLE_KILLPRIV);
  init->flags |= FUSE_HANDLE_KILLPRIV_V2;
  unique_ = 0;
}

}  // namespace vexfs::daemon
