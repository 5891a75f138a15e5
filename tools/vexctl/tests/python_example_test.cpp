// SPDX-License-Identifier: MIT
// The Python example of docs/api.md asks what vexctl asks, and understands the reply.
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <unistd.h>

#include "tools/vexctl/messages.h"

namespace vexfs::ctl {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <typename T>
void append(Bytes& to, const T& value) {
  const auto bytes = std::as_bytes(std::span(&value, 1));
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// A regular file does for a door: behind the bytes that the request will replace lies the reply.
Bytes stand_in(std::size_t request_bytes) {
  const vexfs_reply header{VEXFS_REPLY_MAGIC, VEXFS_DOOR_VERSION, VEXFS_OP_SEARCH, 0, 96, 0, 0, 0};
  Bytes door(request_bytes);
  append(door, header);
  append(door,
         vexfs_search_reply{.queries = 1, .visits = 0, .sequence = 0, .crc = 0, .reserved = 0});
  append(door, vexfs_answers{.count = 2, .flags = 0});
  append(door, vexfs_answer{.id = 1, .distance = 0, .slot = 0});
  append(door, vexfs_answer{.id = 3, .distance = 0x3f800000, .slot = 2});
  return door;
}

std::string example(const std::string& directory) {
  const std::string page = read(VEXFS_API_PAGE);
  const std::string fence = "\n```python\n";
  const auto begin = page.find(fence) + fence.size();
  std::string text = page.substr(begin, page.find("\n```", begin) + 1 - begin);
  const std::string place = "/mnt/points";
  return text.replace(text.find(place), place.size(), directory);
}

TEST(PythonExample, AsksAndUnderstandsAtTheDoor) {
  if (std::system("python3 -c 'import numpy' 2>/dev/null") != 0) {
    GTEST_SKIP() << "needs python3 with numpy";
  }
  std::string name = (std::filesystem::temp_directory_path() / "vexctl-XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const std::filesystem::path directory = name;
  std::filesystem::create_directory(directory / ".vexfs");
  const float query[2] = {1, 0};
  SearchOptions options;
  options.k = 2;
  const auto row = std::as_bytes(std::span(query));
  const Bytes expected = search_request(options, Bytes(row.begin(), row.end()), sizeof query);
  const Bytes door = stand_in(expected.size());
  std::ofstream(directory / ".vexfs/query", std::ios::binary)
      .write(reinterpret_cast<const char*>(door.data()), static_cast<std::streamsize>(door.size()));
  std::ofstream(directory / "example.py") << example(directory);
  const std::string line = "python3 '" + name + "/example.py' >'" + name + "/output'";
  EXPECT_EQ(std::system(line.c_str()), 0);
  EXPECT_EQ(read(directory / "output"), "1 0.0\n3 1.0\n");
  const std::string asked = read(directory / ".vexfs/query").substr(0, expected.size());
  EXPECT_EQ(std::memcmp(asked.data(), expected.data(), expected.size()), 0);
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace vexfs::ctl
