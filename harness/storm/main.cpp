// SPDX-License-Identifier: MIT
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "harness/storm/programs.h"

int main(int argc, char** argv) {
  using namespace vexfs::parity::storm;
  if (argc == 6) {
    const StormOptions options{.dir = argv[2],
                               .processes = static_cast<unsigned>(std::atoi(argv[3])),
                               .operations = static_cast<unsigned>(std::atoi(argv[4])),
                               .seed = std::strtoull(argv[5], nullptr, 10)};
    if (std::strcmp(argv[1], "storm") == 0) return storm(options);
    if (std::strcmp(argv[1], "vectors") == 0) return vectors(options);
  }
  if (argc == 3 && std::strcmp(argv[1], "mappings") == 0) return mappings(argv[2]);
  if (argc == 3 && std::strcmp(argv[1], "refused-mappings") == 0) return refused_mappings(argv[2]);
  if (argc == 3 && std::strcmp(argv[1], "digest") == 0) return digest(argv[2]);
  std::fprintf(stderr,
               "usage: %s storm|vectors DIR PROCESSES OPERATIONS SEED | mappings DIR | "
               "refused-mappings DIR | "
               "digest DIR\n",
               argv[0]);
  return 2;
}
