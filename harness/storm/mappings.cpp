// SPDX-License-Identifier: MIT
#include <sys/mman.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "harness/storm/programs.h"

namespace vexfs::parity::storm {
namespace {

constexpr std::size_t kPage = 4096;
bool fine = true;

void expect(bool right, const char* what) {
  if (right) return;
  std::fprintf(stderr, "mappings: %s (errno %d)\n", what, errno);
  fine = false;
}

// A file and a mapping of its first pages, both gone at the end.
class MappedFile {
 public:
  MappedFile(const std::string& path, std::size_t size, std::size_t pages)
      : length_(pages * kPage) {
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0644);
    expect(fd_ >= 0 && ::ftruncate(fd_, static_cast<off_t>(size)) == 0, "a new file");
    void* const at = ::mmap(nullptr, length_, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    expect(at != MAP_FAILED, "a shared writable mapping");
    bytes_ = at == MAP_FAILED ? nullptr : static_cast<volatile char*>(at);
  }
  ~MappedFile() {
    if (bytes_ != nullptr) ::munmap(const_cast<char*>(bytes_), length_);
    ::close(fd_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  volatile char& operator[](std::size_t at) { return bytes_[at]; }
  int fd() const { return fd_; }
  void sync() { expect(::msync(const_cast<char*>(bytes_), length_, MS_SYNC) == 0, "msync"); }
  void resize(std::size_t size) {
    expect(::ftruncate(fd_, static_cast<off_t>(size)) == 0, "ftruncate");
  }
  char read(std::size_t at) const {
    char byte = 0;
    expect(::pread(fd_, &byte, 1, static_cast<off_t>(at)) == 1, "pread");
    return byte;
  }
  struct stat status() const {
    struct stat result{};
    expect(::fstat(fd_, &result) == 0, "fstat");
    return result;
  }

 private:
  int fd_ = -1;
  std::size_t length_;
  volatile char* bytes_ = nullptr;
};

sigjmp_buf bus_error;
void on_bus_error(int /*signal*/) { siglongjmp(bus_error, 1); }

bool dies(volatile char& byte, bool store) {
  if (sigsetjmp(bus_error, 1) != 0) return true;
  if (store) {
    byte = 'x';
  } else {
    [[maybe_unused]] const char seen = byte;
  }
  return false;
}

void stores_reach_the_file(const std::string& path) {
  MappedFile file(path, 3 * kPage, 3);
  file[kPage + 5] = 'm';
  expect(file.read(kPage + 5) == 'm', "read(2) sees a store at once");
  file.sync();
  expect(file.status().st_blocks == 8, "a store into a hole maps one block");
  expect(::fsync(file.fd()) == 0, "fsync of a mapped file");
  expect(::pwrite(file.fd(), "w", 1, kPage + 5) == 1 && file[kPage + 5] == 'w',
         "the mapping sees write(2)");
  file[kPage + 6] = 'n';  // the page was cleaned: a store makes it dirty again
  expect(::fsync(file.fd()) == 0 && file.read(kPage + 6) == 'n', "a store after fsync");
}

void stores_change_mtime(const std::string& path) {
  MappedFile file(path, kPage, 1);
  const timespec long_ago[2] = {{.tv_sec = 1000, .tv_nsec = 0}, {.tv_sec = 1000, .tv_nsec = 0}};
  file[0] = 'a';
  file.sync();
  expect(::futimens(file.fd(), long_ago) == 0, "futimens");
  file[0] = 'b';
  file.sync();
  expect(file.status().st_mtim.tv_sec > 1000, "a store into a mapped block changes mtime");
}

void the_end_is_respected(const std::string& path) {
  MappedFile file(path, kPage + 100, 4);
  file[kPage] = 'e';
  expect(!dies(file[2 * kPage - 1], false), "the rest of the last page can be read");
  expect(dies(file[2 * kPage], false) && dies(file[2 * kPage], true),
         "beyond the last page is SIGBUS");
  file.resize(0);
  expect(dies(file[0], false), "a page that was cut off is SIGBUS");
  file.resize(2 * kPage);
  expect(file[kPage] == 0 && file[0] == 0, "what was cut off comes back as zeros");
  file[2 * kPage - 1] = 'z';
  file.sync();
  expect(file.read(2 * kPage - 1) == 'z', "a store after cut and growth");
}

void bytes_behind_the_end_stay_hidden(const std::string& path) {
  MappedFile file(path, 100, 1);
  file[0] = 'a';
  file[200] = 'b';
  file.sync();
  file.resize(kPage);
  expect(file.read(200) == 0, "a store behind the end does not come to light by growth");
}

void private_and_read_only(const std::string& path) {
  MappedFile file(path, kPage, 1);
  file[0] = 'o';
  void* const own = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.fd(), 0);
  expect(own != MAP_FAILED, "a private mapping");
  static_cast<volatile char*>(own)[0] = 'p';
  expect(file.read(0) == 'o', "a store into a private mapping stays there");
  ::munmap(own, kPage);
  const int reader = ::open(path.c_str(), O_RDONLY);
  expect(::mmap(nullptr, kPage, PROT_WRITE, MAP_SHARED, reader, 0) == MAP_FAILED && errno == EACCES,
         "a writable mapping of a file opened for reading is EACCES");
  void* const seen = ::mmap(nullptr, kPage, PROT_READ, MAP_SHARED, reader, 0);
  expect(seen != MAP_FAILED && static_cast<volatile char*>(seen)[0] == 'o',
         "a mapping of a file opened for reading");
  ::munmap(seen, kPage);
  ::close(reader);
}

void an_unlinked_file_stays_mapped(const std::string& path) {
  MappedFile file(path, 2 * kPage, 2);
  expect(::unlink(path.c_str()) == 0, "unlink of a mapped file");
  file[kPage] = 'u';
  file.sync();
  expect(file.read(kPage) == 'u', "an unlinked file while it is mapped");
}

}  // namespace

int refused_mappings(const std::string& dir) {
  const std::string path = dir + "/refused";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0644);
  expect(file >= 0 && ::pwrite(file, "o", 1, 0) == 1, "a new file");
  const auto map = [&](int protection, int kind) {
    return ::mmap(nullptr, kPage, protection, kind, file, 0);
  };
  expect(map(PROT_READ | PROT_WRITE, MAP_SHARED) == MAP_FAILED && errno == ENODEV,
         "a shared writable mapping is ENODEV");
  expect(map(PROT_READ, MAP_SHARED) == MAP_FAILED && errno == ENODEV,
         "so is one that mprotect could make writable");
  void* const own = map(PROT_READ | PROT_WRITE, MAP_PRIVATE);
  expect(own != MAP_FAILED && static_cast<volatile char*>(own)[0] == 'o', "a private mapping");
  const int reader = ::open(path.c_str(), O_RDONLY);
  void* const seen = ::mmap(nullptr, kPage, PROT_READ, MAP_SHARED, reader, 0);
  expect(seen != MAP_FAILED && static_cast<volatile char*>(seen)[0] == 'o',
         "a shared mapping of a file opened for reading");
  return fine ? 0 : 1;
}

int mappings(const std::string& dir) {
  struct sigaction action{};
  action.sa_handler = on_bus_error;
  ::sigaction(SIGBUS, &action, nullptr);
  stores_reach_the_file(dir + "/stores");
  stores_change_mtime(dir + "/mtime");
  the_end_is_respected(dir + "/end");
  bytes_behind_the_end_stay_hidden(dir + "/behind");
  private_and_read_only(dir + "/private");
  an_unlinked_file_stays_mapped(dir + "/unlinked");
  return fine ? 0 : 1;
}

}  // namespace vexfs::parity::storm
