// SPDX-License-Identifier: MIT
#include "tools/vexctl/parameters.h"

#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <map>
#include <sstream>

#include <fmt/format.h>

namespace vexfs::ctl {
namespace {

const std::map<std::string, ElementType> kTypes{{"f32", ElementType::kF32},
                                                {"f16", ElementType::kF16},
                                                {"i8", ElementType::kI8},
                                                {"binary", ElementType::kBinary}};

}  // namespace

std::uint32_t Parameters::row_bytes() const {
  switch (type) {
    case ElementType::kF32:
      return 4 * dim;
    case ElementType::kF16:
      return 2 * dim;
    case ElementType::kI8:
      return dim;
    case ElementType::kBinary:
      break;
  }
  return (dim + 7) / 8;
}

bool Parameters::integer_distances() const {
  return type == ElementType::kI8 || type == ElementType::kBinary;
}

Result<Parameters> parse_parameters(const std::string& value) {
  Parameters parameters;
  parameters.text = value;
  std::string type;
  std::istringstream items(value);
  for (std::string item; items >> item;) {
    const auto equals = item.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = item.substr(0, equals);
    const std::string text = item.substr(equals + 1);
    if (name == "dim") std::from_chars(text.data(), text.data() + text.size(), parameters.dim);
    if (name == "type") type = text;
    if (name == "metric") parameters.metric = text;
  }
  const auto known = kTypes.find(type);
  if (parameters.dim == 0 || known == kTypes.end()) {
    return std::unexpected(Failure{
        fmt::format("'{}' does not describe a collection: is this directory on VexFS?", value)});
  }
  parameters.type = known->second;
  return parameters;
}

Result<Parameters> read_parameters(const std::string& directory) {
  std::array<char, 512> value;
  const ssize_t length =
      ::getxattr(directory.c_str(), kCollectionAttribute, value.data(), value.size());
  if (length >= 0) return parse_parameters({value.data(), static_cast<std::size_t>(length)});
  if (errno == ENODATA || errno == EOPNOTSUPP) {
    return std::unexpected(
        Failure{fmt::format("{} is not a collection: make it one with 'vexctl create {} --dim N', "
                            "on a mounted VexFS",
                            directory, directory)});
  }
  return std::unexpected(system_failure("looking at " + directory, errno));
}

}  // namespace vexfs::ctl
