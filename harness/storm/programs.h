// SPDX-License-Identifier: MIT
// What the program does, by its first argument. Each returns the exit code: 0 if all was well;
// otherwise the reason is on standard error.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace vexfs::parity::storm {

struct StormOptions {
  std::string dir;
  unsigned processes = 4;
  unsigned operations = 400;  // of each process
  std::uint64_t seed = 1;
};

/// Processes that work on the same few names, one operation after the other, as fast as they can.
int storm(const StormOptions& options);

/// The same with collections: vectors, files that have some, compactions, searches.
int vectors(const StormOptions& options);

/// Runs `work` in that many processes, each with its number; 0 if it was true in all of them.
int in_processes(unsigned processes, const std::function<bool(unsigned)>& work);

/// What shared and private mappings of files must do, in a directory that is empty.
int mappings(const std::string& dir);

/// What of that is left where stores through a shared mapping are refused with ENODEV.
int refused_mappings(const std::string& dir);

/// Reads everything below the directory and prints one line that says what is there.
int digest(const std::string& dir);

}  // namespace vexfs::parity::storm
