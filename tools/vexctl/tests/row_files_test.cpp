// SPDX-License-Identifier: MIT
// Files of vectors, read and written.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "tools/vexctl/element.h"
#include "tools/vexctl/parse_ids.h"
#include "tools/vexctl/row_writer.h"

namespace vexfs::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class RowFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "vexctl-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string file(const std::string& name) const { return directory_ / name; }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(file(name), std::ios::binary) << content;
    return file(name);
  }
  std::string content(const std::string& name) const {
    std::ifstream stream(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  // All rows of a file, or the failure's text as the only "row" of `error`.
  struct Rows {
    std::vector<Row> rows;
    std::string error;
  };
  static Rows read(const std::string& path) {
    Rows all;
    auto reader = open_rows(path);
    if (!reader) return {{}, reader.error().message};
    for (Row row;;) {
      const auto got = (*reader)->next(row);
      if (!got) all.error = got.error().message;
      if (!got || !*got) return all;
      all.rows.push_back(row);
    }
  }

  std::filesystem::path directory_;
};

std::string npy(const std::string& dict, const std::string& data, char version = 1) {
  std::string text = "\x93NUMPY";
  text += version;
  text += '\0';
  text += static_cast<char>(dict.size());
  text += '\0';
  if (version > 1) text += std::string(2, '\0');
  return text + dict + data;
}

std::string bytes(std::initializer_list<int> values) { return {values.begin(), values.end()}; }

const std::string kOneAndTwo = bytes({0, 0, 0x80, 0x3f, 0, 0, 0, 0x40});

TEST_F(RowFiles, NumpyArraysOfEachTypeAndVersion) {
  // As numpy.save writes them.
  const auto two = read(write(
      "a.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n", kOneAndTwo)));
  ASSERT_EQ(two.rows.size(), 2U) << two.error;
  EXPECT_THAT(two.rows[1].values, ElementsAre(2));
  EXPECT_FALSE(two.rows[1].id);
  const auto one = read(write(
      "b.npy", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", kOneAndTwo, 2)));
  ASSERT_EQ(one.rows.size(), 1U) << one.error;
  EXPECT_THAT(one.rows[0].values, ElementsAre(1, 2));
  const auto half = read(write(
      "c.npy", npy("{'descr':'<f2','fortran_order':False,'shape':(1,1)}", bytes({0x00, 0xc0}))));
  EXPECT_THAT(half.rows[0].values, ElementsAre(-2));
  const auto chars = read(write(
      "d.npy", npy("{'descr':'|i1','fortran_order':False,'shape':(1,2)}", bytes({0xff, 0x7f}))));
  EXPECT_THAT(chars.rows[0].values, ElementsAre(-1, 127));
  const auto packed = read(
      write("e.npy", npy("{'descr':'|u1','fortran_order':False,'shape':(1,2)}", bytes({0xff, 1}))));
  EXPECT_THAT(packed.rows[0].values, ElementsAre(255, 1));
}

TEST_F(RowFiles, NumpyArraysThatCannotBeReadSayWhy) {
  const auto error = [&](const std::string& dict, const std::string& data = "") {
    return read(write("x.npy", npy(dict, data))).error;
  };
  EXPECT_THAT(error("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }"),
              HasSubstr("ascontiguousarray"));
  EXPECT_THAT(error("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 2), }"),
              HasSubstr("big-endian"));
  EXPECT_THAT(error("{'descr': '<c8', 'fortran_order': False, 'shape': (2, 2), }"),
              HasSubstr("'<c8'"));
  EXPECT_THAT(error("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 2), }"),
              HasSubstr("3 dimensions"));
  EXPECT_THAT(error("{'descr': '<f4', 'fortran_order': False, 'shape': (), }"),
              HasSubstr("0 dimensions"));
  EXPECT_THAT(error("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }"),
              HasSubstr("no plain array"));
  EXPECT_THAT(error("{'shape': (2, 2), }"), HasSubstr("not understood"));
  EXPECT_THAT(error("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1), }", kOneAndTwo),
              HasSubstr("1 rows too early"));
  EXPECT_THAT(read(write("y.npy", "PK\003\004 something else")).error, HasSubstr("no .npy file"));
  EXPECT_THAT(read(write("z.npy", "")).error, HasSubstr("no .npy file"));
}

TEST_F(RowFiles, FvecsAndBvecs) {
  const auto floats = read(write("a.fvecs", bytes({2, 0, 0, 0}) + kOneAndTwo));
  ASSERT_EQ(floats.rows.size(), 1U) << floats.error;
  EXPECT_THAT(floats.rows[0].values, ElementsAre(1, 2));
  const auto chars = read(write("a.bvecs", bytes({2, 0, 0, 0, 7, 255, 1, 0, 0, 0, 9})));
  ASSERT_EQ(chars.rows.size(), 2U) << chars.error;
  EXPECT_THAT(chars.rows[0].values, ElementsAre(7, 255));
  EXPECT_THAT(chars.rows[1].values, ElementsAre(9));
  EXPECT_THAT(read(write("b.fvecs", bytes({2, 0, 0, 0, 1}))).error, HasSubstr("middle of a row"));
  EXPECT_THAT(read(write("c.fvecs", bytes({2, 0, 0, 0}))).error, HasSubstr("middle of a row"));
  EXPECT_THAT(read(write("d.fvecs", bytes({0, 0, 0x80, 0x3f}))).error,
              HasSubstr("byte 0 says that a row has 1065353216 elements"));
}

TEST_F(RowFiles, JsonLines) {
  const auto all =
      read(write("a.jsonl", "{\"id\": 7, \"vector\": [1, -0.5]}\n\n[2, 3]\n{\"vector\":[4]}"));
  ASSERT_EQ(all.rows.size(), 3U) << all.error;
  EXPECT_EQ(all.rows[0].id, 7U);
  EXPECT_THAT(all.rows[0].values, ElementsAre(1, -0.5));
  EXPECT_FALSE(all.rows[1].id);
  EXPECT_THAT(all.rows[2].values, ElementsAre(4));
  const auto error = [&](const std::string& line) {
    return read(write("b.jsonl", "[1]\n" + line)).error;
  };
  EXPECT_THAT(error("[1, 2"), HasSubstr("line 2: this is no JSON"));
  EXPECT_THAT(error("[1, \"x\"]"), HasSubstr("an element is \"x\""));
  EXPECT_THAT(error("{\"id\": 3}"), HasSubstr("there is no list"));
  EXPECT_THAT(error("{\"id\": -3, \"vector\": [1]}"), HasSubstr("the id -3"));
}

TEST_F(RowFiles, ANameThatTellsNothingIsRefused) {
  EXPECT_THAT(read(write("vectors.csv", "1,2")).error, HasSubstr(".npy, .fvecs, .bvecs or .jsonl"));
  EXPECT_THAT(read(file("none.npy")).error, HasSubstr("ENOENT"));
}

struct Case {
  ElementType type;
  std::uint32_t dim;
  std::vector<double> values;
  std::vector<std::string> names;
};

// What is written for a collection is read back as the same rows.
TEST_F(RowFiles, ExportsAreImportsOfTheSameBytes) {
  const std::vector<Case> cases{
      {ElementType::kF32, 2, {0.1, -3e7}, {"a.npy", "a.fvecs", "a.jsonl"}},
      {ElementType::kF32, 2, {0, 255}, {"b.bvecs"}},
      {ElementType::kF16, 2, {0.0999755859375, -2}, {"c.npy", "c.fvecs", "c.jsonl"}},
      {ElementType::kI8, 2, {-128, 127}, {"d.npy", "d.fvecs", "d.jsonl"}},
      {ElementType::kBinary, 9, {1, 0, 1, 0, 0, 0, 0, 1, 1}, {"e.npy", "e.bvecs", "e.jsonl"}}};
  for (const Case& one : cases) {
    const Parameters parameters{one.dim, one.type, "", ""};
    Bytes row;
    ASSERT_TRUE(append_row(one.values, parameters, row));
    for (const std::string& name : one.names) {
      auto writer = create_rows(file(name), parameters);
      ASSERT_TRUE(writer) << writer.error().message;
      for (const std::uint64_t id : {5, 6}) ASSERT_TRUE((*writer)->add(id, row));
      ASSERT_FALSE(std::filesystem::exists(file(name))) << "there before it is whole";
      ASSERT_TRUE((*writer)->finish());
      const auto all = read(file(name));
      ASSERT_EQ(all.rows.size(), 2U) << name << ": " << all.error;
      Bytes again;
      ASSERT_TRUE(append_row(all.rows[1].values, parameters, again)) << name;
      EXPECT_EQ(again, row) << name;
    }
  }
}

TEST_F(RowFiles, NumpyHeadersAreAsNumpyWritesThem) {
  const Parameters parameters{1, ElementType::kF32, "", ""};
  auto writer = create_rows(file("a.npy"), parameters);
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->add(1, Bytes(4)));
  ASSERT_TRUE((*writer)->finish());
  const auto text = content("a.npy");
  ASSERT_EQ(text.size(), 132U);
  EXPECT_EQ(text.substr(0, 10), "\x93NUMPY" + bytes({1, 0, 118, 0}));
  EXPECT_TRUE(
      text.substr(10).starts_with("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), } "));
  EXPECT_EQ(text[127], '\n');
}

TEST_F(RowFiles, BvecsRefusesWhatItCannotHold) {
  const Parameters parameters{1, ElementType::kI8, "", ""};
  auto writer = create_rows(file("a.bvecs"), parameters);
  ASSERT_TRUE(writer);
  const auto added = (*writer)->add(9, Bytes{std::byte{0xff}});
  ASSERT_FALSE(added);
  EXPECT_THAT(added.error().message, HasSubstr("id 9 has an element -1"));
  writer->reset();
  EXPECT_TRUE(std::filesystem::is_empty(directory_)) << "a part was left";
}

TEST_F(RowFiles, Ids) {
  auto ids = IdWriter::create(file("ids.npy"));
  ASSERT_TRUE(ids);
  for (const std::uint64_t id : {9ULL, 1ULL << 40}) ASSERT_TRUE(ids->add(id));
  ASSERT_TRUE(ids->finish());
  EXPECT_THAT(*read_ids(file("ids.npy")), ElementsAre(9, 1ULL << 40));
  EXPECT_THAT(*read_ids(write("ids.txt", "3\n5\n")), ElementsAre(3, 5));
  EXPECT_FALSE(read_ids(write("bad.txt", "3\nx\n")));
  EXPECT_THAT(*parse_id_list("1,5,10-12"), ElementsAre(1, 5, 10, 11, 12));
  EXPECT_FALSE(parse_id_list("5-3"));
  EXPECT_FALSE(parse_id_list("0-18446744073709551615"));
  EXPECT_FALSE(parse_id_list("7,,8"));
}

}  // namespace
}  // namespace vexfs::ctl
