// SPDX-License-Identifier: MIT
#include "reference/model/tests/test_collection.h"

#include <cstdio>
#include <cstdlib>

#include "reference/vector/levels.h"

namespace vexfs::model::test {
namespace {

template <typename T>
T must(Result<T> result, const char* what) {
  if (!result) {
    std::fprintf(stderr, "test collection: %s: errno %d\n", what, result.error());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

TestCollection::TestCollection(TestVolume& volume, std::string_view value)
    : volume_(volume), directory_(volume.mkdir("d")) {
  must(volume_->set_collection(directory_, value, false), "setxattr");
}

Ino TestCollection::graph() const { return volume_.inode(directory_).collection; }

vectors::Message TestCollection::query(const vectors::Message& request) {
  return must(volume_->door(graph(), posix::Door::kQuery, request), "query");
}

vectors::Message TestCollection::update(const vectors::Message& request) {
  return must(volume_->door(graph(), posix::Door::kUpdate, request), "update");
}

int TestCollection::put(std::uint64_t first, std::uint64_t count) {
  std::vector<std::uint64_t> ids;
  vectors::Message rows;
  for (std::uint64_t id = first; id < first + count; ++id) {
    ids.push_back(id);
    const vectors::Row row = row_of(id);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return status_of(update(vectors::encode_put(ids, rows)));
}

int TestCollection::remove(std::uint64_t id) {
  const std::uint64_t ids[] = {id};
  return status_of(update(vectors::encode_ids(VEXFS_OP_DELETE, ids)));
}

vexfs_count_reply TestCollection::count() {
  return body_of<vexfs_count_reply>(query(vectors::encode_count()));
}

vectors::Row row_of(std::uint64_t id) {
  const std::uint64_t word = vectors::mix64(id + 1);
  const auto bytes = bytes_of(word);
  return {bytes.begin(), bytes.end()};
}

}  // namespace vexfs::model::test
