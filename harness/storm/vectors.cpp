// SPDX-License-Identifier: MIT
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>

#include <fcntl.h>
#include <unistd.h>

#include "harness/storm/programs.h"
#include "harness/vectors/guest/door_client.h"

namespace vexfs::parity::storm {
namespace {

using probe::Bytes;

// Few names and ids, so that the processes meet.
constexpr unsigned kDirectories = 3;
constexpr unsigned kNames = 4;
constexpr unsigned kIds = 100;
constexpr const char* kVector = "user.vexfs.vector";
constexpr const char* kParameters = "dim=12 m=4 ef_construction=10";

// What another process may have caused.
const std::set<int> kExpected{ENOENT, EEXIST, ENODATA, EOPNOTSUPP, EXDEV,  ENOTEMPTY,
                              EMLINK, ENOSPC, ESTALE,  EINVAL,     ENOTDIR};

class Process {
 public:
  Process(const StormOptions& options, unsigned number)
      : dir_(options.dir), state_(options.seed * 1000 + number + 1) {}

  // False: something came that nobody may cause.
  bool work(unsigned operations) {
    while (operations-- > 0 && fine_) one();
    return fine_;
  }

 private:
  void one();
  void update(std::uint16_t opcode, const Bytes& body);
  void put();
  void search();
  void set_vector();
  void read_all();

  unsigned below(unsigned end) {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return static_cast<unsigned>(state_ >> 33) % end;
  }
  std::string some_directory() { return dir_ + "/c" + std::to_string(below(kDirectories)); }
  std::string some_name() { return some_directory() + "/n" + std::to_string(below(kNames)); }
  void saw(const char* what, long result) {
    if (result >= 0 || kExpected.contains(errno)) return;
    std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
    fine_ = false;
  }
  void ask(const std::string& path, const Bytes& request);

  std::string dir_;
  std::uint64_t state_;
  bool fine_ = true;
};

void Process::ask(const std::string& path, const Bytes& request) {
  const int fd = ::open(path.c_str(), O_RDWR);
  saw("open", fd);
  if (fd < 0) return;
  saw("write", ::write(fd, request.data(), request.size()));
  Bytes reply(1 << 16);
  const ssize_t length = ::read(fd, reply.data(), reply.size());
  saw("read", length);
  if (length >= static_cast<ssize_t>(sizeof(vexfs_reply))) {
    vexfs_reply header;
    std::memcpy(&header, reply.data(), sizeof(header));
    errno = static_cast<int>(header.status);
    if (header.status != 0) saw("status", -1);
  }
  ::close(fd);
}

void Process::update(std::uint16_t opcode, const Bytes& body) {
  ask(some_directory() + "/.vexfs/update", probe::request(opcode, 0, body));
}

void Process::put() {
  std::vector<std::uint64_t> ids, rows;
  for (unsigned n = 1 + below(40); n > 0; n--) {
    ids.push_back(below(kIds));
    rows.push_back(below(kIds));
  }
  update(VEXFS_OP_PUT, probe::ids_body(ids, rows));
}

void Process::search() {
  vexfs_search head = {};
  head.k = 5;
  head.ef = 10;
  ask(some_directory() + "/.vexfs/query",
      probe::request(VEXFS_OP_SEARCH, 0, probe::search_body(head, {below(kIds)}, {})));
}

void Process::set_vector() {
  const std::string name = some_name();
  ::close(::open(name.c_str(), O_CREAT | O_RDWR, 0644));
  Bytes value;
  probe::append_row(value, below(kIds));
  saw("setxattr", ::setxattr(name.c_str(), kVector, value.data(), value.size(), 0));
}

void Process::read_all() {
  for (const char* file : {"/.vexfs/info", "/.vexfs/vectors", "/.vexfs/graph"}) {
    const int fd = ::open((some_directory() + file).c_str(), O_RDONLY);
    saw("open", fd);
    Bytes bytes(1 << 16);
    if (fd >= 0) saw("read", ::read(fd, bytes.data(), bytes.size()));
    ::close(fd);
  }
  char text[256];
  saw("getxattr", ::getxattr(some_name().c_str(), kVector, text, sizeof(text)));
  saw("listxattr", ::listxattr(some_name().c_str(), text, sizeof(text)));
}

void Process::one() {
  switch (below(20)) {
    case 0:
      saw("mkdir", ::mkdir(some_directory().c_str(), 0755));
      [[fallthrough]];
    case 1:
      return saw("setxattr", ::setxattr(some_directory().c_str(), probe::kName, kParameters,
                                        std::strlen(kParameters), 0));
    case 2:
      if (below(3) != 0) return;
      return saw("removexattr", ::removexattr(some_directory().c_str(), probe::kName));
    case 3:
      return update(VEXFS_OP_COMPACT, {});
    case 4:
    case 5:
      return update(VEXFS_OP_DELETE, probe::ids_body({below(kIds), below(kIds)}, {}));
    case 6:
    case 7:
    case 8:
      return put();
    case 9:
    case 10:
      return search();
    case 11:
      return read_all();
    case 12:
      return saw("removexattr", ::removexattr(some_name().c_str(), kVector));
    case 13:
      return saw("link", ::link(some_name().c_str(), some_name().c_str()));
    case 14:
      return saw("rename", ::rename(some_name().c_str(), some_name().c_str()));
    case 15:
    case 16:
      return saw("unlink", ::unlink(some_name().c_str()));
    default:
      return set_vector();
  }
}

}  // namespace

int vectors(const StormOptions& options) {
  for (unsigned number = 0; number < kDirectories; ++number)
    ::mkdir((options.dir + "/c" + std::to_string(number)).c_str(), 0755);
  return in_processes(options.processes, [&](unsigned number) {
    return Process(options, number).work(options.operations);
  });
}

}  // namespace vexfs::parity::storm
