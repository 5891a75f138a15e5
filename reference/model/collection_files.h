// SPDX-License-Identifier: MIT
// The files vectors, graph and info of a collection: docs/api.md, "Collections".
#pragma once

#include <vector>

#include "reference/model/mounted.h"

namespace vexfs::model {

/// All bytes of the file. ESTALE if the collection is no more, EUCLEAN.
Result<std::vector<std::byte>> read_collection_file(Mounted& volume, Ino graph,
                                                    posix::CollectionFile which);

}  // namespace vexfs::model
