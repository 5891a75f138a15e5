// SPDX-License-Identifier: MIT
// Operations on collections: how a person writes them, the bytes that they send, and how replies
// read.
#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "harness/scenario/door_reply.h"
#include "harness/scenario/door_request.h"
#include "harness/scenario/scenario_codec.h"
#include "harness/scenario/tests/step_text.h"
#include "reference/vector/encode.h"

namespace vexfs::parity {
namespace {

Step parse(std::string_view text) {
  Step step;
  EXPECT_EQ(fault_of(text, step), "");
  EXPECT_EQ(write_value(step).dump(), Json::parse(text).dump());
  return step;
}

std::string refusal(std::string_view text) {
  Step step;
  return fault_of(text, step);
}

std::string text_of(const vectors::Message& message) {
  return {reinterpret_cast<const char*>(message.data()), message.size()};
}

template <class T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

TEST(VectorOperation, ReadsAsAPersonWritesIt) {
  const Step put = parse(
      R"({"op":"vector_put","path":"/c","ids":[7,9],"rows":[[1,-0.0],[0.5,"nan"]],"type":"f16"})");
  const auto& held = std::get<VectorPut>(put.operation);
  EXPECT_EQ(held.ids.values, (std::vector<std::uint64_t>{7, 9}));
  const auto& rows = std::get<RowList>(held.rows);
  EXPECT_TRUE(std::signbit(rows[0][1].value));
  EXPECT_TRUE(std::isnan(rows[1][1].value));

  const Step many = parse(
      R"({"op":"vector_put","path":"/c","ids":{"from":10,"count":4},"rows":{"fill":"grid","seed":1,"dim":3}})");
  EXPECT_EQ(std::get<VectorPut>(many.operation).ids.values,
            (std::vector<std::uint64_t>{10, 11, 12, 13}));
  parse(
      R"({"op":"vector_search","path":"/c","queries":[[1]],"k":3,"filter":[1,2],"max_visits":1,"exact":true})");
  parse(R"({"op":"setxattr","path":"/c","name":"n","value":"dim=3","flags":["create"]})");
  parse(R"({"op":"vector_count","path":"/c","expect":{"errno":"ok","reply":{"live":3}}})");
}

TEST(VectorOperation, RefusalsNameThePlace) {
  EXPECT_EQ(refusal(R"({"op":"vector_put","path":"/c","ids":[1],"rows":[["x"]]})"),
            "at /rows/0/0: expected a number, \"nan\", \"inf\" or \"-inf\", found \"x\"");
  EXPECT_EQ(refusal(R"({"op":"vector_delete","path":"/c","ids":{"from":1,"count":2000000}})"),
            "at /ids: expected at most 1048576 ids, found {\"from\":1,\"count\":2000000}");
  EXPECT_EQ(
      refusal(
          R"({"op":"vector_put","path":"/c","ids":[1],"rows":{"fill":"prng","seed":1,"dim":99999999}})")
          .substr(0, 46),
      "at /rows: expected at most 16777216 elements, ");
  EXPECT_EQ(refusal(R"({"op":"vector_raw","path":"/c","door":"front","data":{"text":""}})"),
            "at /door: expected one of \"query\", \"update\", found \"front\"");
}

TEST(Rows, AreRoundedToTheirType) {
  const RowList row{{{1}, {-0.0}, {0x1p-24}, {65519}, {1 + 0x1p-11}}};
  EXPECT_EQ(encode_rows(row, ElementType::kF16, 1),
            std::string("\x00\x3c\x00\x80\x01\x00\xff\x7b\x00\x3c", 10));
  EXPECT_EQ(encode_rows(RowList{{{1}, {-1}, {-128}}}, ElementType::kI8, 1), "\x01\xff\x80");
  const RowList bits{{{1}, {0}, {1}, {0}, {0}, {0}, {0}, {0}, {1}}};
  EXPECT_EQ(encode_rows(bits, ElementType::kBinary, 1), "\x05\x01");
  EXPECT_EQ(encode_rows(RowList{{{-2.5}}}, ElementType::kF32, 1), std::string("\0\0\x20\xc0", 4));
}

TEST(Rows, HalvesReadAsTheyWereWritten) {
  for (const double value : {0.0, -0.0, 1.0, -65504.0, 0x1p-24, 0x1.ff8p-15, 0x1p-14, 0x1.004p0}) {
    const std::string bytes = encode_rows(RowList{{{value}}}, ElementType::kF16, 1);
    EXPECT_EQ(decode_row(bytes, ElementType::kF16), std::vector<Number>{{value}}) << value;
  }
}

TEST(Rows, PatternsAreWhatTheDocumentSays) {
  const auto rows = [](RowPattern::Fill fill, ElementType type, std::uint32_t dim) {
    return list_of(RowPattern{fill, 7, dim, 0}, type, 200);
  };
  for (const auto& row : rows(RowPattern::Fill::kGrid, ElementType::kI8, 2)) {
    for (const Number& number : row) EXPECT_LE(std::fabs(number.value), 1);
  }
  // One of eight numbers is beside the centre's.
  const RowList cluster = rows(RowPattern::Fill::kCluster, ElementType::kF32, 1);
  std::size_t near = 0;
  for (std::size_t i = 4; i < cluster.size(); ++i) near += cluster[i] != cluster[i - 4];
  EXPECT_GT(near, 10u);
  EXPECT_LT(near, 100u);
  // The first output of splitmix64 for seed 0 ends in 0xcdaf.
  EXPECT_EQ(list_of(RowPattern{RowPattern::Fill::kPrng, 0, 1, 1}, ElementType::kF32, 0)[0][0].value,
            static_cast<std::int16_t>(0xcdaf) / 64.0);
}

TEST(DoorRequest, IsTheMessageOfTheContract) {
  const DoorRequests requests;
  const std::vector<std::uint64_t> ids{3};
  const float row[] = {1, 2};
  const auto put = requests.request_of(
      VectorPut{Path{"/c"}, Ids{ids}, RowList{{{1}, {2}}}, ElementType::kF32, 5});
  EXPECT_EQ(put->path, "/c/.vexfs/update");
  EXPECT_EQ(put->bytes, text_of(vectors::encode_put(ids, std::as_bytes(std::span(row)))));
  EXPECT_EQ(put->piece, 5u);
  EXPECT_EQ(requests.request_of(VectorCount{Path{"/"}})->path, "/.vexfs/query");
  EXPECT_FALSE(requests.request_of(VectorResume{Path{"/c"}, 0, ElementType::kF32}));
}

TEST(DoorRequest, ACompactionGoesToTheUpdateDoor) {
  const auto compact = DoorRequests().request_of(VectorCompact{Path{"/c"}});
  EXPECT_EQ(compact->path, "/c/.vexfs/update");
  EXPECT_EQ(compact->bytes, text_of(vectors::encode_compact()));
}

TEST(VectorAttach, IsSetxattrOfTheRowOnTheWire) {
  const Step step = parse(
      R"({"op":"vector_attach","path":"/c/f","row":[[1,-0.0]],"type":"f16","flags":["replace"]})");
  const Setxattr setxattr = setxattr_of(std::get<VectorAttach>(step.operation));
  EXPECT_EQ(setxattr.path.bytes, "/c/f");
  EXPECT_EQ(setxattr.name, "user.vexfs.vector");
  EXPECT_EQ(setxattr.value, std::string("\x00\x3c\x00\x80", 4));
  EXPECT_EQ(setxattr.flags.bits, 2u);
}

TEST(DoorRequest, ResumesWhatWasCutShort) {
  DoorRequests requests;
  VectorSearch search;
  search.path = Path{"/c"};
  search.max_visits = 2;
  const auto request = requests.request_of(search);
  vexfs_search_reply token{};
  token.queries = 1;
  token.sequence = 11;
  token.crc = 12;
  const std::string whole = bytes_of(vexfs_reply{}) + bytes_of(token);
  requests.replied(request->path, request->bytes, whole);
  EXPECT_FALSE(requests.request_of(VectorResume{Path{"/c"}, 9, ElementType::kF32}));
  token.visits = 2;
  requests.replied(request->path, request->bytes, bytes_of(vexfs_reply{}) + bytes_of(token));
  const auto resume = requests.request_of(VectorResume{Path{"/c"}, 9, ElementType::kF32});
  ASSERT_TRUE(resume);
  vexfs_search body;
  std::memcpy(&body, resume->bytes.data() + sizeof(vexfs_request), sizeof body);
  EXPECT_EQ(body.max_visits, 9u);
  EXPECT_EQ(body.visits, 2u);
  EXPECT_EQ(body.sequence, 11u);
  EXPECT_EQ(body.crc, 12u);
  EXPECT_FALSE(requests.request_of(VectorResume{Path{"/d"}, 9, ElementType::kF32}));
}

std::string answer(std::uint64_t id, std::uint32_t distance, std::uint32_t slot) {
  return bytes_of(vexfs_answer{id, distance, slot});
}

std::string search_reply() {
  vexfs_reply header{};
  header.opcode = VEXFS_OP_SEARCH;
  vexfs_search_reply head{};
  head.queries = 1;
  return bytes_of(header) + bytes_of(head) + bytes_of(vexfs_answers{2, VEXFS_ANSWERS_TRUNCATED}) +
         answer(7, 0x3fc00000, 1) + answer(9, 0x7fc00000, 4);
}

TEST(DoorReply, ReadsByMember) {
  EXPECT_EQ(
      reply_json(search_reply(), ElementType::kF32).dump(),
      R"({"status":"ok","ids":[[7,9]],"distances":[[1.5,"nan"]],"slots":[[1,4]],"truncated":[true]})");
  vexfs_reply error{};
  error.opcode = VEXFS_OP_PUT;
  error.status = EINVAL;
  error.field = 40;
  error.index = 3;
  EXPECT_EQ(reply_json(bytes_of(error), ElementType::kF32).dump(),
            R"({"status":"EINVAL","field":40,"index":3})");
  EXPECT_EQ(answer_of(reply_outcome(bytes_of(error))), EINVAL);
  EXPECT_EQ(answer_of(Outcome::failure(ESTALE)), ESTALE);
}

TEST(DoorReply, DifferencesNameTheMember) {
  const Operation search = VectorSearch{};
  std::string other = search_reply();
  other[sizeof(vexfs_reply) + sizeof(vexfs_search_reply) + sizeof(vexfs_answers)] = 8;
  EXPECT_EQ(differences(search, reply_outcome(search_reply()), reply_outcome(other)),
            (std::vector<FieldDifference>{{"reply.ids.0.0", "7", "8"}}));
}

TEST(DoorReply, ExpectationsNameSomeMembers) {
  Step step = parse(
      R"({"op":"vector_search","path":"/c","queries":[[1]],"k":2,"expect":{"errno":"ok","reply":{"ids":[[7,9]],"slots":[[1,4]]}}})");
  EXPECT_TRUE(unmet(step, reply_outcome(search_reply())).empty());
  step.expect->reply["ids"] = Json::parse("[[7]]");
  EXPECT_EQ(unmet(step, reply_outcome(search_reply())).size(), 1u);
}

}  // namespace
}  // namespace vexfs::parity
