// SPDX-License-Identifier: MIT
#include "fuse/core/tests/test_volume.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>

#include <unistd.h>

namespace vexfs::core::testing {
namespace {

/** A file of this process that is gone at the end of the scope. */
class TemporaryFile {
 public:
  TemporaryFile() {
    std::string pattern = (access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    path = pattern + "/vexfs-core-test-XXXXXX";
    close(mkstemp(path.data()));
  }
  ~TemporaryFile() { unlink(path.c_str()); }
  std::string path;
};

/** Runs a command line and returns what it printed; `status` is its exit code. */
std::string run(const std::string& command, int& status) {
  std::string output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  char buffer[512];
  while (pipe != nullptr && fgets(buffer, sizeof buffer, pipe) != nullptr) output += buffer;
  status = pipe == nullptr ? -1 : pclose(pipe);
  return output;
}

}  // namespace

Image make_image(const std::vector<std::string>& arguments) {
  static std::map<std::vector<std::string>, Image> made;
  Image& image = made[arguments];
  if (!image.empty()) return image;
  const TemporaryFile file;
  std::string command =
      std::string(MKFS_VEXFS) + " -q --force --uuid 00112233-4455-6677-8899-aabbccddeeff";
  for (const std::string& argument : arguments) command += " " + argument;
  int status = 0;
  const std::string output = run(command + " " + file.path, status);
  if (status != 0) {
    ADD_FAILURE() << command << ": " << output;
    std::abort();
  }
  std::ifstream in(file.path, std::ios::binary | std::ios::ate);
  image.resize(static_cast<size_t>(in.tellg()));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(image.data()), static_cast<std::streamsize>(image.size()));
  return image;
}

std::vector<std::string> small() {
  return {"--blocks 1024",  "--inodes 64",      "--log-blocks 256", "--ring-blocks 8",
          "--tx-blocks 64", "--unit-extents 4", "--extent-fanout 4"};
}

std::string fsck(std::span<const std::byte> image) {
  const TemporaryFile file;
  std::ofstream(file.path, std::ios::binary)
      .write(reinterpret_cast<const char*>(image.data()),
             static_cast<std::streamsize>(image.size()));
  int status = 0;
  const std::string output = run(std::string(FSCK_VEXFS) + " " + file.path, status);
  return status == 0 ? "" : output + "(exit status " + std::to_string(status) + ")";
}

MountOptions manual() {
  MountOptions options;
  options.manual_clock = true;
  options.commit_seconds = 0;
  return options;
}

std::unique_ptr<Volume> mount(Image& image, const MountOptions& options) {
  auto volume = Volume::open(std::make_unique<MemoryDevice>(image), options);
  if (!volume) {
    ADD_FAILURE() << volume.error().message;
    return nullptr;
  }
  return std::move(*volume);
}

const vexfs_anchor& anchor_of(const Image& image) {
  const auto& first = at<vexfs_anchor>(image, 1);
  const auto& second = at<vexfs_anchor>(image, 2);
  return first.number > second.number ? first : second;
}

std::vector<vexfs_extent> entries_of(const Image& image, uint64_t ino) {
  const vexfs_inode& inode = inode_of(image, ino);
  const auto* first = reinterpret_cast<const vexfs_extent*>(inode.inline_area);
  return {first, first + inode.extents};
}

std::vector<vexfs_extent> node_entries(const Image& image, uint64_t block) {
  const auto& node = at<vexfs_extent_node>(image, block);
  const auto* first = reinterpret_cast<const vexfs_extent*>(&node + 1);
  return {first, first + node.entries};
}

InodeNumber make_file(Volume& volume, std::string_view name, InodeNumber parent) {
  const auto made = volume.mknod(parent, name, {.mode = 0100644});
  EXPECT_TRUE(made) << name << ": " << strerror(made ? 0 : made.error());
  return made ? made->ino : 0;
}

InodeNumber make_directory(Volume& volume, std::string_view name, InodeNumber parent) {
  const auto made = volume.mkdir(parent, name, {.mode = 0755});
  EXPECT_TRUE(made) << name << ": " << strerror(made ? 0 : made.error());
  return made ? made->ino : 0;
}

void put(Volume& volume, InodeNumber ino, uint64_t offset, std::string_view text) {
  const auto written = volume.write(ino, offset, std::as_bytes(std::span(text)), false);
  ASSERT_TRUE(written) << strerror(written.error());
  ASSERT_EQ(*written, text.size());
}

void put_block(Volume& volume, InodeNumber ino, uint64_t lblk) {
  put(volume, ino, lblk * VEXFS_BLOCK_SIZE, "x");
}

std::string contents(Volume& volume, InodeNumber ino) {
  const auto attributes = volume.getattr(ino);
  if (!attributes) return "no such inode";
  std::string text(attributes->size, '?');
  const auto got = volume.read(ino, 0, std::as_writable_bytes(std::span(text)));
  EXPECT_TRUE(got && *got == text.size());
  return text;
}

std::vector<std::string> names(Volume& volume, InodeNumber directory) {
  std::vector<std::string> found;
  const auto listed = volume.readdir(directory, 2, false, [&](const DirectoryEntry& entry) {
    found.emplace_back(entry.name);
    return true;
  });
  EXPECT_TRUE(listed);
  return found;
}

int error_of(const Expected<Attributes>& result) { return result ? 0 : result.error(); }
int error_of(const Expected<void>& result) { return result ? 0 : result.error(); }
int error_of(const Expected<size_t>& result) { return result ? 0 : result.error(); }

Expected<void> RecordingDevice::read(uint64_t offset, std::span<std::byte> into) {
  const std::lock_guard lock(mutex_);
  std::memcpy(into.data(), image_.data() + offset, into.size());
  return {};
}

Expected<void> RecordingDevice::write(uint64_t offset, std::span<const std::byte> from) {
  if (before_write) {
    if (const int number = before_write(offset, from.size()); number != 0) return fail(number);
  }
  const std::lock_guard lock(mutex_);
  writes.push_back({offset, Image(from.begin(), from.end()), flushes});
  std::memcpy(image_.data() + offset, from.data(), from.size());
  return {};
}

Expected<void> RecordingDevice::flush() {
  const std::lock_guard lock(mutex_);
  ++flushes;
  return {};
}

}  // namespace vexfs::core::testing
