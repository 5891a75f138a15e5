// SPDX-License-Identifier: MIT
// Who calls whom with how much stack, from the files that GCC writes with -fcallgraph-info=su.
//
// Calls through pointers and functions of others (the kernel, libraries) count as no stack: what
// is called back begins a path of its own.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vexfs::parity::stack {

struct Function {
  std::string name;
  std::string place;        // "file:line:column"
  std::uint32_t frame = 0;  // bytes
  bool unbounded = false;   // the compiler does not know how much it takes
};

struct Path {
  std::uint32_t bytes = 0;
  std::vector<const Function*> functions;  // from the outermost
};

// A call, by the functions' names, that closes a cycle and is made at most once on a path, because
// the code says so.
using BoundedCall = std::pair<std::string, std::string>;

class CallGraph {
 public:
  // Adds what a .ci file says. False if a line of it is not understood.
  [[nodiscard]] bool add(std::string_view ci);

  // Of what was added, by title: the name, with the file before it if it is static.
  const std::map<std::string, Function>& functions() const { return functions_; }

  struct Report {
    std::vector<Path> paths;  // of functions that none of them calls, deepest first
    std::vector<std::vector<std::string>> cycles;  // calls that no BoundedCall opens
  };
  // The graph must outlive the report.
  Report report(const std::vector<BoundedCall>& bounded) const;

 private:
  std::map<std::string, Function> functions_;
  std::map<std::string, std::set<std::string>> calls_;
};

}  // namespace vexfs::parity::stack
