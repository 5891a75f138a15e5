// SPDX-License-Identifier: MIT
// What vexctl says at the doors, as the reference understands it.
#include "tools/vexctl/messages.h"

#include <cstring>

#include <gmock/gmock.h>

#include "reference/vector/request.h"

namespace vexfs::ctl {
namespace {

using testing::ElementsAre;

vectors::Parameters collection(std::uint32_t dim) {
  vectors::Parameters parameters;
  parameters.dim = dim;
  return parameters;
}

Bytes floats(const std::vector<float>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  return {bytes.begin(), bytes.end()};
}

template <typename Body>
Bytes reply_to(const Bytes& request, const Body& body, std::uint32_t status = 0) {
  vexfs_request asked;
  std::memcpy(&asked, request.data(), sizeof asked);
  vexfs_reply header{};
  header.magic = VEXFS_REPLY_MAGIC;
  header.version = VEXFS_DOOR_VERSION;
  header.opcode = asked.opcode;
  header.status = status;
  header.length = sizeof header + sizeof body;
  Bytes bytes(header.length);
  std::memcpy(bytes.data(), &header, sizeof header);
  std::memcpy(bytes.data() + sizeof header, &body, sizeof body);
  return bytes;
}

TEST(Messages, ASearchHasItsQueriesAndItsFilter) {
  SearchOptions options;
  options.k = 3;
  options.ef = 40;
  options.exact = true;
  options.max_visits = 9;
  options.filter = {5, 7};
  // Three rows of 12 bytes: the filter begins after 4 bytes of padding.
  const auto request = search_request(options, floats({1, 2, 3, 4, 5, 6, 7, 8, 9}), 12);
  const auto parsed = vectors::parse_query(collection(3), 1, request);
  ASSERT_TRUE(parsed) << "field " << parsed.error().field;
  const auto& search = std::get<vectors::SearchRequest>(*parsed);
  ASSERT_EQ(search.queries.size(), 3U);
  EXPECT_EQ(search.limit, 9U);
  EXPECT_EQ(search.queries[2].k, 3U);
  EXPECT_EQ(search.queries[2].ef, 40U);
}

TEST(Messages, ATokenMakesAResume) {
  SearchOptions options;
  options.max_visits = 10;
  const auto rows = floats({1, 2});
  const auto parsed = vectors::parse_query(collection(2), 8, search_request(options, rows, 8));
  ASSERT_TRUE(parsed);
  const std::uint32_t crc = std::get<vectors::SearchRequest>(*parsed).crc;
  const Token token{.visits = 10, .sequence = 8, .crc = crc};
  const auto resumed =
      vectors::parse_query(collection(2), 8, search_request(options, rows, 8, token));
  ASSERT_TRUE(resumed) << "field " << resumed.error().field;
  EXPECT_EQ(std::get<vectors::SearchRequest>(*resumed).limit, 20U);
}

TEST(Messages, TheOtherRequestsAreUnderstood) {
  const Ids ids{3, 1ULL << 40};
  const auto put = vectors::parse_update(collection(2), put_request(ids, floats({1, 2, 3, 4})));
  ASSERT_TRUE(put);
  EXPECT_EQ(std::get<vectors::PutRequest>(*put).ids, ids);
  const auto removed = vectors::parse_update(collection(2), delete_request(ids));
  ASSERT_TRUE(removed);
  EXPECT_EQ(std::get<vectors::DeleteRequest>(*removed).ids, ids);
  const auto get = vectors::parse_query(collection(2), 1, get_request(ids));
  ASSERT_TRUE(get);
  EXPECT_EQ(std::get<vectors::GetRequest>(*get).ids, ids);
  const auto list = vectors::parse_query(collection(2), 1, list_request(4, 100));
  ASSERT_TRUE(list);
  EXPECT_EQ(std::get<vectors::ListRequest>(*list).cursor, 4U);
  EXPECT_TRUE(vectors::parse_query(collection(2), 1, count_request()));
}

TEST(Messages, WhatIsSaidToFitFits) {
  const std::uint32_t dim = 1000;
  const std::uint32_t puts = puts_that_fit(4 * dim);
  const auto request = put_request(Ids(puts), Bytes(std::size_t{puts} * 4 * dim));
  EXPECT_LE(request.size(), VEXFS_MESSAGE_MAX);
  EXPECT_GT(request.size() + 8 + 4 * dim, VEXFS_MESSAGE_MAX);
  EXPECT_TRUE(vectors::parse_query(collection(dim), 1, get_request(Ids(gets_that_fit(4 * dim)))));
  EXPECT_FALSE(
      vectors::parse_query(collection(dim), 1, get_request(Ids(gets_that_fit(4 * dim) + 1))));
  SearchOptions options;
  options.k = VEXFS_K_MAX;
  const std::uint32_t queries = queries_that_fit(options, 8);
  const auto parse = [&](std::uint32_t count) {
    return vectors::parse_query(collection(2), 1, search_request(options, Bytes(8 * count), 8));
  };
  EXPECT_TRUE(parse(queries));
  EXPECT_FALSE(parse(queries + 1));
  options.filter.resize(VEXFS_MESSAGE_MAX / 8);
  EXPECT_EQ(queries_that_fit(options, 8), 0U);
}

TEST(Messages, AReplyIsTakenApart) {
  struct Body {
    vexfs_search_reply head;
    vexfs_answers answers;
    vexfs_answer answer[2];
  };
  const Body body{{1, 50, 9, 77, 0},
                  {2, VEXFS_ANSWERS_TRUNCATED},
                  {{4, 0x3f800000, 0}, {1ULL << 63 | 12, 0x40000000, 1}}};
  const auto request = search_request({}, floats({1}), 4);
  const auto reply = parse_reply(request, reply_to(request, body));
  ASSERT_TRUE(reply);
  const auto found = parse_found(reply->body);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->truncated);
  EXPECT_EQ(found->token.crc, 77U);
  ASSERT_EQ(found->queries.size(), 1U);
  EXPECT_EQ(found->queries[0][1].id, 1ULL << 63 | 12);
  EXPECT_EQ(found->queries[0][1].distance, 0x40000000U);
}

TEST(Messages, ARefusedReplyKeepsStatusAndBody) {
  const auto request = put_request(Ids{1, 2}, floats({1, 2}));
  const auto reply = parse_reply(request, reply_to(request, vexfs_update_reply{1, 0, 5}, ENOSPC));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, static_cast<std::uint32_t>(ENOSPC));
  EXPECT_EQ(std::uint32_t{parse_update(reply->body)->done}, 1U);
}

TEST(Messages, WhatIsNoReplyIsRefused) {
  const auto request = count_request();
  auto bytes = reply_to(request, vexfs_count_reply{});
  ASSERT_TRUE(parse_reply(request, bytes));
  EXPECT_FALSE(parse_reply(list_request(0, 1), bytes)) << "of another request";
  bytes.pop_back();
  EXPECT_FALSE(parse_reply(request, bytes)) << "cut short";
  EXPECT_FALSE(parse_reply(request, {}));
  EXPECT_FALSE(parse_found(Bytes(10)));
  EXPECT_FALSE(parse_got(Bytes(7)));
  Bytes liar(sizeof(vexfs_list_reply));
  liar[0] = std::byte{200};  // entries, and none follows
  EXPECT_FALSE(parse_listed(liar));
}

}  // namespace
}  // namespace vexfs::ctl
