// SPDX-License-Identifier: MIT
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <set>
#include <span>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "harness/storm/programs.h"

namespace vexfs::parity::storm {
namespace {

// Few names, so that the processes meet; no deeper than two directories.
constexpr unsigned kDirectories = 4;
constexpr unsigned kNames = 6;
constexpr std::size_t kPage = 4096;
constexpr unsigned kPages = 24;  // of the largest file

sigjmp_buf bus_error;
void on_bus_error(int /*signal*/) { siglongjmp(bus_error, 1); }

// What another process may have caused.
const std::set<int> kExpected{ENOENT, EEXIST, ENOTEMPTY, EISDIR, ENOTDIR, EINVAL,
                              EMLINK, ENOSPC, ESTALE,    ELOOP,  EBUSY,   EPERM};

class Process {
 public:
  Process(const StormOptions& options, unsigned number)
      : dir_(options.dir), letter_('a' + number % 26), state_(options.seed * 1000 + number + 1) {}

  // False: something came that nobody may cause.
  bool work(unsigned operations) {
    while (operations-- > 0 && fine_) one();
    return fine_;
  }

 private:
  void one();
  void write_pages();
  void read_pages();
  void map_pages();
  void list();
  void check(const char* what, std::span<const char> bytes);

  unsigned below(unsigned end) {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return static_cast<unsigned>(state_ >> 33) % end;
  }
  std::string some_directory() { return dir_ + "/d" + std::to_string(below(kDirectories)); }
  std::string some_name() {
    const std::string parent = below(3) == 0 ? dir_ : some_directory();
    return parent + "/n" + std::to_string(below(kNames));
  }
  void saw(const char* what, long result) {
    if (result >= 0 || kExpected.contains(errno)) return;
    std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
    fine_ = false;
  }
  int open_some(int flags) {
    const int fd = ::open(some_name().c_str(), flags, 0644);
    saw("open", fd);
    return fd;
  }

  std::string dir_;
  char letter_;
  std::uint64_t state_;
  bool fine_ = true;
};

// Files hold letters of the processes and zeros, whoever wrote them last.
void Process::check(const char* what, std::span<const char> bytes) {
  for (const char byte : bytes) {
    if (byte == 0 || (byte >= 'a' && byte <= 'z')) continue;
    std::fprintf(stderr, "%s: a byte %02x that nobody wrote\n", what,
                 static_cast<unsigned char>(byte));
    fine_ = false;
    return;
  }
}

void Process::write_pages() {
  const int fd = open_some(O_RDWR | O_CREAT);
  if (fd < 0) return;
  std::array<char, 3 * kPage> bytes;
  bytes.fill(letter_);
  const std::size_t length = 1 + below(bytes.size());
  saw("pwrite", ::pwrite(fd, bytes.data(), length, below(kPages * kPage)));
  if (below(4) == 0) saw("fsync", ::fsync(fd));
  ::close(fd);
}

void Process::read_pages() {
  const int fd = open_some(O_RDONLY);
  if (fd < 0) return;
  struct stat status{};
  saw("fstat", ::fstat(fd, &status));
  if (S_ISREG(status.st_mode)) {
    std::array<char, 4 * kPage> bytes;
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), below(kPages * kPage));
    saw("pread", got);
    if (got > 0) check("pread", std::span(bytes).first(static_cast<std::size_t>(got)));
  }
  ::close(fd);
}

// Another process may cut the file meanwhile: then the access ends with SIGBUS.
void Process::map_pages() {
  const int fd = open_some(O_RDWR);
  if (fd < 0) return;
  void* const pages = ::mmap(nullptr, kPages * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (pages != MAP_FAILED) {
    char* const at = static_cast<char*>(pages) + below(kPages) * kPage;
    if (sigsetjmp(bus_error, 1) == 0) {
      if (below(2) == 0) std::memset(at, letter_, kPage / 2);
      check("mapping", {at, kPage});
    }
    if (below(3) == 0) saw("msync", ::msync(pages, kPages * kPage, MS_SYNC));
    ::munmap(pages, kPages * kPage);
  } else if (errno != ENODEV) {  // not a regular file
    saw("mmap", -1);
  }
  ::close(fd);
}

void Process::list() {
  DIR* const stream = ::opendir(some_directory().c_str());
  if (stream == nullptr) return saw("opendir", -1);
  errno = 0;
  while (::readdir(stream) != nullptr) {
  }
  if (errno != 0) saw("readdir", -1);
  ::closedir(stream);
}

// As if memory were short: clean pages, dentries, inodes and what the filesystem's shrinker gives.
void drop_caches() {
  const int fd = ::open("/proc/sys/vm/drop_caches", O_WRONLY);
  if (fd < 0) return;  // not root: no pressure then
  [[maybe_unused]] const ssize_t put = ::write(fd, "3", 1);
  ::close(fd);
}

void Process::one() {
  if (below(50) == 0) drop_caches();
  switch (below(16)) {
    case 0:
      return saw("mkdir", ::mkdir(some_directory().c_str(), 0755));
    case 1:
      return saw("rmdir", ::rmdir(some_directory().c_str()));
    case 2:
    case 3:
      return saw("unlink", ::unlink(some_name().c_str()));
    case 4:
      return saw("rename", ::rename(some_name().c_str(), some_name().c_str()));
    case 5:
      return saw("rename", ::rename(some_directory().c_str(), some_directory().c_str()));
    case 6:
      return saw("link", ::link(some_name().c_str(), some_name().c_str()));
    case 7:
      return saw("symlink", ::symlink("n0", some_name().c_str()));
    case 8:
      return saw("truncate", ::truncate(some_name().c_str(), below(kPages * kPage)));
    case 9:
      return list();
    case 10:
    case 11:
      return read_pages();
    case 12:
    case 13:
      return map_pages();
    default:
      return write_pages();
  }
}

}  // namespace

int storm(const StormOptions& options) {
  struct sigaction action{};
  action.sa_handler = on_bus_error;
  ::sigaction(SIGBUS, &action, nullptr);
  return in_processes(options.processes, [&](unsigned number) {
    return Process(options, number).work(options.operations);
  });
}

int in_processes(unsigned processes, const std::function<bool(unsigned)>& work) {
  for (unsigned number = 0; number < processes; ++number) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work(number) ? 0 : 1);
    if (child < 0) {
      std::perror("fork");
      return 1;
    }
  }
  int worst = 0;
  for (unsigned number = 0; number < processes; ++number) {
    int status = 0;
    ::wait(&status);
    if (status == 0) continue;
    if (WIFSIGNALED(status)) std::fprintf(stderr, "killed by signal %d\n", WTERMSIG(status));
    worst = 1;
  }
  return worst;
}

}  // namespace vexfs::parity::storm
