// SPDX-License-Identifier: MIT
#include "reference/vector/encode.h"

#include "reference/model/bytes.h"

namespace vexfs::vectors {
namespace {

void append(Message& message, std::span<const std::byte> bytes) {
  message.insert(message.end(), bytes.begin(), bytes.end());
}

}  // namespace

Message encode_request(std::uint16_t opcode, std::span<const std::byte> body, std::uint32_t flags) {
  vexfs_request header{};
  header.magic = VEXFS_REQUEST_MAGIC;
  header.version = VEXFS_DOOR_VERSION;
  header.opcode = opcode;
  header.flags = flags;
  header.length = static_cast<__u32>(sizeof(header) + body.size());
  Message message;
  append(message, model::bytes_of(header));
  append(message, body);
  return message;
}

Message encode_put(Ids ids, std::span<const std::byte> rows) {
  Message body;
  append(body, model::bytes_of(vexfs_ids{static_cast<__u32>(ids.size()), 0}));
  append(body, std::as_bytes(ids));
  append(body, rows);
  return encode_request(VEXFS_OP_PUT, body);
}

Message encode_ids(std::uint16_t opcode, Ids ids) {
  Message body;
  append(body, model::bytes_of(vexfs_ids{static_cast<__u32>(ids.size()), 0}));
  append(body, std::as_bytes(ids));
  return encode_request(opcode, body);
}

Message encode_search(std::uint16_t opcode, vexfs_search search, std::span<const std::byte> rows,
                      Ids filter, bool exact) {
  search.filter = static_cast<__u32>(filter.size());
  Message body;
  append(body, model::bytes_of(search));
  append(body, rows);
  body.resize((body.size() + 7) / 8 * 8);
  append(body, std::as_bytes(filter));
  return encode_request(opcode, body, exact ? VEXFS_SEARCH_EXACT : 0);
}

Message encode_list(std::uint32_t cursor, std::uint32_t max) {
  return encode_request(VEXFS_OP_LIST, model::bytes_of(vexfs_list{cursor, max}));
}

Message encode_compact() { return encode_request(VEXFS_OP_COMPACT, {}); }

Message encode_count() { return encode_request(VEXFS_OP_COUNT, {}); }

Message encode_event(std::uint16_t type, std::uint64_t cause, std::string_view text) {
  Message body;
  append(body,
         model::bytes_of(vexfs_custom_event{type, static_cast<__u16>(text.size()), 0, cause}));
  append(body, std::as_bytes(std::span(text)));
  return encode_request(VEXFS_OP_EVENT, body);
}

}  // namespace vexfs::vectors
