// SPDX-License-Identifier: MIT
#include "harness/scenario/operation.h"

#include <gtest/gtest.h>

#include "harness/scenario/operation_fields.h"
#include "harness/scenario/scenario_codec.h"
#include "harness/scenario/tests/step_text.h"

namespace vexfs::parity {
namespace {

Step parse(std::string_view text) {
  Step step;
  EXPECT_EQ(fault_of(text, step), "");
  return step;
}

std::string refusal(std::string_view text) {
  Step step;
  return fault_of(text, step);
}

TEST(Operation, HasANameForEachAlternative) {
  for (std::size_t i = 0; i < std::size(kOperationNames); ++i) {
    EXPECT_EQ(make_operation(i).index(), i);
    EXPECT_EQ(operation_name(make_operation(i)), kOperationNames[i]);
  }
}

TEST(Operation, EveryOneSurvivesWritingAndReading) {
  for (std::size_t i = 0; i < std::size(kOperationNames); ++i) {
    const Step step{make_operation(i), std::nullopt, std::nullopt};
    EXPECT_EQ(parse(write_value(step).dump()), step) << kOperationNames[i];
  }
}

TEST(Operation, ReadsAsAPersonWritesIt) {
  const Step step = parse(
      R"({"op":"open","handle":"f","path":"/a","flags":["wronly","creat","append"],"mode":"0640",
          "as":{"uid":1000,"gid":1000,"groups":[4,24]}})");
  const Open& open = std::get<Open>(step.operation);
  EXPECT_EQ(open.flags.access(), OpenFlags::kWriteOnly);
  EXPECT_TRUE(open.flags.has(OpenFlags::kCreate));
  EXPECT_TRUE(open.flags.has(OpenFlags::kAppend));
  EXPECT_FALSE(open.flags.has(OpenFlags::kTruncate));
  EXPECT_EQ(open.mode.bits, 0640u);
  EXPECT_EQ(step.as->groups, (std::vector<std::uint32_t>{4, 24}));
}

TEST(Operation, WritesAtAnOffsetOrAtTheEnd) {
  const Step at = parse(
      R"({"op":"write","handle":"f","offset":4096,"data":{"fill":"byte","value":7,"bytes":3}})");
  EXPECT_EQ(std::get<Write>(at.operation).offset, 4096);
  EXPECT_EQ(expand(std::get<Write>(at.operation).data), "\x07\x07\x07");
  const Step end = parse(R"({"op":"write","handle":"f","offset":"end","data":{"text":"a\\x00b"}})");
  EXPECT_EQ(std::get<Write>(end.operation).offset, std::nullopt);
  EXPECT_EQ(expand(std::get<Write>(end.operation).data), std::string("a\0b", 3));
}

TEST(Operation, NamesAreBytes) {
  const std::string raw = "/\xff\xc3\xa4\\\n\xed\xa0\x80";
  EXPECT_EQ(escape_bytes(raw), "/\\xff\xc3\xa4\\\\\n\\xed\\xa0\\x80");
  EXPECT_EQ(unescape_bytes(escape_bytes(raw)), raw);
  const Step step{Unlink{Path{raw}}, std::nullopt, std::nullopt};
  EXPECT_EQ(parse(write_value(step).dump()), step);
}

TEST(Operation, PrngDataIsTheSameEverywhere) {
  // First output of splitmix64 for seed 0 is 0xe220a8397b1dcdaf.
  EXPECT_EQ(expand(PrngFill{0, 8}), "\xaf\xcd\x1d\x7b\x39\xa8\x20\xe2");
  EXPECT_EQ(expand(PrngFill{0, 3}), expand(PrngFill{0, 8}).substr(0, 3));
  EXPECT_NE(expand(PrngFill{1, 8}), expand(PrngFill{0, 8}));
}

TEST(Operation, TimesAreNowOmitOrSet) {
  const Step step =
      parse(R"({"op":"utimens","path":"/a","atime":"now","mtime":{"sec":-1,"nsec":5}})");
  const Utimens& utimens = std::get<Utimens>(step.operation);
  EXPECT_EQ(utimens.atime.kind, TimeChange::Kind::kNow);
  EXPECT_EQ(utimens.mtime, (TimeChange{TimeChange::Kind::kSet, -1, 5}));
}

TEST(Operation, RefusalsNameThePlaceAndTheMend) {
  EXPECT_EQ(refusal(R"({"op":"mkdri","path":"/a"})").substr(0, 37),
            "at /op: expected one of mkdir, rmdir,");
  EXPECT_EQ(refusal(R"({"op":"rmdir"})"),
            "at the document: expected a member \"path\", found {\"op\":\"rmdir\"}");
  EXPECT_EQ(refusal(R"({"op":"rmdir","path":"/a","mode":"0755"})"),
            "at /mode: expected one of the members op, path, as, expect, found \"mode\"");
  EXPECT_EQ(refusal(R"({"op":"mkdir","path":"/a","mode":755})"),
            "at /mode: expected permission bits as an octal string such as \"0644\", found 755");
  EXPECT_EQ(
      refusal(R"({"op":"open","handle":"f","path":"/a","flags":["creat"]})"),
      "at /flags: expected exactly one of \"rdonly\", \"wronly\", \"rdwr\", found [\"creat\"]");
  EXPECT_EQ(refusal(R"({"op":"unlink","path":"/\u0000"})"),
            "at /path: expected a path without NUL bytes, found \"/\\u0000\"");
  EXPECT_EQ(refusal(R"({"op":"truncate","path":"/a","size":18446744073709551615})").substr(0, 30),
            "at /size: expected an integer ");
  EXPECT_EQ(refusal(R"({"op":"read","handle":"f","offset":0,"length":67108865})"),
            "at /length: expected at most 67108864 bytes, found 67108865");
}

}  // namespace
}  // namespace vexfs::parity
