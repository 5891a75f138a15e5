// SPDX-License-Identifier: MIT
// The session on a directory of the host's own filesystem: what Linux answers there is what it must
// report.
#include "harness/guest/session.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace vexfs::parity::guest {
namespace {

using json = Json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

class SessionTest : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "a session needs root";
    std::string name = "/tmp/session_test.XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    ASSERT_EQ(::chmod(name.c_str(), 0755), 0);
    directory_ = name;
    session_ = std::make_unique<Session>(name);
  }
  void TearDown() override {
    session_.reset();
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }

  json run(const std::string& steps) { return session_->execute({{"steps", json::parse(steps)}}); }
  // The outcomes' errnos in order.
  std::vector<std::string> errors(const std::string& steps) {
    const json reply = run(steps);
    EXPECT_FALSE(reply.contains("error")) << reply;
    std::vector<std::string> names;
    for (const json& outcome : reply.value("outcomes", json::array()))
      names.push_back(outcome["errno"]);
    return names;
  }
  json last(const std::string& steps) {
    const json reply = run(steps);
    EXPECT_FALSE(reply.contains("error")) << reply;
    return reply["outcomes"].back();
  }

  std::filesystem::path directory_;
  std::unique_ptr<Session> session_;
};

TEST_F(SessionTest, PausesWhereTheBatchSays) {
  std::vector<std::pair<std::size_t, bool>> pauses;  // and whether /d is there by then
  const auto pause = [&](std::size_t steps_done) {
    pauses.emplace_back(steps_done, ::access("/d", F_OK) == 0);
  };
  const json steps = json::parse(R"([{"op":"mkdir","path":"/d","mode":"0755"},
                                     {"op":"statfs","path":"/"}, {"op":"rmdir","path":"/d"}])");
  const json reply = session_->execute({{"steps", steps}, {"pauses", {0, 1, 3}}}, pause);
  EXPECT_EQ(reply["outcomes"].size(), 3u) << reply;
  EXPECT_THAT(pauses, ElementsAre(std::pair(0u, false), std::pair(1u, true), std::pair(3u, false)));
}

TEST_F(SessionTest, MakesAndRemovesNames) {
  EXPECT_THAT(errors(R"([
    {"op":"mkdir","path":"/d","mode":"0751"},
    {"op":"mkdir","path":"/d","mode":"0755"},
    {"op":"open","handle":"f","path":"/d/f","flags":["rdwr","creat","excl"],"mode":"0666"},
    {"op":"rmdir","path":"/d"},
    {"op":"link","from":"/d/f","to":"/g"},
    {"op":"rename","from":"/g","to":"/d/f"},
    {"op":"rename","from":"/g","to":"/d","flags":["noreplace"]},
    {"op":"rename","from":"/g","to":"/d","flags":["exchange"]},
    {"op":"unlink","path":"/d"},
    {"op":"unlink","path":"/g/f"},
    {"op":"rmdir","path":"/g"},
    {"op":"rmdir","path":"/nothing"}])"),
              ElementsAre("ok", "EEXIST", "ok", "ENOTEMPTY", "ok", "ok", "EEXIST", "ok", "ok", "ok",
                          "ok", "ENOENT"));
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(SessionTest, ModesAreExactlyWhatTheStepSays) {
  ::umask(077);
  EXPECT_EQ(
      last(R"([{"op":"mkdir","path":"/d","mode":"01777"},{"op":"stat","path":"/d"}])")["stat"]
                                                                                      ["mode"],
      "0041777");
  EXPECT_EQ(::umask(022), 077u);
}

TEST_F(SessionTest, WritesAndReadsBack) {
  const json reply = run(R"([
    {"op":"open","handle":"f","path":"/f","flags":["rdwr","creat"],"mode":"0644"},
    {"op":"write","handle":"f","offset":1,"data":{"text":"bc"}},
    {"op":"write","handle":"f","offset":"end","data":{"fill":"byte","value":100,"bytes":2}},
    {"op":"read","handle":"f","offset":0,"length":100},
    {"op":"fstat","handle":"f"},
    {"op":"ftruncate","handle":"f","size":3},
    {"op":"truncate","path":"/f","size":2},
    {"op":"read","handle":"f","offset":2,"length":1},
    {"op":"read","handle":"f","offset":-1,"length":1},
    {"op":"fsync","handle":"f"},
    {"op":"fdatasync","handle":"f"},
    {"op":"close","handle":"f"},
    {"op":"read","handle":"f","offset":0,"length":1}])");
  const json& outcomes = reply["outcomes"];
  EXPECT_EQ(outcomes[2]["value"], 2);
  EXPECT_EQ(outcomes[3]["value"], 5);
  EXPECT_EQ(outcomes[3]["data"]["bytes"], 5);
  EXPECT_EQ(outcomes[4]["stat"]["size"], 5);
  EXPECT_EQ(outcomes[7]["data"]["bytes"], 0);
  EXPECT_EQ(outcomes[8]["errno"], "EINVAL");
  EXPECT_EQ(outcomes[12]["errno"], "EBADF");
  std::ifstream in(directory_ / "f");
  const std::string content((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(content, std::string("\0b", 2));
}

TEST_F(SessionTest, HandlesLiveAcrossBatchesAndEndWithTheSession) {
  run(R"([{"op":"open","handle":"f","path":"/f","flags":["rdwr","creat"],"mode":"0644"}])");
  EXPECT_THAT(errors(R"([
    {"op":"open","handle":"f","path":"/f","flags":["rdonly"]},
    {"op":"unlink","path":"/f"},
    {"op":"write","handle":"f","offset":0,"data":{"text":"x"}}])"),
              ElementsAre("EBUSY", "ok", "ok"));
  EXPECT_EQ(last(R"([{"op":"fstat","handle":"f"}])")["stat"]["nlink"], 0);
  session_ = std::make_unique<Session>(directory_);
  EXPECT_THAT(errors(R"([{"op":"fstat","handle":"f"}])"), ElementsAre("EBADF"));
}

TEST_F(SessionTest, SymlinksStayInsideTheVolume) {
  EXPECT_THAT(errors(R"([
    {"op":"mkdir","path":"/etc","mode":"0755"},
    {"op":"symlink","target":"/etc","path":"/l"},
    {"op":"stat","path":"/l/passwd"},
    {"op":"open","handle":"f","path":"/l/mine","flags":["wronly","creat"],"mode":"0600"},
    {"op":"stat","path":"/../../etc/mine"},
    {"op":"symlink","target":"/loop","path":"/loop"},
    {"op":"stat","path":"/loop"},
    {"op":"open","handle":"n","path":"/l","flags":["rdonly","nofollow"]},
    {"op":"readlink","path":"/etc"}])"),
              ElementsAre("ok", "ok", "ENOENT", "ok", "ok", "ok", "ELOOP", "ELOOP", "EINVAL"));
  EXPECT_TRUE(std::filesystem::exists(directory_ / "etc/mine"));
  EXPECT_EQ(last(R"([{"op":"readlink","path":"/l"}])")["text"], "/etc");
}

TEST_F(SessionTest, ActsAsSomebodyElse) {
  EXPECT_THAT(errors(R"([
    {"op":"mkdir","path":"/mine","mode":"0700"},
    {"op":"mkdir","path":"/theirs","mode":"0770"},
    {"op":"chown","path":"/theirs","gid":55},
    {"op":"mkdir","path":"/mine/a","mode":"0755","as":{"uid":1000,"gid":1000}},
    {"op":"mkdir","path":"/theirs/a","mode":"0755","as":{"uid":1000,"gid":1000}},
    {"op":"mkdir","path":"/theirs/a","mode":"0755","as":{"uid":1000,"gid":1000,"groups":[55]}},
    {"op":"chown","path":"/theirs/a","uid":0,"as":{"uid":1000,"gid":1000,"groups":[55]}},
    {"op":"mkdir","path":"/mine/b","mode":"0755"}])"),
              ElementsAre("ok", "ok", "ok", "EACCES", "EACCES", "ok", "EPERM", "ok"));
  const json stat = last(R"([{"op":"stat","path":"/theirs/a"}])")["stat"];
  EXPECT_EQ(stat["uid"], 1000);
  EXPECT_EQ(stat["gid"], 1000);
}

TEST_F(SessionTest, NodesAndTheirNumbers) {
  EXPECT_THAT(errors(R"([
    {"op":"mknod","path":"/p","mode":"0644","type":"fifo"},
    {"op":"mknod","path":"/s","mode":"0644","type":"sock"},
    {"op":"mknod","path":"/c","mode":"0644","type":"chr","major":1,"minor":3},
    {"op":"open","handle":"p","path":"/p","flags":["wronly"]},
    {"op":"open","handle":"p","path":"/p","flags":["rdonly"]},
    {"op":"open","handle":"s","path":"/s","flags":["rdonly"]},
    {"op":"open","handle":"c","path":"/c","flags":["rdonly"]}])"),
              ElementsAre("ok", "ok", "ok", "EOPNOTSUPP", "EOPNOTSUPP", "ENXIO", "ENXIO"));
  const json stat = last(R"([{"op":"stat","path":"/c"}])")["stat"];
  EXPECT_EQ(stat["mode"], "0020644");
  EXPECT_EQ(stat["rdev"], (1 << 20) | 3);
}

TEST_F(SessionTest, TimesAreSetOmittedAndRefused) {
  EXPECT_THAT(errors(R"([
    {"op":"mkdir","path":"/d","mode":"0755"},
    {"op":"utimens","path":"/d","atime":{"sec":5,"nsec":6},"mtime":{"sec":7,"nsec":8}},
    {"op":"utimens","path":"/d","atime":"omit","mtime":{"sec":9,"nsec":10}},
    {"op":"utimens","path":"/d","atime":"omit","mtime":{"sec":9,"nsec":1000000000}}])"),
              ElementsAre("ok", "ok", "ok", "EINVAL"));
  const json stat = last(R"([{"op":"stat","path":"/d"}])")["stat"];
  EXPECT_EQ(stat["atime"], (json{{"sec", 5}, {"nsec", 6}}));
  EXPECT_EQ(stat["mtime"], (json{{"sec", 9}, {"nsec", 10}}));
}

TEST_F(SessionTest, ListsWholeAndInPieces) {
  run(R"([
    {"op":"mkdir","path":"/d","mode":"0755"},
    {"op":"mkdir","path":"/d/a","mode":"0755"},
    {"op":"symlink","target":"x","path":"/d/\\xff"},
    {"op":"mknod","path":"/d/p","mode":"0644","type":"fifo"},
    {"op":"open","handle":"d","path":"/d","flags":["rdonly","directory"]}])");
  const json whole = last(R"([{"op":"readdir","path":"/d"}])")["names"];
  std::vector<std::string> names;
  for (const json& entry : whole)
    names.push_back(entry["name"].get<std::string>() + ":" + entry["type"].get<std::string>());
  EXPECT_THAT(names, UnorderedElementsAre(".:dir", "..:dir", "a:dir", "\\xff:lnk", "p:fifo"));

  json pieces = json::array();
  for (int i = 0; i < 3; ++i) {
    const json piece = last(R"([{"op":"readdir_piece","handle":"d","count":2}])")["names"];
    for (const json& entry : piece) {
      pieces.push_back(entry);
    }
  }
  EXPECT_EQ(pieces, whole);
  EXPECT_EQ(last(R"([{"op":"readdir_piece","handle":"d","count":2}])")["names"], json::array());
  EXPECT_EQ(last(R"([{"op":"readdir_piece","handle":"d","count":1,"rewind":true}])")["names"][0],
            whole[0]);
}

TEST_F(SessionTest, StatfsDescribesTheVolume) {
  const json statfs = last(R"([{"op":"statfs","path":"/"}])")["statfs"];
  EXPECT_GT(statfs["blocks"], statfs["bavail"]);
  EXPECT_EQ(statfs["namelen"], 255);
}

TEST_F(SessionTest, ControlAndEventsAreFilesOfTheVolume) {
  std::filesystem::create_directory(directory_ / ".vexfs");
  std::ofstream(directory_ / ".vexfs/control");
  std::ofstream(directory_ / ".vexfs/events") << "abcdef";
  EXPECT_EQ(last(R"([{"op":"control","line":"clock 12"}])")["errno"], "ok");
  std::ifstream control(directory_ / ".vexfs/control");
  std::string line;
  std::getline(control, line);
  EXPECT_EQ(line, "clock 12");

  EXPECT_EQ(last(R"([{"op":"events"}])")["bytes"], "616263646566");
  EXPECT_EQ(last(R"([{"op":"events"}])")["data"]["bytes"], 0);
  session_ = std::make_unique<Session>(directory_);
  const json reply =
      session_->execute({{"events_position", 4}, {"steps", json::parse(R"([{"op":"events"}])")}});
  EXPECT_EQ(reply["outcomes"][0]["bytes"], "6566");
  EXPECT_EQ(reply["events_position"], 6);
}

TEST_F(SessionTest, ABatchThatCannotBeUnderstoodDoesNothing) {
  EXPECT_THAT(run(R"([{"op":"mkdir","path":"/d","mode":"0755"},{"op":"mkdri"}])")["error"],
              HasSubstr("at /steps/1/op: expected one of mkdir"));
  EXPECT_THAT(run(R"([{"op":"crash"}])")["error"],
              HasSubstr("at /steps/0: expected a step that a session"));
  EXPECT_THAT(session_->execute(json::array())["error"],
              HasSubstr("expected an object with \"steps\""));
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
  Session nowhere("/does/not/exist");
  EXPECT_THAT(nowhere.execute({{"steps", json::array()}})["error"],
              HasSubstr("chdir for /does/not/exist: No such file or directory"));
}

TEST_F(SessionTest, LeavesTheThreadWhereItWas) {
  char before[4096];
  ASSERT_NE(::getcwd(before, sizeof before), nullptr);
  run(R"([{"op":"mkdir","path":"/d","mode":"0755","as":{"uid":1000,"gid":1000}}])");
  char after[4096];
  ASSERT_NE(::getcwd(after, sizeof after), nullptr);
  EXPECT_STREQ(after, before);
  EXPECT_EQ(::geteuid(), 0u);
  EXPECT_TRUE(std::filesystem::exists(directory_));
}

}  // namespace
}  // namespace vexfs::parity::guest
