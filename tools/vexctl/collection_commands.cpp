// SPDX-License-Identifier: MIT
// create, drop, info, list, count.
#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tools/vexctl/collection.h"
#include "tools/vexctl/commands.h"

namespace vexfs::ctl {
namespace {

using Json = nlohmann::ordered_json;

struct CreateOptions {
  std::string directory, type, metric, m, ef_construction, seed;
  std::uint32_t dim = 0;

  std::string value() const {
    std::string text = fmt::format("dim={}", dim);
    auto add = [&](const char* name, const std::string& item) {
      if (!item.empty()) text += fmt::format(" {}={}", name, item);
    };
    add("type", type);
    add("metric", metric);
    add("m", m);
    add("ef_construction", ef_construction);
    add("seed", seed);
    return text;
  }
};

Failure create_failure(const std::string& directory, const std::string& value, int error) {
  Failure failure =
      system_failure(fmt::format("making {} a collection with '{}'", directory, value), error);
  if (error == EEXIST) failure.message += ": it is one already; see 'vexctl info'";
  if (error == EINVAL)
    failure.message +=
        ": see vexctl(1) for what goes together; a large m also needs a volume of larger "
        "transactions";
  if (error == EOPNOTSUPP) failure.message += ": it is not on a mounted VexFS";
  return failure;
}

// Other filesystems keep any attribute: what they took is taken back.
Result<void> make_collection(const std::string& directory, const std::string& value) {
  if (::setxattr(directory.c_str(), kCollectionAttribute, value.data(), value.size(), 0) != 0) {
    return std::unexpected(create_failure(directory, value, errno));
  }
  if (::access((directory + "/.vexfs/info").c_str(), F_OK) == 0) return {};
  ::removexattr(directory.c_str(), kCollectionAttribute);
  return std::unexpected(create_failure(directory, value, EOPNOTSUPP));
}

Result<void> create(const CreateOptions& options) {
  const bool made = ::mkdir(options.directory.c_str(), 0777) == 0;
  if (!made && errno != EEXIST) {
    return std::unexpected(system_failure("making the directory " + options.directory, errno));
  }
  auto done = make_collection(options.directory, options.value());
  if (!done && made) ::rmdir(options.directory.c_str());
  return done;
}

struct DirectoryOptions {
  std::string directory;
  bool json = false;
};

void add_directory(CLI::App& command, DirectoryOptions& options) {
  command.add_option("DIR", options.directory, "Directory of the collection")->required();
}

void add_directory_and_json(CLI::App& command, DirectoryOptions& options) {
  add_directory(command, options);
  command.add_flag("--json", options.json, "Print JSON");
}

Result<void> drop(const DirectoryOptions& options) {
  if (auto found = read_parameters(options.directory); !found) {
    return std::unexpected(found.error());
  }
  if (::removexattr(options.directory.c_str(), kCollectionAttribute) == 0) return {};
  return std::unexpected(system_failure("dropping the collection of " + options.directory, errno));
}

// The lines of DIR/.vexfs/info; numbers as numbers.
Result<Json> read_info(const std::string& directory) {
  if (auto found = read_parameters(directory); !found) return std::unexpected(found.error());
  const std::string path = directory + "/.vexfs/info";
  std::ifstream file(path);
  Json info = Json::object();
  for (std::string name, value; file >> name >> value;) {
    const Json number = Json::parse(value, nullptr, false);
    info[name] = number.is_number() ? number : Json(value);
  }
  if (info.empty()) return std::unexpected(system_failure("reading " + path, errno));
  return info;
}

Result<void> info(const DirectoryOptions& options) {
  const auto found = read_info(options.directory);
  if (!found) return std::unexpected(found.error());
  if (options.json) {
    fmt::print("{}\n", found->dump());
    return {};
  }
  for (const auto& [name, value] : found->items()) {
    fmt::print("{:<16} {}\n", name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return {};
}

void print_listed(const std::string& path, const Json& info, bool json) {
  if (json) {
    Json line{{"path", path}};
    line.update(info);
    fmt::print("{}\n", line.dump(-1, ' ', false, Json::error_handler_t::replace));
  } else {
    fmt::print("{}  dim {} {} {}  {} vectors\n", path, info.value("dim", 0), info.value("type", ""),
               info.value("metric", ""), info.value("live", 0));
  }
}

bool is_collection(const std::string& path) {
  return ::getxattr(path.c_str(), kCollectionAttribute, nullptr, 0) >= 0;
}

// The first trouble is reported after all that can be listed.
Result<void> list(const DirectoryOptions& options) {
  namespace fs = std::filesystem;
  Result<void> trouble;
  auto look_at = [&](const std::string& path) {
    if (!is_collection(path)) return;
    const auto found = read_info(path);
    if (found) {
      print_listed(path, *found, options.json);
    } else if (trouble) {
      trouble = std::unexpected(found.error());
    }
  };
  std::error_code error;
  fs::recursive_directory_iterator entries(options.directory, error);
  if (!error) look_at(options.directory);
  while (!error && entries != fs::end(entries)) {
    std::error_code unreadable;
    if (entries->is_directory(unreadable) && !entries->is_symlink(unreadable)) {
      look_at(entries->path());
    }
    entries.increment(error);
  }
  if (error) return std::unexpected(system_failure("listing " + options.directory, error.value()));
  return trouble;
}

Result<void> count(const DirectoryOptions& options) {
  auto collection = Collection::open(options.directory);
  if (!collection) return std::unexpected(collection.error());
  const auto counted = collection->count();
  if (!counted) return std::unexpected(counted.error());
  if (!options.json) {
    fmt::print("{}\n", std::uint32_t{counted->live});
    return {};
  }
  const Json line{{"live", counted->live},
                  {"slots", counted->slots},
                  {"linked", counted->linked},
                  {"tail", counted->tail},
                  {"sequence", counted->sequence}};
  fmt::print("{}\n", line.dump());
  return {};
}

void add_create_options(CLI::App& command, CreateOptions& options) {
  command.add_option("DIR", options.directory, "Directory; made if it is not there")->required();
  command.add_option("--dim", options.dim, "Elements of a vector, 1 to 16384")->required();
  command.add_option("--type", options.type, "f32 (default), f16, i8 or binary");
  command.add_option("--metric", options.metric,
                     "l2 (default), cosine, dot, manhattan; of binary: hamming");
  command.add_option("--m", options.m, "Links of a vector at each level, 4 to 64 (default 16)");
  command.add_option("--ef-construction", options.ef_construction,
                     "Candidates for the links, 1 to 4096 (default 200)");
  command.add_option("--seed", options.seed, "Of the levels (default: the volume's)");
}

}  // namespace

void add_create(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "create", "Make a directory a collection", add_create_options, create);
}

void add_drop(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "drop", "Remove all vectors of a collection; files stay", add_directory,
              drop);
}

void add_info(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "info", "Describe a collection", add_directory_and_json, info);
}

void add_list(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "list", "Name the collections in a directory and below",
              add_directory_and_json, list);
}

void add_count(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "count", "Print how many vectors a collection has",
              add_directory_and_json, count);
}

}  // namespace vexfs::ctl
