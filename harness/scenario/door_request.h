// SPDX-License-Identifier: MIT
// The messages that vector operations write to a door.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/scenario/operation.h"

namespace vexfs::parity {

/// What is to be written to which door.
struct DoorRequest {
  std::string path;  // of the door's file
  std::string bytes;
  std::uint32_t piece = 0;  // of each write and read; 0: any
};

/// The requests of one mount: a search that was cut short can be resumed.
class DoorRequests {
 public:
  /// The request of a vector operation. None for a resume without a search to go on with.
  template <VectorOperation Operation>
  std::optional<DoorRequest> request_of(const Operation& operation) const;

  /// To be told of each reply.
  void replied(const std::string& door_path, std::string_view request, std::string_view reply);

 private:
  std::map<std::string, std::string> cut_short_;  // by door: the request with the reply's token
};

/// The attribute that it sets.
Setxattr setxattr_of(const VectorAttach& attach);

/// `path` of a file of a collection: "/c" and "query" give "/c/.vexfs/query".
std::string collection_file(const Path& directory, std::string_view name);

}  // namespace vexfs::parity
