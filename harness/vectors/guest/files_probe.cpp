// SPDX-License-Identifier: MIT
// Runs in a guest: compacts collections and gives files vectors on a mounted volume, and compares
// every answer with what docs/vectors.md says. A line that begins with WRONG is a failure.
//
//   parity_files_probe make DIR    all of it, then what `show` prints
//   parity_files_probe show DIR    answers that depend on nothing but the volume
#include <sys/stat.h>
#include <sys/statfs.h>

#include <algorithm>
#include <optional>

#include "harness/vectors/guest/door_client.h"

namespace {

using namespace vexfs::probe;

constexpr const char* kVector = "user.vexfs.vector";
constexpr const char* kParameters = "dim=12 m=4 ef_construction=20 seed=42";
constexpr std::size_t kRowBytes = 4 * kDim;

// `result` is what a system call returned.
void expect(const std::string& what, long result, int error) {
  const int got = result < 0 ? errno : 0;
  std::printf("%s%s: %s\n", got == error ? "" : "WRONG ", what.c_str(), std::strerror(got));
}

template <typename Got, typename Want>
void expect_equal(const std::string& what, Got got, Want want) {
  const auto number = static_cast<unsigned long long>(got);
  const bool right = number == static_cast<unsigned long long>(want);
  std::printf("%s%s: %llu\n", right ? "" : "WRONG ", what.c_str(), number);
}

template <typename T>
T take(const Bytes& bytes, std::size_t at) {
  T value = {};
  if (at + sizeof(T) <= bytes.size()) std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

Bytes row(std::uint64_t number) {
  Bytes bytes;
  append_row(bytes, number);
  return bytes;
}

void touch(const std::string& path) { close(open(path.c_str(), O_CREAT | O_RDWR, 0644)); }

void collection(const std::string& dir) {
  mkdir(dir.c_str(), 0755);
  expect("collection " + dir, setxattr(dir.c_str(), kName, kParameters, strlen(kParameters), 0), 0);
}

void attach(const std::string& path, std::uint64_t number, int error, int flags = 0) {
  const Bytes value = row(number);
  expect("attach " + path, setxattr(path.c_str(), kVector, value.data(), value.size(), flags),
         error);
}

void detach(const std::string& path, int error) {
  expect("detach " + path, removexattr(path.c_str(), kVector), error);
}

// The file has this row, or none, and getxattr and listxattr agree.
void attached(const std::string& path, std::optional<std::uint64_t> number) {
  Bytes value(kRowBytes);
  const long length = getxattr(path.c_str(), kVector, value.data(), value.size());
  expect("vector of " + path, length, number ? 0 : ENODATA);
  if (number) expect_equal("its row", value == row(*number), true);
  char names[64] = {};
  const ssize_t listed = listxattr(path.c_str(), names, sizeof(names));
  expect_equal("its names", listed, number ? static_cast<ssize_t>(strlen(kVector) + 1) : 0);
}

std::uint64_t inode_of(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

Bytes content(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY);
  Bytes bytes(1 << 20);
  const ssize_t length = read(fd, bytes.data(), bytes.size());
  close(fd);
  bytes.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return bytes;
}

vexfs_count_reply count(const std::string& dir) {
  const Door query(dir + "/.vexfs/query");
  return take<vexfs_count_reply>(query.ask("count", request(VEXFS_OP_COUNT, 0, {})),
                                 sizeof(vexfs_reply));
}

void put(const std::string& dir, std::uint64_t id, std::uint64_t number) {
  const Door update(dir + "/.vexfs/update");
  const Bytes reply = update.ask("put", request(VEXFS_OP_PUT, 0, ids_body({id}, {number})));
  expect_equal("put", take<vexfs_reply>(reply, 0).status, 0U);
}

bool remove_id(const std::string& dir, std::uint64_t id) {
  const Door update(dir + "/.vexfs/update");
  const Bytes reply = update.ask("delete", request(VEXFS_OP_DELETE, 0, ids_body({id}, {})));
  return take<vexfs_update_reply>(reply, sizeof(vexfs_reply)).changed == 1;
}

bool has_id(const std::string& dir, std::uint64_t id) {
  const Door query(dir + "/.vexfs/query");
  const Bytes reply = query.ask("get", request(VEXFS_OP_GET, 0, ids_body({id}, {})));
  return take<vexfs_got>(reply, sizeof(vexfs_reply) + sizeof(vexfs_get_reply)).slot !=
         VEXFS_SLOT_NONE;
}

std::vector<vexfs_listed> list(const std::string& dir) {
  const Door query(dir + "/.vexfs/query");
  vexfs_list body = {};
  body.max = 1000;
  Bytes bytes;
  append(bytes, body);
  const Bytes reply = query.ask("list", request(VEXFS_OP_LIST, 0, bytes));
  std::vector<vexfs_listed> found;
  constexpr std::size_t kHead = sizeof(vexfs_reply) + sizeof(vexfs_list_reply);
  for (std::size_t at = kHead; at < reply.size(); at += sizeof(vexfs_listed))
    found.push_back(take<vexfs_listed>(reply, at));
  return found;
}

// Ids and distances of an exact search.
std::vector<std::uint64_t> nearest(const std::string& dir, std::uint64_t number) {
  const Door query(dir + "/.vexfs/query");
  vexfs_search head = {};
  head.k = 12;
  head.ef = 12;
  const Bytes reply = query.ask(
      "search", request(VEXFS_OP_SEARCH, VEXFS_SEARCH_EXACT, search_body(head, {number}, {})));
  std::vector<std::uint64_t> found;
  constexpr std::size_t kHead =
      sizeof(vexfs_reply) + sizeof(vexfs_search_reply) + sizeof(vexfs_answers);
  for (std::size_t at = kHead; at < reply.size(); at += sizeof(vexfs_answer)) {
    found.push_back(take<vexfs_answer>(reply, at).id);
    found.push_back(take<vexfs_answer>(reply, at).distance);
  }
  return found;
}

void stage(const Door& door, const Bytes& bytes) {
  expect("stage", write(door.fd(), bytes.data(), bytes.size()), 0);
}

// Compacts; the answer's sequence, or 0 with an error.
std::uint64_t compact(const std::string& dir, std::uint32_t status) {
  const Door update(dir + "/.vexfs/update");
  const Bytes reply = update.ask("compact", request(VEXFS_OP_COMPACT, 0, {}));
  expect_equal("compact " + dir, take<vexfs_reply>(reply, 0).status, status);
  expect_equal("its reply", reply.size(),
               sizeof(vexfs_reply) + (status == 0 ? sizeof(vexfs_sequence_reply) : 0));
  return take<vexfs_sequence_reply>(reply, sizeof(vexfs_reply)).sequence;
}

// 150 vectors, some of them equal, of which a third dies again.
void fill(const std::string& dir) {
  const Door update(dir + "/.vexfs/update");
  for (std::uint64_t i = 0; i < 150; i++)
    update.ask("put", request(VEXFS_OP_PUT, 0, ids_body({i}, {i % 7 == 6 ? i - 6 : i})));
  for (std::uint64_t i = 1; i < 150; i += 3)
    update.ask("delete", request(VEXFS_OP_DELETE, 0, ids_body({i}, {})));
}

// What differs by law between the bytes of a compacted collection and of a new one.
Bytes without_names(Bytes graph) {
  for (std::size_t block = 0; block < graph.size(); block += 4096)
    std::fill_n(graph.begin() + static_cast<std::ptrdiff_t>(block) + 8, 8, std::uint8_t{0});
  std::fill_n(graph.begin() + 16, 8, std::uint8_t{0});  // the other two inodes
  std::fill_n(graph.begin() + 48, 8, std::uint8_t{0});  // sequence
  return graph;
}

// Whatever was open before a compaction belongs to a collection that is no more.
void stale(const Door& query, const Door& update) {
  char byte = 0;
  struct stat status = {};
  expect("read of an old door", read(update.fd(), &byte, 1), ESTALE);
  expect("write to an old door", write(query.fd(), &byte, 1), ESTALE);
  expect("fstat of an old door", fstat(query.fd(), &status), ESTALE);
  expect("fsync of an old door", fsync(query.fd()), ESTALE);
}

void compact_as_if_new(const std::string& top) {
  const std::string dir = top + "/p", fresh = top + "/n";
  collection(dir);
  fill(dir);
  const std::uint64_t before = inode_of(dir + "/.vexfs");
  const vexfs_count_reply old = count(dir);
  const auto old_list = list(dir);
  const auto old_answers = nearest(dir, 1000);
  {
    const Door query(dir + "/.vexfs/query");
    const Door update(dir + "/.vexfs/update");
    Bytes longer = request(VEXFS_OP_COMPACT, 0, {1, 2, 3, 4});
    expect_equal("compact with a body", take<vexfs_reply>(update.ask("compact", longer), 0).status,
                 static_cast<std::uint32_t>(EINVAL));
    expect("fsync of a door", fsync(query.fd()), EINVAL);
    stage(update, request(VEXFS_OP_COMPACT, 0, {}));
    Bytes head(sizeof(vexfs_reply));
    expect("compact", read(update.fd(), head.data(), head.size()), 0);
    expect_equal("its status", take<vexfs_reply>(head, 0).status, 0U);
    stale(query, update);
  }
  expect_equal("another inode", inode_of(dir + "/.vexfs") != before, true);
  const vexfs_count_reply now = count(dir);
  expect_equal("slots", now.slots, old.live);
  expect_equal("live", now.live, old.live);
  expect_equal("answers stay", nearest(dir, 1000) == old_answers, true);
  const auto new_list = list(dir);
  expect_equal("listed", new_list.size(), old_list.size());
  collection(fresh);
  for (std::size_t i = 0; i < std::min(new_list.size(), old_list.size()); i++) {
    if (new_list[i].id != old_list[i].id || new_list[i].slot != i) std::printf("WRONG order\n");
    const std::uint64_t id = old_list[i].id;
    put(fresh, id, id % 7 == 6 ? id - 6 : id);
  }
  expect_equal("sequence", now.sequence, old.sequence + count(fresh).sequence + 1);
  const bool rows = content(dir + "/.vexfs/vectors") == content(fresh + "/.vexfs/vectors");
  expect_equal("rows as of a new one", rows, true);
  expect_equal("graph as of a new one",
               without_names(content(dir + "/.vexfs/graph")) ==
                   without_names(content(fresh + "/.vexfs/graph")),
               true);
  const Door query(dir + "/.vexfs/query");
  expect_equal("nothing to compact", compact(dir, 0), now.sequence);
  expect_equal("the door stays", query.ask("count", request(VEXFS_OP_COUNT, 0, {})).size(),
               sizeof(vexfs_reply) + sizeof(vexfs_count_reply));
}

void command(const std::string& top, const std::string& line) {
  const int fd = open((top + "/.vexfs/control").c_str(), O_WRONLY);
  expect(line, write(fd, line.data(), line.size()), 0);
  close(fd);
}

std::uint64_t free_inodes(const std::string& top) {
  struct statfs status = {};
  statfs(top.c_str(), &status);
  return status.f_ffree;
}

// Without room the old collection stays as it was, and the next sync point takes what was begun.
void compact_without_room(const std::string& top) {
  const std::string dir = top + "/full", filler = top + "/filler";
  collection(dir);
  fill(dir);
  command(top, "checkpoint");
  const std::uint64_t inodes = free_inodes(top);
  const int fd = open(filler.c_str(), O_CREAT | O_RDWR, 0600);
  const Bytes piece(1 << 16, 7);
  off_t size = 0;
  for (ssize_t n = 0; (n = pwrite(fd, piece.data(), piece.size(), size)) > 0;) size += n;
  expect("fill the volume", ftruncate(fd, size - 3 * 4096), 0);
  command(top, "checkpoint");
  const vexfs_count_reply old = count(dir);
  const auto answers = nearest(dir, 1001);
  compact(dir, ENOSPC);
  expect_equal("slots stay", count(dir).slots, old.slots);
  expect_equal("sequence stays", count(dir).sequence, old.sequence);
  expect_equal("answers stay", nearest(dir, 1001) == answers, true);
  command(top, "sync");
  expect_equal("inodes come back", free_inodes(top), inodes - 1);
  close(fd);
  expect("unlink", unlink(filler.c_str()), 0);
  compact(dir, 0);
  command(top, "sync");
  expect_equal("old inodes go", free_inodes(top), inodes);
}

void refusals(const std::string& top) {
  const std::string c = top + "/c";
  attach(top + "/d/x", 1, EOPNOTSUPP);
  attach(c, 1, EOPNOTSUPP);
  attach(c + "/b", 1, ENODATA, XATTR_REPLACE);
  attach(c + "/a", 1, EEXIST, XATTR_CREATE);
  Bytes bad = row(1);
  const std::string b = c + "/b";
  expect("short", setxattr(b.c_str(), kVector, bad.data(), bad.size() - 1, 0), EINVAL);
  expect("empty", setxattr(b.c_str(), kVector, bad.data(), 0, 0), EINVAL);
  std::memset(bad.data() + 8, 0xff, 4);
  expect("NaN", setxattr(b.c_str(), kVector, bad.data(), bad.size(), 0), EINVAL);
  attached(b, {});
  detach(b, ENODATA);
  detach(c, ENODATA);
  char small[3];
  const std::string a = c + "/a";
  expect("small buffer", getxattr(a.c_str(), kVector, small, sizeof(small)), ERANGE);
  expect_equal("no buffer", getxattr(a.c_str(), kVector, nullptr, 0),
               static_cast<ssize_t>(kRowBytes));
}

int exchange(const std::string& a, const std::string& b) {
  return renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
}

void names(const std::string& top) {
  const std::string c = top + "/c", d = top + "/d";
  const std::string a = c + "/a", a2 = c + "/a2", da = d + "/a", dx = d + "/x";
  expect("link within", link(a.c_str(), a2.c_str()), 0);
  attach(a2, 1, EMLINK);
  attached(a2, 500);
  expect("link out", link(a.c_str(), da.c_str()), EXDEV);
  expect("rename out", rename(a.c_str(), da.c_str()), EXDEV);
  expect("rename out over", rename(a.c_str(), dx.c_str()), EXDEV);
  expect("exchange out", exchange(a, dx), EXDEV);
  expect("exchange in", exchange(dx, a), EXDEV);
  expect("exchange within", exchange(a2, c + "/b"), 0);
  expect("exchange back", exchange(a2, c + "/b"), 0);
  expect("rename within", rename(a2.c_str(), (c + "/a3").c_str()), 0);
  expect("unlink one of two", unlink((c + "/a3").c_str()), 0);
  attached(a, 500);
  expect("rename in", rename((d + "/y").c_str(), (c + "/y").c_str()), 0);
  attach(c + "/y", 503, 0);
  expect("move the directory", rename(c.c_str(), (d + "/c").c_str()), 0);
  attached(d + "/c/y", 503);
  expect("move it back", rename((d + "/c").c_str(), c.c_str()), 0);
}

// The vector goes with the last name, and with it an event of its own.
void last_links(const std::string& top) {
  const std::string c = top + "/c", open_file = c + "/open", r1 = c + "/r1", r2 = c + "/r2";
  for (const auto& path : {open_file, r1, r2}) {
    touch(path);
    attach(path, 501, 0);
  }
  const std::uint64_t id = VEXFS_ID_FILE | inode_of(open_file);
  const std::uint64_t replaced = VEXFS_ID_FILE | inode_of(r2);
  const std::uint64_t sequence = count(c).sequence;
  const int fd = open(open_file.c_str(), O_RDWR);
  expect("unlink", unlink(open_file.c_str()), 0);
  expect_equal("the vector is gone", has_id(c, id), false);
  expect("fgetxattr", fgetxattr(fd, kVector, nullptr, 0), ENODATA);
  const Bytes value = row(1);
  expect("fsetxattr", fsetxattr(fd, kVector, value.data(), value.size(), 0), ENOENT);
  expect("fremovexattr", fremovexattr(fd, kVector), ENODATA);
  close(fd);
  expect("rename over", rename(r1.c_str(), r2.c_str()), 0);
  expect_equal("the vector is gone", has_id(c, replaced), false);
  attached(r2, 501);
  expect_equal("sequence", count(c).sequence, sequence + 2);
  detach(r2, 0);
  detach(r2, ENODATA);
  attach(r2, 502, 0, XATTR_CREATE);
  expect_equal("deleted by the door", remove_id(c, VEXFS_ID_FILE | inode_of(r2)), true);
  attached(r2, {});
  expect("leaves", rename(r2.c_str(), (top + "/d/r2").c_str()), 0);
}

// Collections and directories come and go; the flag of a file says nothing then.
void homes(const std::string& top) {
  const std::string e = top + "/e", f = e + "/f", g = top + "/d/g";
  collection(e);
  touch(f);
  attach(f, 600, 0);
  expect("remove the collection", removexattr(e.c_str(), kName), 0);
  attached(f, {});
  attach(f, 600, EOPNOTSUPP);
  collection(e);
  attached(f, {});
  attach(f, 601, 0);
  attached(f, 601);
  touch(e + "/g");
  expect("link out", link((e + "/g").c_str(), g.c_str()), 0);
  attach(g, 602, EMLINK);
  expect("unlink", unlink((e + "/g").c_str()), 0);
  attach(g, 602, 0);
  expect_equal("it is where its home is", has_id(e, VEXFS_ID_FILE | inode_of(g)), true);
  expect("rename elsewhere", rename(g.c_str(), (top + "/d/g2").c_str()), EXDEV);
  expect("rename home", rename(g.c_str(), (e + "/g").c_str()), 0);
  expect("unlink", unlink((e + "/g").c_str()), 0);
}

// The number of a home becomes that of a system inode: the file has no vector, and can go.
void home_becomes_another(const std::string& top) {
  const std::string z = top + "/z", k = top + "/d/k", w = top + "/w";
  collection(z);
  touch(z + "/k");
  expect("link out", link((z + "/k").c_str(), k.c_str()), 0);
  expect("unlink", unlink((z + "/k").c_str()), 0);
  attach(k, 700, 0);
  const std::uint64_t home = inode_of(z);
  expect("remove the collection", removexattr(z.c_str(), kName), 0);
  expect("rmdir", rmdir(z.c_str()), 0);
  command(top, "sync");
  attached(k, {});
  attach(k, 701, EOPNOTSUPP);
  mkdir(w.c_str(), 0755);
  bool found = false;
  for (int i = 0; i < 100 && !found; i++) {
    setxattr(w.c_str(), kName, kParameters, strlen(kParameters), 0);
    const std::uint64_t graph = (inode_of(w + "/.vexfs") - (1ULL << 62)) / 16;
    found = graph <= home && home <= graph + 2;
    if (found) break;
    removexattr(w.c_str(), kName);
    const int fd = open((top + "/.vexfs/control").c_str(), O_WRONLY);
    if (write(fd, "sync", 4) != 4) std::printf("WRONG sync\n");
    close(fd);
  }
  expect_equal("the number is in use again", found, true);
  attached(k, {});
  attach(k, 701, EOPNOTSUPP);
  expect("unlink", unlink(k.c_str()), 0);
}

void files(const std::string& top) {
  const std::string c = top + "/c", d = top + "/d";
  collection(c);
  fill(c);
  mkdir(d.c_str(), 0755);
  for (const auto& path : {c + "/a", c + "/b", d + "/x", d + "/y"}) touch(path);
  attach(c + "/a", 500, 0);
  attached(c + "/a", 500);
  expect_equal("by its id", has_id(c, VEXFS_ID_FILE | inode_of(c + "/a")), true);
  refusals(top);
  names(top);
  last_links(top);
  homes(top);
  home_becomes_another(top);
  compact(c, 0);
  attached(c + "/a", 500);
  attached(c + "/y", 503);
  attach(c + "/a", 510, 0, XATTR_REPLACE);
}

void show(const std::string& top) {
  const std::string c = top + "/c";
  attached(c + "/a", 510);
  attached(c + "/y", 503);
  attached(c + "/b", {});
  attached(top + "/e/f", 601);
  for (const char* name : {"/c", "/e", "/full", "/p", "/n"}) {
    const std::string dir = top + name;
    dump(dir, content(dir + "/.vexfs/graph"));
    for (const vexfs_listed& listed : list(dir))
      std::printf(" %llx %u\n", static_cast<unsigned long long>(listed.id), listed.slot);
    for (const std::uint64_t number : nearest(dir, 1002))
      std::printf(" %llx\n", static_cast<unsigned long long>(number));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::string top = argv[2];
  if (argv[1] == std::string("make")) {
    compact_as_if_new(top);
    compact_without_room(top);
    files(top);
  }
  show(top);
  return 0;
}
