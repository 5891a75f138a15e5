// SPDX-License-Identifier: MIT
#include <sys/stat.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <set>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "harness/storm/programs.h"

namespace vexfs::parity::storm {
namespace {

// FNV-1a: to tell two trees apart, not to withstand anybody.
class Sum {
 public:
  void add(const void* bytes, std::size_t length) {
    for (std::size_t i = 0; i < length; ++i) {
      value_ = (value_ ^ static_cast<const unsigned char*>(bytes)[i]) * 0x100000001b3;
    }
  }
  void add(std::uint64_t number) { add(&number, sizeof number); }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

class Reader {
 public:
  bool read_tree(const std::string& dir) {
    std::set<std::string> names;
    DIR* stream = ::opendir(dir.c_str());
    if (stream == nullptr) return complain("opendir", dir);
    errno = 0;
    while (const dirent* entry = ::readdir(stream)) names.insert(entry->d_name);
    const int error = errno;
    ::closedir(stream);
    if (error != 0) return complain("readdir", dir);
    names.erase(".");
    names.erase("..");
    for (const std::string& name : names) {
      sum_.add(name.data(), name.size());
      if (!read_node(dir + "/" + name)) return false;
    }
    return true;
  }
  void print() const {
    std::printf("%u nodes, %u bytes, %016" PRIx64 "\n", nodes_, bytes_, sum_.value());
  }

 private:
  bool read_node(const std::string& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return complain("lstat", path);
    ++nodes_;
    for (const std::uint64_t field :
         {std::uint64_t{status.st_ino}, std::uint64_t{status.st_mode},
          std::uint64_t{status.st_nlink}, static_cast<std::uint64_t>(status.st_size),
          static_cast<std::uint64_t>(status.st_blocks)}) {
      sum_.add(field);
    }
    if (S_ISDIR(status.st_mode)) return read_tree(path);
    if (S_ISREG(status.st_mode)) return read_file(path);
    if (S_ISLNK(status.st_mode)) return read_link(path);
    return true;
  }
  bool read_file(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY);
    if (fd < 0) return complain("open", path);
    char buffer[4096];
    ssize_t got = 0;
    while ((got = ::read(fd, buffer, sizeof buffer)) > 0) {
      sum_.add(buffer, static_cast<std::size_t>(got));
      bytes_ += static_cast<unsigned>(got);
    }
    ::close(fd);
    return got == 0 || complain("read", path);
  }
  bool read_link(const std::string& path) {
    char target[4096];
    const ssize_t got = ::readlink(path.c_str(), target, sizeof target);
    if (got < 0) return complain("readlink", path);
    sum_.add(target, static_cast<std::size_t>(got));
    return true;
  }
  static bool complain(const char* what, const std::string& path) {
    std::fprintf(stderr, "%s %s: %s\n", what, path.c_str(), std::strerror(errno));
    return false;
  }

  Sum sum_;
  unsigned nodes_ = 0;
  unsigned bytes_ = 0;
};

}  // namespace

int digest(const std::string& dir) {
  Reader reader;
  if (!reader.read_tree(dir)) return 1;
  reader.print();
  return 0;
}

}  // namespace vexfs::parity::storm
