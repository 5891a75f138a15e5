// SPDX-License-Identifier: MIT
// put, get, delete, compact.
#include <fmt/format.h>

#include "tools/vexctl/collection.h"
#include "tools/vexctl/commands.h"
#include "tools/vexctl/json_row.h"
#include "tools/vexctl/parse_ids.h"

namespace vexfs::ctl {
namespace {

struct PutOptions {
  std::string directory;
  std::uint64_t id = 0;
  std::string vector;
};

Result<void> put(const PutOptions& options) {
  auto collection = Collection::open(options.directory);
  if (!collection) return std::unexpected(collection.error());
  const auto row = parse_json_row(options.vector);
  if (!row) return std::unexpected(row.error());
  Bytes bytes;
  if (auto done = append_row(row->values, collection->parameters(), bytes); !done) {
    return std::unexpected(
        Failure{"the vector does not fit " + options.directory + ": " + done.error().message});
  }
  const auto stored = collection->put(std::span(&options.id, 1), bytes);
  if (!stored) return std::unexpected(stored.error());
  if (stored->done == 0) return std::unexpected(stored->failure);
  return {};
}

struct IdsOptions {
  std::string directory;
  std::vector<std::string> ids;
};

// "1 2" and "1,2" and "1-2" alike.
Result<Ids> ids_of(const IdsOptions& options) {
  Ids all;
  for (const std::string& item : options.ids) {
    const auto ids = parse_id_list(item);
    if (!ids) return ids;
    all.insert(all.end(), ids->begin(), ids->end());
  }
  return all;
}

Result<void> get(const IdsOptions& options) {
  auto collection = Collection::open(options.directory);
  if (!collection) return std::unexpected(collection.error());
  const auto ids = ids_of(options);
  if (!ids) return std::unexpected(ids.error());
  const auto got = collection->get(*ids);
  if (!got) return std::unexpected(got.error());
  std::string missing;
  for (const Got& one : *got) {
    if (one.row.empty()) {
      missing += fmt::format("{}{}", missing.empty() ? "" : ", ", one.id);
    } else {
      fmt::print("{}", json_line(one.id, one.row, collection->parameters()));
    }
  }
  if (missing.empty()) return {};
  return std::unexpected(Failure{fmt::format("{} has no vector {}", options.directory, missing)});
}

Result<void> remove(const IdsOptions& options) {
  auto collection = Collection::open(options.directory);
  if (!collection) return std::unexpected(collection.error());
  const auto ids = ids_of(options);
  if (!ids) return std::unexpected(ids.error());
  const auto removed = collection->remove(*ids);
  if (!removed) return std::unexpected(removed.error());
  fmt::print("{} of {} deleted\n", *removed, ids->size());
  return {};
}

struct CompactOptions {
  std::string directory;
};

Result<void> compact(const CompactOptions& options) {
  auto collection = Collection::open(options.directory);
  return collection ? collection->compact() : std::unexpected(collection.error());
}

void add_compact_options(CLI::App& command, CompactOptions& options) {
  command.add_option("DIR", options.directory, "Directory of the collection")->required();
}

void add_put_options(CLI::App& command, PutOptions& options) {
  command.add_option("DIR", options.directory, "Directory of the collection")->required();
  command.add_option("ID", options.id, "Number of the vector; one that has it is replaced")
      ->required();
  command.add_option("VECTOR", options.vector, "List of numbers in JSON")->required();
}

void add_ids_options(CLI::App& command, IdsOptions& options) {
  command.add_option("DIR", options.directory, "Directory of the collection")->required();
  command.add_option("ID", options.ids, "Ids, and ranges like 10-20")->required();
}

}  // namespace

void add_put(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "put", "Put one vector", add_put_options, put);
}

void add_get(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "get", "Print vectors as JSON lines", add_ids_options, get);
}

void add_delete(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "delete", "Delete vectors", add_ids_options, remove);
}

void add_compact(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "compact", "Drop what deleted vectors left", add_compact_options,
              compact);
}

}  // namespace vexfs::ctl
