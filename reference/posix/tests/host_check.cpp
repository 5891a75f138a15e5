// SPDX-License-Identifier: MIT
// Is reference/posix what Linux is? The same random system calls on the model and on a tmpfs of the
// kernel that this runs on; every errno, every attribute and every byte must be the same. Needs
// root; exits with 77 without.
//
//   posix_host_check [first seed] [seeds] [steps for each]
#include <linux/fs.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <unistd.h>

#include "reference/model/tests/test_volume.h"
#include "reference/posix/process.h"

namespace vexfs::posix {
namespace {

constexpr int kSkip = 77;

// What a call answered, as text that both sides write alike.
using Answer = std::string;

Answer failed(int error) { return "errno " + std::to_string(error); }

template <typename T>
Answer answer_of(const Result<T>& result) {
  return result ? "ok" : failed(result.error());
}

Answer answer_of(long result) { return result < 0 ? failed(errno) : "ok"; }

Answer describe(std::uint32_t mode, std::uint64_t nlink, std::uint32_t uid, std::uint32_t gid,
                std::uint64_t size) {
  char text[128];
  // A directory's size is the filesystem's own affair.
  std::snprintf(text, sizeof text, "mode %o nlink %lu uid %u gid %u size %lu", mode, nlink, uid,
                gid, S_ISDIR(mode) ? 0 : size);
  return text;
}

Answer describe(const Result<Attr>& attr) {
  if (!attr) return failed(attr.error());
  return describe(attr->mode, attr->nlink, attr->uid, attr->gid, attr->size);
}

Answer join(std::vector<std::string> names) {
  std::ranges::sort(names);
  std::string text;
  for (const auto& name : names) text += name + " ";
  return text;
}

struct Call {
  enum Kind {
    kMkdir,
    kMknod,
    kSymlink,
    kLink,
    kUnlink,
    kRmdir,
    kRename,
    kReadlink,
    kStat,
    kLstat,
    kChmod,
    kChown,
    kTouch,
    kSetTime,
    kTruncate,
    kOpen,
    kClose,
    kRead,
    kWrite,
    kAppend,
    kFtruncate,
    kFstat,
    kReaddir,
    kKinds
  };
  Kind kind = kMkdir;
  Credentials who;
  std::string path;
  std::string other;
  std::string handle;
  std::uint32_t mode = 0;
  std::uint32_t flags = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int64_t number = 0;
  OpenFlags open;
  std::string data;
};

const char* name_of(Call::Kind kind) {
  static constexpr const char* kNames[] = {
      "mkdir", "mknod", "symlink", "link",   "unlink",    "rmdir",   "rename",   "readlink",
      "stat",  "lstat", "chmod",   "chown",  "touch",     "settime", "truncate", "open",
      "close", "read",  "write",   "append", "ftruncate", "fstat",   "readdir"};
  return kNames[kind];
}

std::string to_text(const Call& call) {
  char text[512];
  std::snprintf(
      text, sizeof text,
      "%s uid=%u gid=%u path=%s other=%s handle=%s mode=%o flags=%u owner=%u:%u number=%ld "
      "open=%d%d%d%d%d%d%d%d",
      name_of(call.kind), call.who.uid, call.who.gid, call.path.c_str(), call.other.c_str(),
      call.handle.c_str(), call.mode, call.flags, call.uid, call.gid, call.number, call.open.read,
      call.open.write, call.open.create, call.open.exclusive, call.open.truncate, call.open.append,
      call.open.directory, call.open.no_follow);
  return text;
}

// Names from a small stock, so that calls meet each other.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Call next() {
    Call call;
    call.kind = static_cast<Call::Kind>(below(Call::kKinds));
    static const Credentials kWho[] = {
        {}, {}, {1000, 1000, {}}, {1001, 1000, {2000}}, {1002, 2000, {}}};
    call.who = kWho[below(5)];
    call.path = path();
    call.other = call.kind == Call::kSymlink ? target() : path();
    call.handle = std::string(1, static_cast<char>('p' + below(4)));
    static constexpr std::uint32_t kModes[] = {0,     0777,  0755,  0700,  0666, 0644,
                                               0070,  0007,  0111,  0222,  0444, 04755,
                                               02755, 02644, 06777, 02777, 01777};
    call.mode = kModes[below(std::size(kModes))];
    call.flags = below(3) == 0 ? static_cast<std::uint32_t>(below(4)) : 0;
    static constexpr std::uint32_t kIds[] = {0, 1000, 1001, 1002, 2000, kKeepId};
    call.uid = kIds[below(6)];
    call.gid = kIds[below(6)];
    call.number = below(20) == 0 ? -1 : static_cast<std::int64_t>(below(9000));
    call.open.read = below(3) != 0;
    call.open.write = !call.open.read || below(2) == 0;
    call.open.create = below(2) == 0;
    call.open.exclusive = below(4) == 0;
    call.open.truncate = below(4) == 0;
    call.open.append = below(4) == 0;
    call.open.directory = below(6) == 0;
    call.open.no_follow = below(6) == 0;
    if (!call.open.create) call.open.exclusive = false;  // undefined by open(2)
    call.data = std::string(below(6000), static_cast<char>('a' + below(26)));
    // With no id given, Linux takes set-id bits away and a FUSE filesystem never hears of it: docs
    // say nothing happens.
    if (call.kind == Call::kChown && call.uid == kKeepId && call.gid == kKeepId) call.uid = 0;
    return call;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  std::string component() {
    static const std::string kNames[] = {"a", "b", "c", "d"};
    if (below(200) == 0) return std::string(254 + below(4), 'n');
    if (below(12) == 0) return ".";
    return below(12) == 0 ? ".." : kNames[below(4)];
  }
  std::string path() {
    if (below(100) == 0) return below(2) == 0 ? "" : "/";
    std::string path;
    for (std::size_t i = 0; i < 1 + below(3); ++i)
      path += (below(15) == 0 ? "//" : "/") + component();
    return below(12) == 0 ? path + "/" : path;
  }
  std::string target() {
    if (below(50) == 0) return "/";
    const std::string absolute = path();
    return absolute.size() > 1 && below(2) == 0 ? absolute.substr(1) : absolute;
  }

  std::mt19937_64 random_;
};

// The calls on the model.
class Reference {
 public:
  Answer run(const Call& c) {
    const TimeSpec now{TimeSpec::Kind::kNow, 0, 0};
    const TimeSpec set{TimeSpec::Kind::kSet, 7, c.number < 0 ? 2'000'000'000 : 5};
    const auto bytes = std::as_bytes(std::span(c.data));
    switch (c.kind) {
      case Call::kMkdir:
        return answer_of(process_.mkdir(c.who, c.path, c.mode));
      case Call::kMknod:
        return answer_of(
            process_.mknod(c.who, c.path, (c.flags == 0 ? S_IFIFO : S_IFREG) | c.mode, 0));
      case Call::kSymlink:
        return answer_of(process_.symlink(c.who, c.other, c.path));
      case Call::kLink:
        return answer_of(process_.link(c.who, c.path, c.other));
      case Call::kUnlink:
        return answer_of(process_.unlink(c.who, c.path));
      case Call::kRmdir:
        return answer_of(process_.rmdir(c.who, c.path));
      case Call::kRename:
        return answer_of(process_.rename(c.who, c.path, c.other, c.flags));
      case Call::kReadlink: {
        const auto text = process_.readlink(c.who, c.path);
        return text ? *text : failed(text.error());
      }
      case Call::kStat:
        return describe(process_.stat(c.who, c.path, true));
      case Call::kLstat:
        return describe(process_.stat(c.who, c.path, false));
      case Call::kChmod:
        return answer_of(process_.chmod(c.who, c.path, c.mode));
      case Call::kChown:
        return answer_of(process_.chown(c.who, c.path, c.uid, c.gid, c.flags == 0));
      case Call::kTouch:
        return answer_of(process_.utimens(c.who, c.path, now, now, c.flags == 0));
      case Call::kSetTime:
        return answer_of(process_.utimens(c.who, c.path, set, {}, c.flags == 0));
      case Call::kTruncate:
        return answer_of(process_.truncate(c.who, c.path, c.number));
      case Call::kOpen:
        return answer_of(process_.open(c.who, c.handle, c.path, c.open, c.mode));
      case Call::kClose:
        return answer_of(process_.close(c.handle));
      case Call::kRead: {
        const auto read = process_.read(c.handle, c.number, c.data.size());
        if (!read) return failed(read.error());
        return {reinterpret_cast<const char*>(read->data()), read->size()};
      }
      case Call::kWrite:
        return answer_of(process_.write(c.who, c.handle, c.number, bytes));
      case Call::kAppend:
        return answer_of(process_.write(c.who, c.handle, std::nullopt, bytes));
      case Call::kFtruncate:
        return answer_of(process_.ftruncate(c.who, c.handle, c.number));
      case Call::kFstat:
        return describe(process_.fstat(c.handle));
      case Call::kReaddir:
        return names(process_.readdir(c.who, c.path));
      case Call::kKinds:
        break;
    }
    return "no such call";
  }

 private:
  static Answer names(const Result<std::vector<DirEntry>>& entries) {
    if (!entries) return failed(entries.error());
    std::vector<std::string> names;
    for (const auto& entry : *entries) names.push_back(entry.name);
    return join(names);
  }

  model::test::TestVolume volume_;
  Process process_{*volume_};
};

// The calls on the kernel, within a directory that is this process' root.
class Host {
 public:
  ~Host() {
    for (const auto& [handle, descriptor] : files_) ::close(descriptor);
  }

  Answer run(const Call& c) {
    become(c.who);
    const Answer answer = call(c);
    become({});
    return answer;
  }

 private:
  static void become(const Credentials& who) {
    if (::seteuid(0) != 0 || ::setgroups(who.groups.size(), who.groups.data()) != 0 ||
        ::setegid(who.gid) != 0 || ::seteuid(who.uid) != 0)
      std::abort();
  }

  Answer call(const Call& c) {
    const char* path = c.path.c_str();
    const char* other = c.other.c_str();
    const int no_follow = c.flags == 0 ? 0 : AT_SYMLINK_NOFOLLOW;
    const timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
    const timespec set[2] = {{7, c.number < 0 ? 2'000'000'000 : 5}, {0, UTIME_OMIT}};
    switch (c.kind) {
      case Call::kMkdir:
        return answer_of(::mkdir(path, c.mode));
      case Call::kMknod:
        return answer_of(::mknod(path, (c.flags == 0 ? S_IFIFO : S_IFREG) | c.mode, 0));
      case Call::kSymlink:
        return answer_of(::symlink(other, path));
      case Call::kLink:
        return answer_of(::link(path, other));
      case Call::kUnlink:
        return answer_of(::unlink(path));
      case Call::kRmdir:
        return answer_of(::rmdir(path));
      case Call::kRename:
        return answer_of(::syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, other, c.flags));
      case Call::kReadlink:
        return readlink(path);
      case Call::kStat:
        return stat(path, 0);
      case Call::kLstat:
        return stat(path, AT_SYMLINK_NOFOLLOW);
      case Call::kChmod:
        return answer_of(::chmod(path, c.mode));
      case Call::kChown:
        return answer_of(::fchownat(AT_FDCWD, path, c.uid, c.gid, no_follow));
      case Call::kTouch:
        return answer_of(::utimensat(AT_FDCWD, path, now, no_follow));
      case Call::kSetTime:
        return answer_of(::utimensat(AT_FDCWD, path, set, no_follow));
      case Call::kTruncate:
        return answer_of(::truncate(path, c.number));
      case Call::kOpen:
        return open(c);
      case Call::kReaddir:
        return readdir(path);
      default:
        return on_file(c);
    }
  }

  Answer on_file(const Call& c) {
    const auto file = files_.find(c.handle);
    if (file == files_.end()) return failed(EBADF);
    const int fd = file->second;
    switch (c.kind) {
      case Call::kClose:
        files_.erase(file);
        return answer_of(::close(fd));
      case Call::kRead: {
        std::string data(c.data.size(), '\0');
        const ssize_t got = ::pread(fd, data.data(), data.size(), c.number);
        return got < 0 ? failed(errno) : data.substr(0, static_cast<std::size_t>(got));
      }
      case Call::kWrite:
        return answer_of(::pwrite(fd, c.data.data(), c.data.size(), c.number));
      case Call::kAppend:
        // tmpfs cannot seek to the end of a directory; ext4 can, and so can VexFS.
        return answer_of(::pwrite(fd, c.data.data(), c.data.size(),
                                  std::max<off_t>(0, ::lseek(fd, 0, SEEK_END))));
      case Call::kFtruncate:
        return answer_of(::ftruncate(fd, c.number));
      default: {
        struct stat s;
        return ::fstat(fd, &s) < 0 ? failed(errno) : describe(s);
      }
    }
  }

  static Answer describe(const struct stat& s) {
    return posix::describe(s.st_mode, s.st_nlink, s.st_uid, s.st_gid,
                           static_cast<std::uint64_t>(s.st_size));
  }

  static Answer stat(const char* path, int flags) {
    struct stat s;
    return ::fstatat(AT_FDCWD, path, &s, flags) < 0 ? failed(errno) : describe(s);
  }

  static Answer readlink(const char* path) {
    char text[5000];
    const ssize_t length = ::readlink(path, text, sizeof text);
    return length < 0 ? failed(errno) : Answer(text, static_cast<std::size_t>(length));
  }

  static Answer readdir(const char* path) {
    DIR* dir = ::opendir(path);
    if (dir == nullptr) return failed(errno);
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(dir)) names.emplace_back(entry->d_name);
    ::closedir(dir);
    return join(names);
  }

  Answer open(const Call& c) {
    if (files_.contains(c.handle)) return failed(EBUSY);
    int flags = O_NONBLOCK | O_NOCTTY;
    flags |= c.open.read ? (c.open.write ? O_RDWR : O_RDONLY) : O_WRONLY;
    if (c.open.create) flags |= O_CREAT;
    if (c.open.exclusive) flags |= O_EXCL;
    if (c.open.truncate) flags |= O_TRUNC;
    if (c.open.append) flags |= O_APPEND;
    if (c.open.directory) flags |= O_DIRECTORY;
    if (c.open.no_follow) flags |= O_NOFOLLOW;
    const int fd = ::open(c.path.c_str(), flags, c.mode);
    if (fd < 0) return failed(errno == ENXIO ? EOPNOTSUPP : errno);  // a fifo without a reader
    struct stat s;
    if (::fstat(fd, &s) == 0 && S_ISFIFO(s.st_mode)) {
      ::close(fd);
      return failed(EOPNOTSUPP);
    }
    files_[c.handle] = fd;
    return "ok";
  }

  std::map<std::string, int> files_;
};

// Changes the link policies for the life of this object: guests run with all of them at 0.
class NoLinkPolicies {
 public:
  NoLinkPolicies() {
    for (const char* name : {"hardlinks", "symlinks", "fifos", "regular"}) {
      const std::string path = std::string("/proc/sys/fs/protected_") + name;
      std::string value;
      std::ifstream(path) >> value;
      before_[path] = value;
      std::ofstream(path) << "0";
    }
  }
  ~NoLinkPolicies() {
    for (const auto& [path, value] : before_) std::ofstream(path) << value;
  }

 private:
  std::map<std::string, std::string> before_;
};

// A tmpfs of its own as root directory, and back.
class Jail {
 public:
  Jail() : directory_(std::filesystem::temp_directory_path() / "posix-host-check") {
    std::filesystem::create_directories(directory_);
    outside_ = ::open("/", O_RDONLY | O_DIRECTORY);
    ready_ = ::mount("none", directory_.c_str(), "tmpfs", 0, "mode=755,size=64m") == 0 &&
             ::chdir(directory_.c_str()) == 0 && ::chroot(".") == 0;
    ::umask(0);
  }
  ~Jail() {
    if (::fchdir(outside_) != 0 || ::chroot(".") != 0) std::abort();
    ::close(outside_);
    ::umount(directory_.c_str());
  }
  bool ready() const { return ready_; }

 private:
  std::filesystem::path directory_;
  int outside_ = -1;
  bool ready_ = false;
};

// How often each call was made and how often it succeeded: a check of failures alone would prove
// little.
struct Tally {
  std::array<int, Call::kKinds> made{};
  std::array<int, Call::kKinds> succeeded{};
};

void print(const Tally& tally) {
  for (int kind = 0; kind < Call::kKinds; ++kind)
    std::printf("%9s: %6d calls, %6d succeeded\n", name_of(static_cast<Call::Kind>(kind)),
                tally.made[kind], tally.succeeded[kind]);
}

bool agree(std::uint64_t seed, int steps, Tally& tally) {
  Jail jail;
  if (!jail.ready()) return false;
  Generator generator(seed);
  Reference reference;
  Host host;
  for (int step = 0; step < steps; ++step) {
    const Call call = generator.next();
    const Answer expected = host.run(call);
    const Answer answer = reference.run(call);
    ++tally.made[call.kind];
    tally.succeeded[call.kind] += !expected.starts_with("errno");
    if (answer == expected) continue;
    std::printf("seed %lu step %d: %s\n  the kernel: %.200s\n  reference: %.200s\n", seed, step,
                to_text(call).c_str(), expected.c_str(), answer.c_str());
    return false;
  }
  return true;
}

}  // namespace
}  // namespace vexfs::posix

int main(int count, char** arguments) {
  using namespace vexfs::posix;
  const std::uint64_t first = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1;
  const std::uint64_t seeds = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 20;
  const int steps = count > 3 ? std::atoi(arguments[3]) : 3000;
  if (::geteuid() != 0 || ::unshare(CLONE_NEWNS | CLONE_FS) != 0 ||
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    std::printf("posix_host_check needs root and may not have it here: skipped\n");
    return kSkip;
  }
  const NoLinkPolicies no_policies;
  int failures = 0;
  Tally tally;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed)
    failures += !agree(seed, steps, tally);
  print(tally);
  std::printf("%lu seeds of %d calls, %d with a difference\n", seeds, steps, failures);
  return failures == 0 ? 0 : 1;
}
