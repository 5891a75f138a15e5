// SPDX-License-Identifier: MIT
#include "reference/vector/reply.h"

#include "reference/model/bytes.h"

namespace vexfs::vectors {
namespace {

template <typename T>
void append(Message& message, const T& value) {
  const auto bytes = model::bytes_of(value);
  message.insert(message.end(), bytes.begin(), bytes.end());
}

void append_answers(Message& body, const Answers& found) {
  append(body, vexfs_answers{static_cast<__u32>(found.answers.size()),
                             found.truncated ? VEXFS_ANSWERS_TRUNCATED : 0});
  for (const Answer& answer : found.answers)
    append(body, vexfs_answer{answer.id, answer.distance, answer.slot});
}

Message answer(const Graph& graph, const SearchRequest& request) {
  Message answers;
  bool truncated = false;
  for (const Query& query : request.queries) {
    const Answers found = search(graph, query);
    truncated |= found.truncated;
    append_answers(answers, found);
  }
  vexfs_search_reply reply{};
  reply.queries = static_cast<__u32>(request.queries.size());
  if (truncated) {
    reply.visits = request.limit;
    reply.sequence = graph.state().sequence;
    reply.crc = request.crc;
  }
  Message body;
  append(body, reply);
  body.insert(body.end(), answers.begin(), answers.end());
  return body;
}

Message answer(const Graph& graph, const GetRequest& request) {
  Message body;
  append(body, vexfs_get_reply{static_cast<__u32>(request.ids.size()),
                               static_cast<__u32>(row_bytes(graph.parameters()))});
  for (std::uint64_t id : request.ids) {
    const auto slot = graph.find(id);
    append(body, vexfs_got{id, slot.value_or(kNoSlot), 0});
    if (!slot) continue;
    const Row& row = graph.slot(*slot).row;
    body.insert(body.end(), row.begin(), row.end());
    body.resize((body.size() + 7) / 8 * 8);
  }
  return body;
}

Message answer(const Graph& graph, const ListRequest& request) {
  vexfs_list_reply reply{0, kNoSlot};
  Message listed;
  for (SlotNumber number = request.cursor; number < graph.size(); ++number) {
    if (graph.slot(number).dead) continue;
    if (reply.count == request.max) {
      reply.next = number;
      break;
    }
    ++reply.count;
    append(listed, vexfs_listed{graph.slot(number).id, number, 0});
  }
  Message body;
  append(body, reply);
  body.insert(body.end(), listed.begin(), listed.end());
  return body;
}

Message answer(const Graph& graph, const CountRequest&) {
  Message body;
  append(body, vexfs_count_reply{graph.state().sequence, graph.live(), graph.size(),
                                 graph.state().linked, static_cast<__u32>(graph.tail().size())});
  return body;
}

}  // namespace

Message make_reply(std::span<const std::byte> request, const Fault& fault,
                   std::span<const std::byte> body) {
  vexfs_reply reply{};
  reply.magic = VEXFS_REPLY_MAGIC;
  reply.version = VEXFS_DOOR_VERSION;
  if (request.size() >= sizeof(vexfs_request)) {
    const auto header = model::get<vexfs_request>(request);
    reply.opcode = header.opcode;
    reply.tag = header.tag;
  }
  reply.status = static_cast<__u32>(fault.status);
  reply.length = static_cast<__u32>(sizeof(reply) + body.size());
  reply.field = fault.field;
  reply.index = fault.index;
  Message message;
  append(message, reply);
  message.insert(message.end(), body.begin(), body.end());
  return message;
}

Message make_reply(std::span<const std::byte> request, std::span<const std::byte> body) {
  return make_reply(request, Fault{.status = 0}, body);
}

Message answer_query(const Graph& graph, std::span<const std::byte> request) {
  const auto parsed = parse_query(graph.parameters(), graph.state().sequence, request);
  if (!parsed) return make_reply(request, parsed.error());
  const Message body =
      std::visit([&](const auto& wanted) { return answer(graph, wanted); }, *parsed);
  return make_reply(request, body);
}

}  // namespace vexfs::vectors
