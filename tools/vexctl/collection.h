// SPDX-License-Identifier: MIT
// A collection on a mounted volume, by its two doors.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "tools/vexctl/messages.h"
#include "tools/vexctl/parameters.h"
#include "tools/vexctl/unique_fd.h"

namespace vexfs::ctl {

// One request at a time; from one thread. Failures name the directory.
class Collection {
 public:
  // Looks at the directory's attribute; a door is opened when it is first needed.
  static Result<Collection> open(const std::string& directory);

  const std::string& directory() const { return directory_; }
  const Parameters& parameters() const { return parameters_; }

  Result<vexfs_count_reply> count();
  Result<Listed> list(std::uint32_t cursor, std::uint32_t max);
  Result<std::vector<Got>> get(std::span<const std::uint64_t> ids);
  // How many of them there were.
  Result<std::uint32_t> remove(std::span<const std::uint64_t> ids);

  struct Stored {
    std::uint32_t done = 0;      // the first so many of the ids
    std::uint32_t replaced = 0;  // of them
    Failure failure;             // why not all, if `done` is less
  };
  // Not more than puts_that_fit(). A failure says that none was stored.
  Result<Stored> put(std::span<const std::uint64_t> ids, const Bytes& rows);

  // Drops what deleted vectors left. The doors are opened anew afterwards.
  Result<void> compact();

  // For each query its answers, nearest first. With max_visits the search is done in parts, and
  // resumed until it is whole.
  Result<Found> search(const SearchOptions& options, const Bytes& rows);

 private:
  Collection(std::string directory, Parameters parameters)
      : directory_(std::move(directory)), parameters_(std::move(parameters)) {}
  Result<Reply> exchange(UniqueFd& door, const char* name, const Bytes& request);
  Result<Reply> query(const Bytes& request) { return exchange(query_, "query", request); }
  Result<Reply> update(const Bytes& request) { return exchange(update_, "update", request); }
  Failure refusal(const Reply& reply, const std::string& what) const;

  std::string directory_;
  Parameters parameters_;
  UniqueFd query_;
  UniqueFd update_;
};

}  // namespace vexfs::ctl
