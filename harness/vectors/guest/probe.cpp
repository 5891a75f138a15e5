// SPDX-License-Identifier: MIT
// Runs in a guest: makes collections on a mounted volume, asks their doors all kinds of things and
// prints every answer, so that two mounts can be compared by their output.
//
//   parity_doors_probe make DIR    the collections, then what `show` prints
//   parity_doors_probe show DIR    answers that depend on nothing but the volume
#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "harness/vectors/guest/door_client.h"
#include "reference/contract/event.h"

namespace {

using namespace vexfs::probe;

// Puts in batches of several sizes: new ones, replacements, equal rows; deletes between them; an
// event.
void fill(const std::string& dir) {
  const Door update(dir + "/.vexfs/update");
  for (std::uint64_t i = 0; i < 240;) {
    std::vector<std::uint64_t> ids, rows;
    for (std::uint64_t n = i % 5 + 1; n > 0 && i < 240; n--, i++) {
      ids.push_back(i % 11 == 10 ? i - 10 : i);
      rows.push_back(i % 7 == 6 ? i - 6 : i);
    }
    update.show("put", request(VEXFS_OP_PUT, 0, ids_body(ids, rows)));
    if (i % 4 == 0)
      update.show("delete", request(VEXFS_OP_DELETE, 0, ids_body({i / 2, i / 3, 1000}, {})));
  }
  vexfs_custom_event event = {};
  event.type = VEXFS_EV_AGENT_FIRST;
  event.text = 5;
  event.cause = 7;
  Bytes body;
  append(body, event);
  body.insert(body.end(), {'h', 'e', 'l', 'l', 'o'});
  update.show("event", request(VEXFS_OP_EVENT, 0, body));
}

void show_searches(const Door& query) {
  vexfs_search head = {};
  head.k = 5;
  head.ef = 10;
  query.show("search", request(VEXFS_OP_SEARCH, 0, search_body(head, {1000, 3, 1001}, {})));
  query.show("exact",
             request(VEXFS_OP_SEARCH, VEXFS_SEARCH_EXACT, search_body(head, {1000, 1002}, {})));
  query.show("filter", request(VEXFS_OP_SEARCH, 0, search_body(head, {1003}, {3, 60, 3, 61, 999})));
  std::vector<std::uint64_t> many;
  for (std::uint64_t id = 0; id < 240; id += 2) many.push_back(id);
  head.k = 1;
  head.ef = 1;
  query.show("large filter", request(VEXFS_OP_SEARCH, 0, search_body(head, {1004}, many)));
  head.k = 4;
  head.ef = 12;
  head.max_visits = 2;
  const Bytes cut =
      query.ask("cut", request(VEXFS_OP_SEARCH, 0, search_body(head, {1005, 1006}, {})));
  dump("cut", cut);
  if (cut.size() < sizeof(vexfs_reply) + sizeof(vexfs_search_reply)) return;
  vexfs_search_reply token;
  std::memcpy(&token, cut.data() + sizeof(vexfs_reply), sizeof(token));
  head.visits = token.visits;
  head.sequence = token.sequence;
  head.crc = token.crc;
  head.max_visits = 0;
  query.show("resume", request(VEXFS_OP_RESUME, 0, search_body(head, {1005, 1006}, {})));
  head.sequence++;
  query.show("stale", request(VEXFS_OP_RESUME, 0, search_body(head, {1005, 1006}, {})));
}

void show_reads(const Door& query) {
  query.show("get", request(VEXFS_OP_GET, 0, ids_body({3, 77, 5000, 100}, {})));
  query.show("count", request(VEXFS_OP_COUNT, 0, {}));
  vexfs_list list = {};
  list.cursor = 5;
  list.max = 40;
  Bytes body;
  append(body, list);
  query.show("list", request(VEXFS_OP_LIST, 0, body));
}

// Each byte of the header and body spoilt in turn, on the right door and on the other.
void show_refusals(const Door& query, const std::string& dir) {
  vexfs_search head = {};
  head.k = 2;
  head.ef = 2;
  const Bytes good = request(VEXFS_OP_SEARCH, 0, search_body(head, {1, 2}, {7}));
  for (std::size_t at = 0; at < sizeof(vexfs_request) + sizeof(vexfs_search) + 8;
       at += at < 32 ? 2 : 4) {
    Bytes bad = good;
    bad[at] ^= 0x80;
    bad[at + 1] ^= 0xff;
    query.show("spoilt " + std::to_string(at), bad);
  }
  for (const std::size_t length :
       {std::size_t{1}, std::size_t{31}, std::size_t{33}, good.size() - 8})
    query.show("short", Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)));
  const Door update(dir + "/.vexfs/update");
  update.show("wrong door", good);
  update.show("id of a file", request(VEXFS_OP_PUT, 0, ids_body({1, VEXFS_ID_FILE}, {1, 2})));
  Bytes nan = request(VEXFS_OP_PUT, 0, ids_body({1, 2}, {1, 2}));
  std::memset(nan.data() + nan.size() - 8, 0xff, 4);
  update.show("NaN", nan);
  say("lseek", lseek(query.fd(), 0, SEEK_SET));
  char byte = 0;
  say("pread", pread(query.fd(), &byte, 1, 0));
  say("empty read", read(update.fd(), &byte, 0));
}

void show_file(const std::string& path) {
  struct stat status = {};
  say("stat " + path, stat(path.c_str(), &status));
  std::printf(" ino %llx mode %o nlink %u size %lld\n",
              static_cast<unsigned long long>(status.st_ino), status.st_mode,
              static_cast<unsigned>(status.st_nlink), static_cast<long long>(status.st_size));
}

void show_content(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY);
  Bytes content;
  Bytes piece(5000);
  ssize_t length = 0;
  while ((length = read(fd, piece.data(), piece.size())) > 0)
    content.insert(content.end(), piece.begin(), piece.begin() + length);
  if (length < 0) say("read " + path, length);
  close(fd);
  dump(path, content);
}

void show_tree(const std::string& dir) {
  show_file(dir);
  show_file(dir + "/.vexfs");
  DIR* list = opendir((dir + "/.vexfs").c_str());
  if (list == nullptr) return say("opendir", -1);
  while (const dirent* entry = readdir(list))
    std::printf(" %s %llx type %d\n", entry->d_name, static_cast<unsigned long long>(entry->d_ino),
                entry->d_type);
  closedir(list);
  for (const char* name : {"query", "update", "vectors", "graph", "info"})
    show_file(dir + "/.vexfs/" + name);
  say("chmod", chmod((dir + "/.vexfs/query").c_str(), 0777));
  say("mkdir", mkdir((dir + "/.vexfs").c_str(), 0777));
  say("rmdir", rmdir((dir + "/.vexfs").c_str()));
  say("create", open((dir + "/.vexfs/new").c_str(), O_CREAT | O_WRONLY, 0600));
}

void show_attributes(const std::string& dir) {
  char text[256] = {};
  say("getxattr", getxattr(dir.c_str(), kName, text, sizeof(text)));
  std::printf(" %s\n", text);
  say("small buffer", getxattr(dir.c_str(), kName, text, 3));
  say("other name", getxattr(dir.c_str(), "user.other", text, sizeof(text)));
  say("below .vexfs", getxattr((dir + "/.vexfs/query").c_str(), kName, text, sizeof(text)));
  const ssize_t length = listxattr(dir.c_str(), text, sizeof(text));
  say("listxattr", length);
  if (length > 0) std::printf(" %s\n", text);
  say("listxattr of the doors", listxattr((dir + "/.vexfs/query").c_str(), text, sizeof(text)));
}

void show(const std::string& top) {
  const std::string dir = top + "/c";
  show_attributes(dir);
  show_tree(dir);
  const Door query(dir + "/.vexfs/query");
  show_searches(query);
  show_reads(query);
  show_refusals(query, dir);
  for (const char* name : {"info", "vectors", "graph"}) show_content(dir + "/.vexfs/" + name);
}

void set(const std::string& path, const std::string& value, int flags = 0) {
  say("setxattr " + path + " '" + value + "'",
      setxattr(path.c_str(), kName, value.data(), value.size(), flags));
}

// What is refused, and what comes and goes.
void make_and_unmake(const std::string& top) {
  const std::string dir = top + "/d";
  say("mkdir", mkdir(dir.c_str(), 0750));
  for (const char* value : {"", "dim=0", "dim=16385", "dim=3  m=4", "dim=3 dim=3",
                            "dim=3 type=i8 metric=cosine", "dim=+3", "dim=3 m=65", "type=f32",
                            "dim=99999999999999999999", "dim=3 seed=18446744073709551616"})
    set(dir, value);
  set(dir, "dim=3", XATTR_REPLACE);
  const int file = open((top + "/file").c_str(), O_CREAT | O_RDWR, 0600);
  set(top + "/file", "dim=3");
  close(file);
  struct stat status = {};
  say("no .vexfs", stat((dir + "/.vexfs").c_str(), &status));
  set(dir, "dim=0003 type=f16 metric=dot seed=18446744073709551615");
  set(dir, "dim=3");
  const Door query(dir + "/.vexfs/query");
  query.show("count", request(VEXFS_OP_COUNT, 0, {}));
  show_attributes(dir);
  say("removexattr", removexattr(dir.c_str(), kName));
  say("removexattr", removexattr(dir.c_str(), kName));
  query.ask("gone", request(VEXFS_OP_COUNT, 0, {}));
  say("fstat", fstat(query.fd(), &status));
  say("stat", stat((dir + "/.vexfs/query").c_str(), &status));
  set(dir, "dim=77 type=binary");
  say("rmdir", rmdir(dir.c_str()));
  say("mkdir", mkdir((top + "/e").c_str(), 0755));
  say("mkdir", mkdir((top + "/f").c_str(), 0755));
  set(top + "/e", "dim=5 type=i8 metric=manhattan");
  say("rename", rename((top + "/f").c_str(), (top + "/e").c_str()));
  show_attributes(top + "/e");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string top = argv[2];
  if (argv[1] == std::string("make")) {
    say("mkdir", mkdir((top + "/c").c_str(), 0751));
    set(top + "/c", "dim=12 m=4 ef_construction=20 seed=42");
    fill(top + "/c");
    make_and_unmake(top);
  }
  show(top);
  return 0;
}
