// SPDX-License-Identifier: MIT
#include "harness/vectors/file_traffic.h"

#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "harness/scenario/error_name.h"

namespace vexfs::parity {
namespace {

/// Of the second collection, which comes and goes.
constexpr const char* kOtherCollection = "dim=3 type=i8 m=4 ef_construction=8";
constexpr std::uint32_t kOtherRow = 3;

template <typename T>
std::string told(const posix::Result<T>& result, std::string value) {
  return result ? std::move(value) : std::string(error_name(result.error()));
}
std::string told(const posix::Result<void>& result) { return told(result, "done"); }

std::string told(const posix::Result<posix::Attr>& result) {
  return told(result, result ? std::to_string(result->ino) : "");
}

std::string told(const posix::Result<std::vector<std::byte>>& result) {
  std::string text;
  if (result) text.assign(reinterpret_cast<const char*>(result->data()), result->size());
  return told(result, "value " + text);
}

/// What is done to the file of that name, if there is one.
std::string act_on_file(posix::InodeVolume& volume, const FileAction& action) {
  const auto file = volume.lookup(action.directory, action.name);
  if (!file) return told(file);
  switch (action.verb) {
    case FileVerb::kLink:
      return told(volume.link(file->ino, action.other_directory, action.other_name));
    case FileVerb::kSetVector:
      return told(volume.set_vector(file->ino, action.bytes, static_cast<int>(action.flags)));
    case FileVerb::kGetVector: {
      const auto has = volume.has_vector(file->ino);
      return told(volume.get_vector(file->ino)) +
             told(has, has && *has ? " listed" : " not listed");
    }
    case FileVerb::kRemoveVector:
      return told(volume.remove_vector(file->ino));
    default:  // kHold
      if (auto opened = volume.open(file->ino); !opened) return told(opened);
      return told(file);
  }
}

}  // namespace

std::string act(posix::InodeVolume& volume, const FileAction& action) {
  switch (action.verb) {
    case FileVerb::kMake:
      return told(volume.mknod(action.directory, action.name, {.mode = S_IFREG | 0644}));
    case FileVerb::kUnlink:
      return told(volume.unlink(action.directory, action.name));
    case FileVerb::kRename:
      return told(volume.rename(action.directory, action.name, action.other_directory,
                                action.other_name, action.flags));
    case FileVerb::kMakeCollection:
      return told(volume.set_collection(action.directory, kOtherCollection, false));
    case FileVerb::kRemoveCollection:
      return told(volume.remove_collection(action.directory));
    case FileVerb::kRelease: {
      const auto value = volume.get_vector(action.held);
      volume.release(action.held);
      return told(value);
    }
    case FileVerb::kSetClock:
      return told(volume.set_clock(action.nanoseconds));
    case FileVerb::kSync:
      return told(volume.sync());
    default:
      return act_on_file(volume, action);
  }
}

posix::Ino FileTraffic::some_directory() {
  return directories_[below(static_cast<std::uint32_t>(directories_.size()))];
}

std::string FileTraffic::some_name() { return std::string(1, static_cast<char>('p' + below(8))); }

std::vector<std::byte> FileTraffic::some_row() {
  const std::uint32_t choice = below(20);
  if (choice == 0) return std::vector<std::byte>(below(9));
  if (choice > 4 && parameters_.type == hnsw::ElementType::kF32) {
    std::vector<float> row(parameters_.dim);
    for (float& element : row) element = static_cast<float>(below(9)) - 4;
    const auto bytes = std::as_bytes(std::span(row));
    return {bytes.begin(), bytes.end()};
  }
  std::vector<std::byte> row(choice > 4 ? parameters_.row_bytes() : kOtherRow);
  for (std::byte& element : row) element = static_cast<std::byte>(random_());
  return row;
}

FileAction FileTraffic::next() {
  using enum FileVerb;
  static constexpr std::array kVerbs = {
      kMake,         kMake,      kMake,      kMake,      kUnlink,    kUnlink,    kRename,
      kRename,       kRename,    kRename,    kLink,      kLink,      kSetVector, kSetVector,
      kSetVector,    kSetVector, kSetVector, kSetVector, kGetVector, kGetVector, kRemoveVector,
      kRemoveVector, kHold,      kRelease,   kSetClock,  kSync};
  static constexpr std::array<unsigned, 5> kRenameFlags = {0, 0, 0, RENAME_NOREPLACE,
                                                           RENAME_EXCHANGE};
  FileAction action{.verb = kVerbs[below(kVerbs.size())],
                    .directory = some_directory(),
                    .name = some_name(),
                    .other_directory = some_directory(),
                    .other_name = some_name(),
                    .bytes = {}};
  if (below(60) == 0) {
    action.verb = below(2) == 0 ? kMakeCollection : kRemoveCollection;
    action.directory = directories_.back();
  }
  if (action.verb == kRename) action.flags = kRenameFlags[below(kRenameFlags.size())];
  if (action.verb == kSetVector) {
    action.bytes = some_row();
    action.flags = below(5) != 0 ? 0 : below(2) == 0 ? XATTR_CREATE : XATTR_REPLACE;
  }
  if (action.verb == kSetClock) action.nanoseconds = static_cast<std::int64_t>(random_() >> 2);
  if (action.verb == kRelease) {
    if (held_.empty()) {
      action.verb = kSync;
    } else {
      action.held = held_.back();
      held_.pop_back();
    }
  }
  return action;
}

void FileTraffic::saw(const FileAction& action, const std::string& answer) {
  if (action.verb != FileVerb::kHold || answer.find_first_not_of("0123456789") != answer.npos)
    return;
  held_.push_back(std::stoull(answer));
}

}  // namespace vexfs::parity
