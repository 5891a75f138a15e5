// SPDX-License-Identifier: MIT
#include <algorithm>

#include <fmt/format.h>

#include "tools/vexctl/collection.h"
#include "tools/vexctl/commands.h"
#include "tools/vexctl/progress.h"
#include "tools/vexctl/row_writer.h"

namespace vexfs::ctl {
namespace {

constexpr std::uint32_t kBatch = 1024;

struct ExportOptions {
  std::string directory, file, ids_file;
};

class Export {
 public:
  Export(Collection& collection, RowWriter& rows, IdWriter* ids)
      : collection_(collection), rows_(rows), ids_(ids) {}

  Result<void> run() {
    Progress progress;
    const auto counted = collection_.count();
    if (!counted) return std::unexpected(counted.error());
    const auto batch = std::min(kBatch, gets_that_fit(collection_.parameters().row_bytes()));
    for (std::uint32_t cursor = 0; cursor != VEXFS_SLOT_NONE;) {
      const auto listed = collection_.list(cursor, batch);
      if (!listed) return std::unexpected(listed.error());
      if (auto written = write(listed->ids); !written) return written;
      cursor = listed->next;
      if (counted->live != 0) progress.show(done_ / double(counted->live), done_);
    }
    if (auto finished = rows_.finish(); !finished) return finished;
    return ids_ == nullptr ? Result<void>() : ids_->finish();
  }
  std::uint64_t done() const { return done_; }

 private:
  // A vector that was deleted after it was listed is left out.
  Result<void> write(const Ids& ids) {
    if (ids.empty()) return {};
    const auto got = collection_.get(ids);
    if (!got) return std::unexpected(got.error());
    for (const Got& one : *got) {
      if (one.row.empty()) continue;
      if (auto added = rows_.add(one.id, one.row); !added) return added;
      if (ids_ != nullptr) {
        if (auto added = ids_->add(one.id); !added) return added;
      }
      done_++;
    }
    return {};
  }

  Collection& collection_;
  RowWriter& rows_;
  IdWriter* ids_;
  std::uint64_t done_ = 0;
};

Result<void> export_rows(const ExportOptions& options) {
  auto collection = Collection::open(options.directory);
  if (!collection) return std::unexpected(collection.error());
  auto rows = create_rows(options.file, collection->parameters());
  if (!rows) return std::unexpected(rows.error());
  std::optional<IdWriter> ids;
  if (!options.ids_file.empty()) {
    auto created = IdWriter::create(options.ids_file);
    if (!created) return std::unexpected(created.error());
    ids.emplace(std::move(*created));
  }
  Export work(*collection, **rows, ids ? &*ids : nullptr);
  if (auto done = work.run(); !done) return done;
  if (options.file != "-") fmt::print("{} vectors exported to {}\n", work.done(), options.file);
  return {};
}

void add_options(CLI::App& command, ExportOptions& options) {
  command.add_option("DIR", options.directory, "Directory of the collection")->required();
  command
      .add_option("FILE", options.file, "A .npy, .fvecs, .bvecs or .jsonl file; - for JSON lines")
      ->required();
  command.add_option("--ids", options.ids_file, "Also write the ids of the rows, a .npy array");
}

}  // namespace

void add_export(CLI::App& app, Action& chosen) {
  add_command(app, chosen, "export", "Write the vectors to a file", add_options, export_rows);
}

}  // namespace vexfs::ctl
