// SPDX-License-Identifier: MIT
// Collections through system calls: the attribute, the files below DIR/.vexfs, and the doors.
#include <sys/stat.h>
#include <sys/xattr.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fuse/daemon/tests/mounted_volume.h"
#include "reference/contract/door.h"
#include "reference/contract/vector.h"

namespace vexfs::daemon {
namespace {

constexpr const char* kAttribute = "user.vexfs.collection";
constexpr const char* kVector = "user.vexfs.vector";

template <typename T>
void append(std::string& message, const T& value) {
  message.append(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string request(uint16_t opcode, const std::string& body) {
  std::string message;
  append(message, vexfs_request{.magic = VEXFS_REQUEST_MAGIC,
                                .version = VEXFS_DOOR_VERSION,
                                .opcode = opcode,
                                .flags = 0,
                                .length = static_cast<__le32>(sizeof(vexfs_request) + body.size()),
                                .tag = 5,
                                .reserved = 0});
  return message + body;
}

std::string put(uint64_t id, float x, float y) {
  std::string body;
  append(body, vexfs_ids{.count = 1, .reserved = 0});
  append(body, id);
  append(body, x);
  append(body, y);
  return request(VEXFS_OP_PUT, body);
}

std::string search(float x, float y, uint32_t k) {
  std::string body;
  vexfs_search search{};
  search.k = k;
  search.ef = 10;
  search.queries = 1;
  append(body, search);
  append(body, x);
  append(body, y);
  return request(VEXFS_OP_SEARCH, body);
}

class Collection : public MountedVolume {
 protected:
  void SetUp() override {
    MountedVolume::SetUp();
    ASSERT_EQ(mkdir(path("c").c_str(), 0750), 0);
    ASSERT_EQ(setxattr(path("c").c_str(), kAttribute, "dim=2", 5, 0), 0);
  }

  /** Stages the request in pieces of `piece` bytes and reads the whole reply. */
  std::string ask(const std::string& door, const std::string& message, size_t piece = SIZE_MAX) {
    const UniqueFd fd = open_file("c/.vexfs/" + door, O_RDWR);
    for (size_t at = 0; at < message.size(); at += std::min(piece, message.size() - at)) {
      const size_t count = std::min(piece, message.size() - at);
      EXPECT_EQ(write(fd.get(), message.data() + at, count), static_cast<ssize_t>(count));
    }
    std::string reply;
    char part[64];  // smaller than a reply: reads go on to its end
    for (ssize_t got; (got = read(fd.get(), part, sizeof part)) > 0;) {
      reply.append(part, static_cast<size_t>(got));
    }
    return reply;
  }
};

TEST_F(Collection, HasTheAttributeWithAllParameters) {
  char value[256];
  const ssize_t size = getxattr(path("c").c_str(), kAttribute, value, sizeof value);
  ASSERT_GT(size, 0);
  EXPECT_EQ(std::string(value, static_cast<size_t>(size)),
            "dim=2 type=f32 metric=l2 m=16 ef_construction=200 seed=0");
  EXPECT_EQ(error_of(getxattr(path("c").c_str(), kAttribute, value, 3)), ERANGE);
  EXPECT_EQ(error_of(getxattr(directory().c_str(), kAttribute, value, sizeof value)), ENODATA);
  EXPECT_EQ(error_of(setxattr(path("c").c_str(), "user.other", "x", 1, 0)), EOPNOTSUPP);
  ASSERT_EQ(listxattr(path("c").c_str(), value, sizeof value), 22);
  EXPECT_STREQ(value, kAttribute);
}

TEST_F(Collection, FilesHaveTheModesThatTheDirectoryGives) {
  const struct stat top = stat_of("c/.vexfs");
  const struct stat of_directory = stat_of("c");
  EXPECT_EQ(top.st_mode, S_IFDIR | 0550U);
  EXPECT_EQ(top.st_ino % 16, 0U);
  EXPECT_EQ(top.st_uid, of_directory.st_uid);
  EXPECT_EQ(stat_of("c/.vexfs/query").st_mode, S_IFREG | 0660U);
  EXPECT_EQ(stat_of("c/.vexfs/update").st_mode, S_IFREG | 0600U);
  EXPECT_EQ(stat_of("c/.vexfs/info").st_mode, S_IFREG | 0440U);
  EXPECT_EQ(error_of(access(path("c/.vexfs/control").c_str(), F_OK)), ENOENT);
  EXPECT_EQ(error_of(mkdir(path("c/.vexfs").c_str(), 0700)), EEXIST);
  EXPECT_EQ(error_of(rmdir(path("c/.vexfs").c_str())), EPERM);
}

TEST_F(Collection, FindsWhatWasPutAlsoWhenARequestComesInPieces) {
  ask("update", put(10, 1, 2));
  ask("update", put(20, 3, 4), 7);
  const std::string reply = ask("query", search(3, 4, 1), 5);
  ASSERT_EQ(reply.size(), sizeof(vexfs_reply) + sizeof(vexfs_search_reply) + sizeof(vexfs_answers) +
                              sizeof(vexfs_answer));
  vexfs_answer answer;
  std::memcpy(&answer, reply.data() + reply.size() - sizeof answer, sizeof answer);
  EXPECT_EQ(answer.id, 20U);
  EXPECT_EQ(answer.distance, 0U);
  EXPECT_EQ(stat_of("c/.vexfs/vectors").st_size, 2 * 64);
  EXPECT_NE(read_file("c/.vexfs/info").find("live 2\n"), std::string::npos);
  EXPECT_EQ(read_file("c/.vexfs/graph").size(),
            static_cast<size_t>(stat_of("c/.vexfs/graph").st_size));
}

TEST_F(Collection, AnswersNothingToNothing) { EXPECT_EQ(ask("query", ""), ""); }

TEST_F(Collection, IsThereAfterARemount) {
  ask("update", put(10, 1, 2));
  const std::string before = ask("query", search(1, 2, 3));
  remount();
  EXPECT_EQ(ask("query", search(1, 2, 3)), before);
}

TEST_F(Collection, DoorsAnswerEstaleOnceItIsNoMore) {
  const UniqueFd door = open_file("c/.vexfs/query", O_RDWR);
  ASSERT_EQ(removexattr(path("c").c_str(), kAttribute), 0);
  EXPECT_EQ(error_of(write(door.get(), "x", 1)), ESTALE);
  ASSERT_EQ(setxattr(path("c").c_str(), kAttribute, "dim=2", 5, 0), 0);
  EXPECT_EQ(error_of(write(door.get(), "x", 1)), ESTALE) << "another collection";
  EXPECT_EQ(error_of(lseek(door.get(), 0, SEEK_SET)), ESPIPE);
}

std::string erase(uint64_t id) {
  std::string body;
  append(body, vexfs_ids{.count = 1, .reserved = 0});
  append(body, id);
  return request(VEXFS_OP_DELETE, body);
}

TEST_F(Collection, FilesOfACompactedCollectionAreStale) {
  ask("update", put(10, 1, 2));
  ask("update", put(20, 3, 4));
  ask("update", erase(10));
  const UniqueFd query = open_file("c/.vexfs/query", O_RDWR);
  const UniqueFd info = open_file("c/.vexfs/info", O_RDONLY);
  const UniqueFd update = open_file("c/.vexfs/update", O_RDWR);
  EXPECT_EQ(error_of(fsync(update.get())), EINVAL);
  const std::string message = request(VEXFS_OP_COMPACT, "");
  ASSERT_EQ(write(update.get(), message.data(), message.size()),
            static_cast<ssize_t>(message.size()));
  char reply[64];
  ASSERT_EQ(read(update.get(), reply, sizeof reply), 40);
  EXPECT_EQ(error_of(read(update.get(), reply, sizeof reply)), ESTALE);
  EXPECT_EQ(error_of(read(info.get(), reply, sizeof reply)), ESTALE);
  EXPECT_EQ(error_of(write(query.get(), "x", 1)), ESTALE);
  EXPECT_EQ(error_of(fsync(query.get())), ESTALE);
  EXPECT_EQ(error_of(fsync(info.get())), ESTALE);
  EXPECT_NE(read_file("c/.vexfs/info").find("slots 1\n"), std::string::npos);
  EXPECT_EQ(stat_of("c/.vexfs/vectors").st_size, 64);
}

TEST_F(Collection, ACompactionOfNothingLeavesItsDoorOpen) {
  ask("update", put(10, 1, 2));
  const UniqueFd update = open_file("c/.vexfs/update", O_RDWR);
  const std::string message = request(VEXFS_OP_COMPACT, "");
  ASSERT_EQ(write(update.get(), message.data(), message.size()),
            static_cast<ssize_t>(message.size()));
  char reply[64];
  ASSERT_EQ(read(update.get(), reply, sizeof reply), 40);
  EXPECT_EQ(read(update.get(), reply, sizeof reply), 0);
}

TEST_F(Collection, SearchesAndOtherFilesGoOnDuringCompactions) {
  ask("update", put(7, 7, 7));
  for (uint64_t id = 100; id < 400; ++id) ask("update", put(id, static_cast<float>(id), 1));
  const std::string message = search(7, 7, 1);
  std::atomic<bool> done = false;
  std::thread others([&] {
    while (!done) {
      const UniqueFd door(open(path("c/.vexfs/query").c_str(), O_RDWR));
      char reply[128];
      // ESTALE: of the collection before the last change over.
      const bool told = write(door.get(), message.data(), message.size()) > 0 &&
                        read(door.get(), reply, sizeof reply) > 0;
      EXPECT_TRUE(told || errno == ESTALE || door.get() < 0) << strerror(errno);
      write_file("c/file", "x");
      const float row[] = {1, 2};
      EXPECT_EQ(setxattr(path("c/file").c_str(), kVector, row, sizeof row, 0), 0);
      EXPECT_EQ(::unlink(path("c/file").c_str()), 0);
    }
  });
  for (int i = 0; i < 5; ++i) {
    ask("update", put(7, 7, 7));
    ask("update", request(VEXFS_OP_COMPACT, ""));
  }
  done = true;
  others.join();
}

TEST_F(Collection, KeepsVectorsOfItsFiles) {
  const std::string file = path("c/file");
  write_file("c/file", "text");
  const float row[] = {1.5, -2};
  float back[4];
  EXPECT_EQ(error_of(setxattr(file.c_str(), kVector, row, 4, 0)), EINVAL);
  EXPECT_EQ(error_of(setxattr(file.c_str(), kVector, row, sizeof row, XATTR_REPLACE)), ENODATA);
  ASSERT_EQ(setxattr(file.c_str(), kVector, row, sizeof row, 0), 0);
  EXPECT_EQ(error_of(getxattr(file.c_str(), kVector, back, 3)), ERANGE);
  ASSERT_EQ(getxattr(file.c_str(), kVector, back, sizeof back), 8);
  EXPECT_EQ(std::memcmp(back, row, sizeof row), 0);
  char names[64];
  ASSERT_EQ(listxattr(file.c_str(), names, sizeof names), 18);
  EXPECT_STREQ(names, kVector);
  const std::string found = ask("query", search(1.5, -2, 1));
  vexfs_answer answer;
  std::memcpy(&answer, found.data() + found.size() - sizeof answer, sizeof answer);
  EXPECT_EQ(answer.id, VEXFS_ID_FILE | stat_of("c/file").st_ino);

  EXPECT_EQ(error_of(rename(file.c_str(), path("file").c_str())), EXDEV);
  EXPECT_EQ(error_of(link(file.c_str(), path("file").c_str())), EXDEV);
  EXPECT_EQ(rename(file.c_str(), path("c/other").c_str()), 0);
  remount();
  EXPECT_EQ(getxattr(path("c/other").c_str(), kVector, back, sizeof back), 8);
  ASSERT_EQ(removexattr(path("c/other").c_str(), kVector), 0);
  EXPECT_EQ(error_of(getxattr(path("c/other").c_str(), kVector, back, sizeof back)), ENODATA);
  EXPECT_EQ(listxattr(path("c/other").c_str(), names, sizeof names), 0);
  EXPECT_EQ(rename(path("c/other").c_str(), path("file").c_str()), 0);
  EXPECT_EQ(error_of(setxattr(path("file").c_str(), kVector, row, sizeof row, 0)), EOPNOTSUPP);
}

TEST_F(Collection, ARootThatIsOneListsBoth) {
  ASSERT_EQ(setxattr(directory().c_str(), kAttribute, "dim=2", 5, 0), 0);
  EXPECT_EQ(error_of(access(path(".vexfs/control").c_str(), F_OK)), 0);
  EXPECT_EQ(error_of(access(path(".vexfs/query").c_str(), F_OK)), 0);
  EXPECT_EQ(stat_of(".vexfs").st_ino, uint64_t{1} << 62);
}

}  // namespace
}  // namespace vexfs::daemon
