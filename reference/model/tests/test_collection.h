// SPDX-License-Identifier: MIT
// A collection on a test volume and the few words in which tests talk to it.
#pragma once

#include <string_view>

#include "reference/model/tests/test_volume.h"
#include "reference/vector/encode.h"

namespace vexfs::model::test {

/// Rows of 8 i8 elements, m = 4: many slots in a block, many links in few.
inline constexpr std::string_view kSmallCollection = "dim=8 type=i8 m=4 ef_construction=20 seed=1";

class TestCollection {
 public:
  /// Makes the directory `d` a collection.
  explicit TestCollection(TestVolume& volume, std::string_view value = kSmallCollection);

  Ino directory() const { return directory_; }
  /// Its graph inode, as the directory names it now.
  Ino graph() const;

  /// The bytes of the reply. Fails the test if there is none.
  vectors::Message query(const vectors::Message& request);
  vectors::Message update(const vectors::Message& request);

  /// Puts vectors with the ids `first` to `first` + `count` - 1 and rows that follow from the id.
  /// Answers the reply's status.
  int put(std::uint64_t first, std::uint64_t count);
  int remove(std::uint64_t id);
  vexfs_count_reply count();

 private:
  TestVolume& volume_;
  Ino directory_;
};

/// The row that put() gives an id.
vectors::Row row_of(std::uint64_t id);

template <typename T>
T body_of(const vectors::Message& reply) {
  return get<T>(reply, sizeof(vexfs_reply));
}

inline int status_of(const vectors::Message& reply) {
  return static_cast<int>(get<vexfs_reply>(reply).status);
}

}  // namespace vexfs::model::test
