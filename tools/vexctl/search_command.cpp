// SPDX-License-Identifier: MIT
#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/vexctl/collection.h"
#include "tools/vexctl/commands.h"
#include "tools/vexctl/file_names.h"
#include "tools/vexctl/json_row.h"
#include "tools/vexctl/parse_ids.h"
#include "tools/vexctl/row_reader.h"

namespace vexfs::ctl {
namespace {

struct Options {
  std::string directory, query, file, filter, filter_file;
  std::optional<std::uint64_t> like;
  SearchOptions search;
  bool json = false;
};

Result<Bytes> stored_row(Collection& collection, std::uint64_t id) {
  auto got = collection.get(std::span(&id, 1));
  if (!got) return std::unexpected(got.error());
  if (!got->front().row.empty()) return std::move(got->front().row);
  return std::unexpected(Failure{fmt::format("{} has no vector {}", collection.directory(), id)});
}

Result<Bytes> rows_of_file(const std::string& path, const Parameters& parameters) {
  auto rows = open_rows(path);
  if (!rows) return std::unexpected(rows.error());
  Bytes bytes;
  Row row;
  for (std::uint64_t number = 0;; number++) {
    const auto got = (*rows)->next(row);
    if (!got) return std::unexpected(got.error());
    if (!*got && number == 0) return std::unexpected(Failure{path + ": there is no query in it"});
    if (!*got) return bytes;
    if (auto added = append_row(row.values, parameters, bytes); !added) {
      return std::unexpected(
          Failure{fmt::format("{}: row {}: {}", path, number, added.error().message)});
    }
  }
}

Result<Bytes> query_rows(const Options& options, Collection& collection) {
  if (options.like) return stored_row(collection, *options.like);
  if (!options.file.empty()) return rows_of_file(options.file, collection.parameters());
  const auto row = parse_json_row(options.query);
  if (!row) return std::unexpected(row.error());
  Bytes bytes;
  if (auto added = append_row(row->values, collection.parameters(), bytes); !added) {
    return std::unexpected(Failure{"the query: " + added.error().message});
  }
  return bytes;
}

Result<Ids> allowed_ids(const Options& options) {
  if (!options.filter.empty()) return parse_id_list(options.filter);
  if (options.filter_file.empty()) return Ids();
  auto ids = read_ids(options.filter_file);
  if (ids && ids->empty()) {
    return std::unexpected(Failure{options.filter_file + ": there is no id in it"});
  }
  return ids;
}

std::string distance_text(std::uint32_t distance, const Parameters& parameters) {
  if (parameters.integer_distances()) {
    return fmt::format("{}", static_cast<std::int32_t>(distance));
  }
  return fmt::format("{}", std::bit_cast<float>(distance));
}

using Names = std::map<std::uint64_t, std::string>;

Names names_of(const std::string& directory, const Found& found) {
  Ids ids;
  for (const auto& answers : found.queries) {
    for (const Answer& answer : answers) ids.push_back(answer.id);
  }
  return file_names(directory, ids);
}

void print_text(std::uint64_t number, bool several, const std::vector<Answer>& answers,
                const Names& names, const Parameters& parameters) {
  if (several) fmt::print("query {}\n", number);
  for (const Answer& answer : answers) {
    const auto name = names.find(answer.id);
    fmt::print("{:>10}  {}{}\n", answer.id, distance_text(answer.distance, parameters),
               name == names.end() ? "" : "  " + name->second);
  }
}

// JSON has no infinity and no NaN.
std::string distance_json(std::uint32_t distance, const Parameters& parameters) {
  const bool finite =
      parameters.integer_distances() || std::isfinite(std::bit_cast<float>(distance));
  return finite ? distance_text(distance, parameters) : "null";
}

void print_json(std::uint64_t number, const std::vector<Answer>& answers, const Names& names,
                const Parameters& parameters) {
  std::string list;
  for (const Answer& answer : answers) {
    list += fmt::format(R"({}{{"id":{},"distance":{})", list.empty() ? "" : ",", answer.id,
                        distance_json(answer.distance, parameters));
    const auto name = names.find(answer.id);
    if (name != names.end()) {
      list += fmt::format(R"(,"file":{})",
                          nlohmann::json(name->second)
                              .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
    list += '}';
  }
  fmt::print("{{\"query\":{},\"answers\":[{}]}}\n", number, list);
}

// As many queries at a time as a request and its reply hold.
Result<void> search_all(Collection& collection, const Options& options, const Bytes& rows) {
  const auto& parameters = collection.parameters();
  const std::size_t row_bytes = parameters.row_bytes();
  const std::size_t part = queries_that_fit(options.search, parameters.row_bytes()) * row_bytes;
  if (part == 0) {
    return std::unexpected(Failure{fmt::format("{} ids in the filter are more than a request holds",
                                               options.search.filter.size())});
  }
  std::uint64_t number = 0;
  for (std::size_t at = 0; at < rows.size(); at += part) {
    const auto end = std::min(rows.size(), at + part);
    const auto found =
        collection.search(options.search, Bytes(rows.begin() + static_cast<std::ptrdiff_t>(at),
                                                rows.begin() + static_cast<std::ptrdiff_t>(end)));
    if (!found) return std::unexpected(found.error());
    const Names names = names_of(collection.directory(), *found);
    for (const auto& answers : found->queries) {
      if (options.json) {
        print_json(number, answers, names, parameters);
      } else {
        print_text(number, rows.size() > row_bytes, answers, names, parameters);
      }
      number++;
    }
  }
  return {};
}

Result<void> search(const Options& given) {
  Options options = given;
  if (options.like.has_value() + !options.file.empty() + !options.query.empty() != 1) {
    return std::unexpected(
        Failure{"search needs one query: a QUERY, --file or --like", Exit::kUsage});
  }
  auto collection = Collection::open(options.directory);
  if (!collection) return std::unexpected(collection.error());
  auto filter = allowed_ids(options);
  if (!filter) return std::unexpected(filter.error());
  options.search.filter = std::move(*filter);
  const auto rows = query_rows(options, *collection);
  if (!rows) return std::unexpected(rows.error());
  return search_all(*collection, options, *rows);
}

void add_options(CLI::App& command, Options& options) {
  command.add_option("DIR", options.directory, "Directory of the collection")->required();
  command.add_option("QUERY", options.query, "Vector to search for, a list of numbers in JSON");
  command.add_option("--file", options.file, "File of queries, as for import; - for JSON lines");
  command.add_option("--like", options.like, "Search for the vector that has this id");
  command.add_option("-k,--count", options.search.k, "Answers for each query (default 10)")
      ->check(CLI::Range(1U, VEXFS_K_MAX));
  command
      .add_option("--ef", options.search.ef,
                  "Candidates kept: more is slower and finds nearer ones (default 100)")
      ->check(CLI::Range(1U, VEXFS_EF_MAX));
  command.add_flag("--exact", options.search.exact, "Compare with every vector");
  auto* filter = command.add_option("--filter", options.filter, "Only these ids: 1,5,10-20");
  command
      .add_option("--filter-file", options.filter_file,
                  "Only the ids in this file, a .npy array or one a line")
      ->excludes(filter);
  command.add_option("--max-visits", options.search.max_visits,
                     "Do the search in parts of at most so many visited vectors");
  command.add_flag("--json", options.json, "Print a line of JSON for each query");
}

}  // namespace

void add_search(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "search", "Find the nearest vectors", add_options, search);
}

}  // namespace vexfs::ctl
