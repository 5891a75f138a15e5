// SPDX-License-Identifier: MIT
// Replies of the doors: docs/vectors.md, "Doors".
#pragma once

#include "reference/vector/request.h"

namespace vexfs::vectors {

/// The reply to `request`: a header, which takes opcode and tag from it if it has one, and `body`.
Message make_reply(std::span<const std::byte> request, const Fault& fault,
                   std::span<const std::byte> body = {});

/// A reply without a fault.
Message make_reply(std::span<const std::byte> request, std::span<const std::byte> body);

/// All that the query door does.
Message answer_query(const Graph& graph, std::span<const std::byte> request);

}  // namespace vexfs::vectors
