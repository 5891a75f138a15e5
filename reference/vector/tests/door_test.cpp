// SPDX-License-Identifier: MIT
#include <limits>

#include <gtest/gtest.h>

#include "reference/model/bytes.h"
#include "reference/vector/reply.h"

namespace vexfs::vectors {
namespace {

constexpr Parameters kPlane{2, VEXFS_TYPE_F32, VEXFS_METRIC_L2, 4, 20, 0};

template <typename T>
Message bytes(const T& value) {
  const auto view = model::bytes_of(value);
  return {view.begin(), view.end()};
}

Message operator+(Message left, const Message& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Message row(float x, float y) { return bytes(x) + bytes(y); }

// A request with a header that fits its body.
Message request(std::uint16_t opcode, const Message& body, std::uint32_t flags = 0) {
  const auto length = static_cast<__u32>(sizeof(vexfs_request) + body.size());
  return bytes(vexfs_request{VEXFS_REQUEST_MAGIC, 1, opcode, flags, length, 77, 0}) + body;
}

vexfs_search search_for(std::uint32_t k, std::uint32_t queries, std::uint32_t max_visits = 0) {
  vexfs_search search{};
  search.k = search.ef = k;
  search.queries = queries;
  search.max_visits = max_visits;
  return search;
}

Message search_request(vexfs_search search, const Message& rest,
                       std::uint16_t opcode = VEXFS_OP_SEARCH) {
  return request(opcode, bytes(search) + rest);
}

Message put_request(std::initializer_list<std::uint64_t> ids, const Message& rows) {
  Message body = bytes(vexfs_ids{static_cast<__u32>(ids.size()), 0});
  for (std::uint64_t id : ids) body = body + bytes(id);
  return request(VEXFS_OP_PUT, body + rows);
}

Fault query_fault(const Message& message) {
  const auto parsed = parse_query(kPlane, 5, message);
  return parsed ? Fault{0, 0, 0} : parsed.error();
}

Fault update_fault(const Message& message) {
  const auto parsed = parse_update(kPlane, message);
  return parsed ? Fault{0, 0, 0} : parsed.error();
}

constexpr Fault kNone{0, 0, 0};
constexpr Fault invalid(std::uint32_t field, std::uint32_t index = 0) {
  return {EINVAL, field, index};
}

TEST(Request, HeaderIsCheckedFieldByField) {
  Message count = request(VEXFS_OP_COUNT, {});
  EXPECT_EQ(query_fault(count), kNone);
  EXPECT_EQ(query_fault({}), invalid(12));
  EXPECT_EQ(query_fault(Message(count.begin(), count.end() - 1)), invalid(12));
  EXPECT_EQ(query_fault(count + Message(1)), invalid(12)) << "length is not what was staged";
  // All that is wrong at once, and mended from the front.
  Message wrong = count + Message(8);
  for (std::size_t at = 0; at < 32; ++at)
    if (at < 16 || at >= 24) wrong[at] ^= std::byte{0x80};
  const auto mend = [&](std::size_t from, std::size_t to) {
    std::copy(count.begin() + static_cast<std::ptrdiff_t>(from),
              count.begin() + static_cast<std::ptrdiff_t>(to),
              wrong.begin() + static_cast<std::ptrdiff_t>(from));
  };
  EXPECT_EQ(query_fault(wrong), invalid(0));
  mend(0, 4);
  EXPECT_EQ(query_fault(wrong), invalid(4));
  mend(4, 6);
  EXPECT_EQ(query_fault(wrong), invalid(12));
  model::put(std::span(wrong), 12, std::uint32_t{40});
  EXPECT_EQ(query_fault(wrong), invalid(6));
  mend(6, 8);
  EXPECT_EQ(query_fault(wrong), invalid(8));
  mend(8, 12);
  EXPECT_EQ(query_fault(wrong), invalid(24));
  mend(24, 32);
  EXPECT_EQ(query_fault(wrong), invalid(12)) << "count has no body";
}

TEST(Request, BelongsToOneDoor) {
  EXPECT_EQ(update_fault(request(VEXFS_OP_COUNT, {})), invalid(6));
  EXPECT_EQ(query_fault(request(VEXFS_OP_COMPACT, {})), invalid(6));
  EXPECT_EQ(update_fault(request(VEXFS_OP_COMPACT, {})), kNone);
  EXPECT_EQ(update_fault(request(VEXFS_OP_COMPACT, Message(1))), invalid(12));
}

TEST(Request, SearchIsCheckedFieldByField) {
  const Message rows = row(1, 2);
  const vexfs_search good = search_for(1, 1);
  const auto with = [&](auto change) {
    vexfs_search search = good;
    change(search);
    return query_fault(search_request(search, rows));
  };
  EXPECT_EQ(with([](vexfs_search&) {}), kNone);
  EXPECT_EQ(with([](vexfs_search& s) { s.k = 0; }), invalid(32));
  EXPECT_EQ(with([](vexfs_search& s) { s.k = VEXFS_K_MAX + 1; }), invalid(32));
  EXPECT_EQ(with([](vexfs_search& s) { s.k = VEXFS_K_MAX, s.queries = 16; }), invalid(32))
      << "a reply above 16 MiB";
  EXPECT_EQ(with([](vexfs_search& s) { s.ef = 0; }), invalid(36));
  EXPECT_EQ(with([](vexfs_search& s) { s.queries = 0; }), invalid(40));
  EXPECT_EQ(with([](vexfs_search& s) { s.queries = 2; }), invalid(12));
  EXPECT_EQ(with([](vexfs_search& s) { s.filter = 1; }), invalid(12));
  EXPECT_EQ(with([](vexfs_search& s) { s.visits = 1; }), invalid(52));
  EXPECT_EQ(with([](vexfs_search& s) { s.sequence = 1; }), invalid(56));
  EXPECT_EQ(with([](vexfs_search& s) { s.crc = 1; }), invalid(64));
  EXPECT_EQ(with([](vexfs_search& s) { s.reserved = 1; }), invalid(68));
  EXPECT_EQ(query_fault(request(VEXFS_OP_SEARCH, Message(39))), invalid(12));
  EXPECT_EQ(query_fault(request(VEXFS_OP_SEARCH, bytes(good) + rows, 1)), kNone);
  EXPECT_EQ(query_fault(request(VEXFS_OP_SEARCH, bytes(good) + rows, 2)), invalid(8));
}

TEST(Request, RowsAndIdsAreNamedByTheirIndex) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const std::uint64_t file_id = VEXFS_ID_FILE | 3;
  EXPECT_EQ(update_fault(put_request({1, 2}, row(0, 0) + row(1, kNan))), invalid(40 + 16 + 12, 1));
  EXPECT_EQ(update_fault(put_request({1, file_id}, row(kNan, 0) + row(0, 0))), invalid(48, 1));
  EXPECT_EQ(update_fault(put_request({1}, {})), invalid(12));
  EXPECT_EQ(update_fault(put_request({}, {})), invalid(32));
  const vexfs_search two = search_for(1, 2);
  EXPECT_EQ(query_fault(search_request(two, row(0, 0) + row(kNan, 0))), invalid(80, 1));
}

TEST(Request, GetAndListAndEventHaveTheirBounds) {
  EXPECT_EQ(query_fault(request(VEXFS_OP_GET, bytes(vexfs_ids{1, 1}) + Message(8))), invalid(36));
  EXPECT_EQ(query_fault(request(VEXFS_OP_GET, bytes(vexfs_ids{700000, 0}) + Message(8))),
            invalid(32))
      << "40 + 700,000 · 24 bytes of reply";
  EXPECT_EQ(query_fault(request(VEXFS_OP_LIST, bytes(vexfs_list{0, 0}))), invalid(36));
  EXPECT_EQ(query_fault(request(VEXFS_OP_LIST, bytes(vexfs_list{0, 1000001}))), invalid(36));
  const auto event = [](vexfs_custom_event event, std::size_t text) {
    return update_fault(request(VEXFS_OP_EVENT, bytes(event) + Message(text)));
  };
  EXPECT_EQ(event({0x0401, 3, 0, 9}, 3), kNone);
  EXPECT_EQ(event({0x0400, 3, 0, 9}, 3), invalid(32));
  EXPECT_EQ(event({0x0407, 3, 0, 9}, 3), invalid(32));
  EXPECT_EQ(event({0x0406, 513, 0, 9}, 513), invalid(34));
  EXPECT_EQ(event({0x0406, 3, 1, 9}, 3), invalid(36));
  EXPECT_EQ(event({0x0406, 3, 0, 9}, 4), invalid(12));
}

Graph line_of(std::uint32_t count) {
  Graph graph(kPlane);
  for (std::uint32_t i = 0; i < count; ++i) {
    graph.apply(graph.plan_put(100 + i, row(static_cast<float>(i), 0)));
    const List batch = graph.next_batch(UINT64_MAX);
    if (!batch.empty()) graph.apply(graph.plan_link(batch));
  }
  return graph;
}

template <typename T>
T at(const Message& message, std::size_t offset) {
  return model::get<T>(message, offset);
}

TEST(Reply, ToAWrongRequestIsAHeader) {
  const Graph graph(kPlane);
  const Message reply = answer_query(graph, request(VEXFS_OP_PUT, {}));
  EXPECT_EQ(reply.size(), sizeof(vexfs_reply));
  const auto header = at<vexfs_reply>(reply, 0);
  EXPECT_EQ(header.magic, VEXFS_REPLY_MAGIC);
  EXPECT_EQ(header.opcode, VEXFS_OP_PUT);
  EXPECT_EQ(header.tag, 77U);
  EXPECT_EQ(header.status, EINVAL);
  EXPECT_EQ(header.field, 6U);
  EXPECT_EQ(at<vexfs_reply>(answer_query(graph, Message(3)), 0).tag, 0U);
}

TEST(Reply, ToGetHasRowsOfWhatIsThere) {
  const Graph graph = line_of(3);
  const Message ids = bytes(vexfs_ids{2, 0}) + bytes(std::uint64_t{102}) + bytes(std::uint64_t{5});
  const Message reply = answer_query(graph, request(VEXFS_OP_GET, ids));
  ASSERT_EQ(reply.size(), 32U + 8 + 16 + 8 + 16);
  EXPECT_EQ(at<vexfs_get_reply>(reply, 32).row_bytes, 8U);
  EXPECT_EQ(at<vexfs_got>(reply, 40).slot, 2U);
  EXPECT_EQ(at<float>(reply, 56), 2.0F);
  EXPECT_EQ(at<vexfs_got>(reply, 64).slot, VEXFS_SLOT_NONE);
}

TEST(Reply, ToListSaysWhereToGoOn) {
  Graph graph = line_of(5);
  graph.apply(DeletePlan{2});
  const auto list = [&](std::uint32_t cursor, std::uint32_t max) {
    return answer_query(graph, request(VEXFS_OP_LIST, bytes(vexfs_list{cursor, max})));
  };
  const Message first = list(0, 2);
  EXPECT_EQ(at<vexfs_list_reply>(first, 32).count, 2U);
  EXPECT_EQ(at<vexfs_list_reply>(first, 32).next, 3U) << "the next live slot";
  EXPECT_EQ(at<vexfs_listed>(first, 56).id, 101U);
  EXPECT_EQ(at<vexfs_list_reply>(list(3, 2), 32).next, VEXFS_SLOT_NONE);
  EXPECT_EQ(at<vexfs_list_reply>(list(VEXFS_SLOT_NONE, 2), 32).count, 0U);
}

TEST(Reply, ToCountHasTheCounters) {
  const auto reply =
      at<vexfs_count_reply>(answer_query(line_of(66), request(VEXFS_OP_COUNT, {})), 32);
  EXPECT_EQ(reply.sequence, 67U) << "66 puts and a link step";
  EXPECT_EQ(reply.slots, 66U);
  EXPECT_EQ(reply.linked, 64U);
  EXPECT_EQ(reply.tail, 2U);
}

TEST(Reply, ThatIsTruncatedIsResumedToTheWholeAnswer) {
  const Graph graph = line_of(500);
  vexfs_search search = search_for(3, 2);
  const Message rows = row(2, 1) + row(450, 1);
  const Message whole = answer_query(graph, search_request(search, rows));
  EXPECT_EQ(at<vexfs_search_reply>(whole, 32).crc, 0U) << "no token";
  search.max_visits = 1;
  Message reply = answer_query(graph, search_request(search, rows));
  unsigned resumed = 0;
  while (at<vexfs_search_reply>(reply, 32).visits != 0 && resumed < 100) {
    const auto token = at<vexfs_search_reply>(reply, 32);
    EXPECT_EQ(token.visits, 1U + resumed);
    search.visits = token.visits;
    search.sequence = token.sequence;
    search.crc = token.crc;
    reply = answer_query(graph, search_request(search, rows, VEXFS_OP_RESUME));
    ++resumed;
  }
  EXPECT_GT(resumed, 1U);
  EXPECT_EQ(Message(reply.begin() + 32, reply.end()), Message(whole.begin() + 32, whole.end()));
}

TEST(Reply, ToAResumeOfAnotherRequestOrStateIsAnError) {
  Graph graph = line_of(500);
  vexfs_search search = search_for(3, 1, 1);
  const auto token =
      at<vexfs_search_reply>(answer_query(graph, search_request(search, row(2, 1))), 32);
  ASSERT_EQ(token.visits, 1U);
  search.visits = token.visits;
  search.sequence = token.sequence;
  search.crc = token.crc;
  search.max_visits = 0;
  const auto resume = [&](const Message& rows) {
    return at<vexfs_reply>(answer_query(graph, search_request(search, rows, VEXFS_OP_RESUME)), 0);
  };
  EXPECT_EQ(resume(row(2, 1)).status, 0U);
  EXPECT_EQ(resume(row(3, 1)).status, EINVAL);
  EXPECT_EQ(resume(row(3, 1)).field, 64U);
  graph.apply(DeletePlan{0});
  EXPECT_EQ(resume(row(2, 1)).status, ESTALE);
  EXPECT_EQ(resume(row(2, 1)).field, 56U);
}

}  // namespace
}  // namespace vexfs::vectors
