// SPDX-License-Identifier: MIT
// The shipped JSON Schema says what the codec does: same operations, same members, same required
// ones.
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "harness/scenario/operation_fields.h"
#include "harness/scenario/scenario_codec.h"

namespace vexfs::parity {
namespace {

Json schema() {
  std::ifstream in(VXS_SCHEMA_FILE);
  return Json::parse(in);
}

struct FieldNames {
  std::set<std::string> all;
  std::set<std::string> needed;

  template <class T>
  void required(std::string_view name, const T&) {
    all.emplace(name);
    needed.emplace(name);
  }
  template <class T, class Default>
  void optional(std::string_view name, const T&, const Default&) {
    all.emplace(name);
  }
};

std::set<std::string> member_names(const Json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.at("properties").items()) names.insert(name);
  return names;
}

std::set<std::string> string_set(const Json& array) { return array.get<std::set<std::string>>(); }

TEST(Schema, HasEveryOperationWithItsMembers) {
  const Json defs = schema().at("$defs");
  EXPECT_EQ(defs.at("step").at("oneOf").size(), std::size(kOperationNames));
  for (std::size_t i = 0; i < std::size(kOperationNames); ++i) {
    const std::string definition = "op_" + std::string(kOperationNames[i]);
    ASSERT_TRUE(defs.contains(definition));
    FieldNames names;
    const Operation operation = make_operation(i);
    visit_fields(names, operation);
    names.needed.insert("op");
    names.all.insert({"op", "as", "expect"});
    EXPECT_EQ(member_names(defs.at(definition)), names.all) << definition;
    EXPECT_EQ(string_set(defs.at(definition).at("required")), names.needed) << definition;
    EXPECT_EQ(defs.at("step").at("oneOf").at(i).at("$ref"), "#/$defs/" + definition);
    EXPECT_EQ(defs.at(definition).at("properties").at("op").at("const"), kOperationNames[i]);
  }
}

TEST(Schema, HasEveryVolumeOption) {
  std::set<std::string> names;
  VolumeOptions volume;
  visit_volume([&](std::string_view name, auto&) { names.emplace(name); }, volume);
  EXPECT_EQ(member_names(schema().at("$defs").at("volume")), names);
}

TEST(Schema, HasEveryFlag) {
  const Json defs = schema().at("$defs");
  std::set<std::string> flags;
  for (const Named& named : open_access_names()) flags.emplace(named.name);
  for (const Named& named : open_bit_names()) flags.emplace(named.name);
  EXPECT_EQ(string_set(defs.at("open_flags").at("items").at("enum")), flags);
  std::set<std::string> types;
  for (const Named& named : node_type_names()) types.emplace(named.name);
  EXPECT_EQ(string_set(defs.at("op_mknod").at("properties").at("type").at("enum")), types);
}

}  // namespace
}  // namespace vexfs::parity
