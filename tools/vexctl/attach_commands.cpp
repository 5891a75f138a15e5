// SPDX-License-Identifier: MIT
// attach, detach: vectors of files.
#include <sys/xattr.h>

#include <cerrno>
#include <filesystem>

#include <fmt/format.h>

#include "tools/vexctl/commands.h"
#include "tools/vexctl/element.h"
#include "tools/vexctl/json_row.h"

namespace vexfs::ctl {
namespace {

constexpr const char* kVectorAttribute = "user.vexfs.vector";

struct Options {
  std::string file, vector;
};

std::unexpected<Failure> refusal(const std::string& what, int error) {
  Failure failure = system_failure(what, error);
  if (error == EOPNOTSUPP) {
    failure.message +=
        ": only a regular file that was created in a collection, or moved into it, has a vector, "
        "on a VexFS that knows user.vexfs.vector";
  } else if (error == EMLINK) {
    failure.message += ": a file of several links cannot get a vector";
  } else if (error == ENOSPC) {
    failure.message += ": make room and try again";
  } else if (error == ENODATA) {
    failure.message = what + ": it has no vector";
  }
  return std::unexpected(failure);
}

Result<void> attach(const Options& options) {
  const auto directory = std::filesystem::path(options.file).parent_path();
  const auto parameters = read_parameters(directory.empty() ? "." : directory.string());
  if (!parameters) return std::unexpected(parameters.error());
  const auto row = parse_json_row(options.vector);
  if (!row) return std::unexpected(row.error());
  Bytes bytes;
  if (auto added = append_row(row->values, *parameters, bytes); !added) {
    return std::unexpected(Failure{
        fmt::format("the vector does not fit {}: {}", directory.string(), added.error().message)});
  }
  if (::setxattr(options.file.c_str(), kVectorAttribute, bytes.data(), bytes.size(), 0) == 0) {
    return {};
  }
  return refusal("attaching a vector to " + options.file, errno);
}

Result<void> detach(const Options& options) {
  if (::removexattr(options.file.c_str(), kVectorAttribute) == 0) return {};
  return refusal("detaching the vector of " + options.file, errno);
}

void add_file(CLI::App& command, Options& options) {
  command.add_option("FILE", options.file, "Regular file in a collection")->required();
}

void add_file_and_vector(CLI::App& command, Options& options) {
  add_file(command, options);
  command.add_option("VECTOR", options.vector, "List of numbers in JSON")->required();
}

}  // namespace

void add_attach(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "attach", "Give a file a vector, or another one", add_file_and_vector,
              attach);
}

void add_detach(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "detach", "Take a file's vector away", add_file, detach);
}

}  // namespace vexfs::ctl
