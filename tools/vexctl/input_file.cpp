// SPDX-License-Identifier: MIT
#include "tools/vexctl/input_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

namespace vexfs::ctl {

void InputFile::Close::operator()(std::FILE* file) const {
  if (file != stdin) std::fclose(file);
}

Result<InputFile> InputFile::open(const std::string& path) {
  InputFile input;
  input.name_ = path == "-" ? "standard input" : path;
  input.file_.reset(path == "-" ? stdin : std::fopen(path.c_str(), "rbe"));
  if (!input.file_) return std::unexpected(system_failure("opening " + path, errno));
  struct stat status{};
  if (::fstat(::fileno(input.file_.get()), &status) == 0 && S_ISREG(status.st_mode)) {
    input.size_ = static_cast<std::uint64_t>(status.st_size);
  }
  return input;
}

Result<bool> InputFile::read(std::span<std::byte> bytes) {
  const auto got = std::fread(bytes.data(), 1, bytes.size(), file_.get());
  position_ += got;
  if (got == bytes.size()) return true;
  if (std::ferror(file_.get()) != 0) {
    return std::unexpected(system_failure("reading " + name_, errno));
  }
  if (got == 0) return false;
  return failure("it ends in the middle of a row: it was not written to its end");
}

Result<bool> InputFile::read_line(std::string& line) {
  char* text = nullptr;
  std::size_t room = 0;
  const ssize_t length = ::getline(&text, &room, file_.get());
  const std::unique_ptr<char, decltype(&std::free)> owner(text, &std::free);
  if (length < 0 && std::ferror(file_.get()) != 0) {
    return std::unexpected(system_failure("reading " + name_, errno));
  }
  if (length < 0) return false;
  position_ += static_cast<std::uint64_t>(length);
  line.assign(text, static_cast<std::size_t>(length));
  if (line.ends_with('\n')) line.pop_back();
  return true;
}

std::unexpected<Failure> InputFile::failure(const std::string& text) const {
  return std::unexpected(Failure{name_ + ": " + text});
}

}  // namespace vexfs::ctl
