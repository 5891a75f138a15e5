// SPDX-License-Identifier: MIT
#include <algorithm>
#include <csignal>
#include <ctime>

#include <fmt/format.h>

#include "tools/vexctl/collection.h"
#include "tools/vexctl/commands.h"
#include "tools/vexctl/progress.h"
#include "tools/vexctl/row_reader.h"

namespace vexfs::ctl {
namespace {

constexpr std::uint32_t kBatch = 1024;  // a progress bar that moves, and a quick answer to Ctrl-C

struct ImportOptions {
  std::string directory, file, ids_file;
  std::optional<std::uint64_t> first_id;
  std::uint64_t skip = 0;
};

// Holds Ctrl-C back until between two batches, so that the number of vectors put is known.
class Interruption {
 public:
  Interruption() {
    ::sigemptyset(&signals_);
    ::sigaddset(&signals_, SIGINT);
    ::sigaddset(&signals_, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &signals_, &before_);
  }
  ~Interruption() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  bool requested() const {
    const timespec now{};
    return ::sigtimedwait(&signals_, nullptr, &now) > 0;
  }

 private:
  sigset_t signals_{};
  sigset_t before_{};
};

// Puts the rows of a file. Its rows are counted from 0, the skipped ones with them.
class Import {
 public:
  Import(Collection& collection, const ImportOptions& options, RowReader& rows, Ids ids)
      : collection_(collection), options_(options), rows_(rows), ids_(std::move(ids)) {}

  Result<void> run() {
    Progress progress;
    auto done = skip();
    while (done && !ended_) {
      done = fill();
      if (done) done = put();
      progress.show(rows_.fraction(), done_ - options_.skip);
      if (done && !ended_ && interruption_.requested()) {
        done = std::unexpected(Failure{"interrupted"});
      }
    }
    return done;
  }
  std::uint64_t done() const { return done_; }
  std::uint64_t replaced() const { return replaced_; }

 private:
  Result<void> skip() {
    Row row;
    for (; done_ < options_.skip; done_++) {
      const auto got = rows_.next(row);
      if (!got) return std::unexpected(got.error());
      if (!*got) {
        return std::unexpected(Failure{fmt::format("{}: it has {} rows, and --skip {} is more",
                                                   options_.file, done_, options_.skip)});
      }
    }
    return {};
  }

  Result<std::uint64_t> id_of(const Row& row, std::uint64_t number) const {
    if (options_.first_id) return *options_.first_id + number;
    if (!options_.ids_file.empty()) {
      if (number < ids_.size()) return ids_[number];
      return std::unexpected(
          Failure{fmt::format("{} has no id for it: it holds {}", options_.ids_file, ids_.size())});
    }
    if (row.id) return *row.id;
    return std::unexpected(Failure{R"(it has no "id": add one, or give --first-id or --ids)"});
  }

  Result<void> fill() {
    batch_ids_.clear();
    batch_rows_.clear();
    const auto limit = std::min(kBatch, puts_that_fit(collection_.parameters().row_bytes()));
    Row row;
    while (batch_ids_.size() < limit) {
      const auto got = rows_.next(row);
      if (!got) return std::unexpected(got.error());
      if (!*got) {
        ended_ = true;
        break;
      }
      const std::uint64_t number = done_ + batch_ids_.size();
      const auto id = id_of(row, number);
      auto added = id ? append_row(row.values, collection_.parameters(), batch_rows_)
                      : std::unexpected(id.error());
      if (!added) {
        return std::unexpected(
            Failure{fmt::format("{}: row {}: {}", options_.file, number, added.error().message)});
      }
      batch_ids_.push_back(*id);
    }
    return {};
  }

  Result<void> put() {
    if (batch_ids_.empty()) return {};
    const auto stored = collection_.put(batch_ids_, batch_rows_);
    if (!stored) {
      return std::unexpected(Failure{fmt::format("{} (rows and ids are counted from row {} of {})",
                                                 stored.error().message, done_, options_.file)});
    }
    done_ += stored->done;
    replaced_ += stored->replaced;
    if (stored->done < batch_ids_.size()) return std::unexpected(stored->failure);
    return {};
  }

  Collection& collection_;
  const ImportOptions& options_;
  RowReader& rows_;
  Ids ids_;  // of --ids
  Interruption interruption_;
  Ids batch_ids_;
  Bytes batch_rows_;
  bool ended_ = false;
  std::uint64_t done_ = 0;  // rows of the file that were skipped or put
  std::uint64_t replaced_ = 0;
};

// Ids that people chose are never overwritten by numbers that they did not.
Result<ImportOptions> with_ids_chosen(ImportOptions options, Collection& collection) {
  const auto format = format_of(options.file);
  if (!format) return std::unexpected(format.error());
  if (*format == FileFormat::kJsonl || options.first_id || !options.ids_file.empty()) {
    return options;
  }
  const auto counted = collection.count();
  if (!counted) return std::unexpected(counted.error());
  if (counted->live != 0 || options.skip != 0) {
    return std::unexpected(
        Failure{fmt::format("{} holds {} vectors: say with --first-id or --ids which ids the rows "
                            "of {} get (0 and on are the default for an empty collection)",
                            options.directory, std::uint32_t{counted->live}, options.file)});
  }
  options.first_id = 0;
  return options;
}

// What remains after an import that ended early, and how to go on.
Failure partly(const Failure& failure, const Import& import, const ImportOptions& options) {
  if (import.done() == options.skip) return failure;
  std::string ids;
  if (options.first_id) ids = fmt::format(" --first-id {}", *options.first_id);
  if (!options.ids_file.empty()) ids = " --ids " + options.ids_file;
  return {fmt::format("{}\n{} vectors were imported before that and stay; go on with: vexctl "
                      "import {} {}{} --skip {}",
                      failure.message, import.done() - options.skip, options.directory,
                      options.file, ids, import.done()),
          Exit::kPartly};
}

Result<void> import_rows(const ImportOptions& given) {
  auto collection = Collection::open(given.directory);
  if (!collection) return std::unexpected(collection.error());
  const auto options = with_ids_chosen(given, *collection);
  if (!options) return std::unexpected(options.error());
  auto rows = open_rows(options->file);
  if (!rows) return std::unexpected(rows.error());
  const auto ids = options->ids_file.empty() ? Result<Ids>(Ids()) : read_ids(options->ids_file);
  if (!ids) return std::unexpected(ids.error());
  Import import(*collection, *options, **rows, *ids);
  if (auto done = import.run(); !done) {
    return std::unexpected(partly(done.error(), import, *options));
  }
  fmt::print("{} vectors imported, {} of them replaced one\n", import.done() - options->skip,
             import.replaced());
  return {};
}

void add_options(CLI::App& command, ImportOptions& options) {
  command.add_option("DIR", options.directory, "Directory of the collection")->required();
  command
      .add_option("FILE", options.file, "A .npy, .fvecs, .bvecs or .jsonl file; - for JSON lines")
      ->required();
  auto* first = command.add_option("--first-id", options.first_id,
                                   "Id of the file's first row; the others follow");
  command.add_option("--ids", options.ids_file, "File of ids, a .npy array or one a line")
      ->excludes(first);
  command.add_option("--skip", options.skip, "Rows to pass over: to go on after a failure");
}

}  // namespace

void add_import(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "import", "Put the vectors of a file", add_options, import_rows);
}

}  // namespace vexfs::ctl
