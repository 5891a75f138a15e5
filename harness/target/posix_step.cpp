// SPDX-License-Identifier: MIT
#include "harness/target/posix_step.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

namespace vexfs::parity {
namespace {

Outcome outcome_of(const posix::Result<void>& result) {
  return result ? Outcome{} : Outcome::failure(result.error());
}

// The major and minor number in the kernel's new_encode_dev() form.
std::uint32_t encode_device(std::uint32_t major, std::uint32_t minor) {
  return (minor & 0xff) | (major << 8) | ((minor & ~0xffu) << 12);
}

std::uint64_t decode_device(std::uint32_t rdev) {
  const std::uint32_t major = (rdev >> 8) & 0xfff;
  const std::uint32_t minor = (rdev & 0xff) | ((rdev >> 12) & 0xfff00);
  return device_number(major, minor);
}

Timestamp timestamp_of(const posix::Timestamp& time) { return {time.sec, time.nsec}; }

Outcome stat_outcome(const posix::Result<posix::Attr>& attr) {
  if (!attr) return Outcome::failure(attr.error());
  StatFields stat;
  stat.ino = attr->ino;
  stat.mode = attr->mode;
  stat.nlink = attr->nlink;
  stat.uid = attr->uid;
  stat.gid = attr->gid;
  stat.rdev = decode_device(attr->rdev);
  stat.size = static_cast<std::int64_t>(attr->size);
  stat.blocks = attr->blocks * 8;
  stat.atime = timestamp_of(attr->atime);
  stat.mtime = timestamp_of(attr->mtime);
  stat.ctime = timestamp_of(attr->ctime);
  Outcome outcome;
  outcome.stat = stat;
  return outcome;
}

Outcome names_outcome(const posix::Result<std::vector<posix::DirEntry>>& entries) {
  if (!entries) return Outcome::failure(entries.error());
  Outcome outcome;
  outcome.names.emplace();
  for (const posix::DirEntry& entry : *entries) {
    outcome.names->push_back(
        {entry.name, entry.ino, entry.type, static_cast<std::int64_t>(entry.next)});
  }
  return outcome;
}

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

posix::TimeSpec time_spec(const TimeChange& change) {
  switch (change.kind) {
    case TimeChange::Kind::kNow:
      return {posix::TimeSpec::Kind::kNow, 0, 0};
    case TimeChange::Kind::kOmit:
      return {posix::TimeSpec::Kind::kOmit, 0, 0};
    case TimeChange::Kind::kSet:
      break;
  }
  return {posix::TimeSpec::Kind::kSet, change.sec, change.nsec};
}

posix::OpenFlags open_flags(const OpenFlags& flags) {
  posix::OpenFlags to;
  to.read = flags.access() != OpenFlags::kWriteOnly;
  to.write = flags.access() != OpenFlags::kReadOnly;
  to.create = flags.has(OpenFlags::kCreate);
  to.exclusive = flags.has(OpenFlags::kExclusive);
  to.truncate = flags.has(OpenFlags::kTruncate);
  to.append = flags.has(OpenFlags::kAppend);
  to.directory = flags.has(OpenFlags::kDirectory);
  to.no_follow = flags.has(OpenFlags::kNoFollow);
  return to;
}

Outcome execute(posix::Process& process, const posix::Credentials& who, const Mkdir& o) {
  return outcome_of(process.mkdir(who, o.path.bytes, o.mode.bits));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Rmdir& o) {
  return outcome_of(process.rmdir(who, o.path.bytes));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Mknod& o) {
  return outcome_of(process.mknod(who, o.path.bytes, node_type_bits(o.type) | o.mode.bits,
                                  encode_device(o.major, o.minor)));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Open& o) {
  return outcome_of(process.open(who, o.handle, o.path.bytes, open_flags(o.flags), o.mode.bits));
}
Outcome execute(posix::Process& process, const posix::Credentials&, const Close& o) {
  return outcome_of(process.close(o.handle));
}
Outcome execute(posix::Process& process, const posix::Credentials&, const Read& o) {
  const auto bytes = process.read(o.handle, o.offset, std::min(o.length, kMaxDataBytes));
  if (!bytes) return Outcome::failure(bytes.error());
  Outcome outcome;
  outcome.value = static_cast<std::int64_t>(bytes->size());
  outcome.data = digest_of(text_of(*bytes));
  return outcome;
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Write& o) {
  const std::string data = expand(o.data);
  const auto written = process.write(who, o.handle, o.offset, std::as_bytes(std::span(data)));
  if (!written) return Outcome::failure(written.error());
  Outcome outcome;
  outcome.value = static_cast<std::int64_t>(*written);
  return outcome;
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Truncate& o) {
  return outcome_of(process.truncate(who, o.path.bytes, o.size));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Ftruncate& o) {
  return outcome_of(process.ftruncate(who, o.handle, o.size));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Unlink& o) {
  return outcome_of(process.unlink(who, o.path.bytes));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Link& o) {
  return outcome_of(process.link(who, o.from.bytes, o.to.bytes));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Symlink& o) {
  return outcome_of(process.symlink(who, o.target.bytes, o.path.bytes));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Readlink& o) {
  const auto text = process.readlink(who, o.path.bytes);
  if (!text) return Outcome::failure(text.error());
  Outcome outcome;
  outcome.text = *text;
  return outcome;
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Rename& o) {
  return outcome_of(process.rename(who, o.from.bytes, o.to.bytes, o.flags.bits));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Chmod& o) {
  return outcome_of(process.chmod(who, o.path.bytes, o.mode.bits));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Chown& o) {
  return outcome_of(process.chown(who, o.path.bytes, o.uid, o.gid, o.follow));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Utimens& o) {
  return outcome_of(
      process.utimens(who, o.path.bytes, time_spec(o.atime), time_spec(o.mtime), o.follow));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Stat& o) {
  return stat_outcome(process.stat(who, o.path.bytes, o.follow));
}
Outcome execute(posix::Process& process, const posix::Credentials&, const Fstat& o) {
  return stat_outcome(process.fstat(o.handle));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Statfs& o) {
  const auto space = process.statfs(who, o.path.bytes);
  if (!space) return Outcome::failure(space.error());
  Outcome outcome;
  outcome.statfs = StatfsFields{4096,
                                space->blocks,
                                space->free_blocks,
                                space->free_blocks,
                                space->inodes,
                                space->free_inodes,
                                255};
  return outcome;
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Readdir& o) {
  return names_outcome(process.readdir(who, o.path.bytes));
}
Outcome execute(posix::Process& process, const posix::Credentials&, const ReaddirPiece& o) {
  return names_outcome(process.readdir_piece(o.handle, o.count, o.rewind));
}
Outcome execute(posix::Process& process, const posix::Credentials&, const Fsync& o) {
  return outcome_of(process.fsync(o.handle));
}
Outcome execute(posix::Process& process, const posix::Credentials&, const Fdatasync& o) {
  return outcome_of(process.fsync(o.handle));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Control& o) {
  return outcome_of(process.control(who, o.line));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Setxattr& o) {
  return outcome_of(
      process.setxattr(who, o.path.bytes, o.name, o.value, static_cast<int>(o.flags.bits)));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const VectorAttach& o) {
  return execute(process, who, setxattr_of(o));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Getxattr& o) {
  const auto value = process.getxattr(who, o.path.bytes, o.name);
  if (!value) return Outcome::failure(value.error());
  Outcome outcome;
  outcome.text = *value;
  return outcome;
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Removexattr& o) {
  return outcome_of(process.removexattr(who, o.path.bytes, o.name));
}
Outcome execute(posix::Process& process, const posix::Credentials& who, const Listxattr& o) {
  const auto names = process.listxattr(who, o.path.bytes);
  if (!names) return Outcome::failure(names.error());
  Outcome outcome;
  outcome.text.emplace();
  for (const std::string& name : *names) *outcome.text += name + "\n";
  return outcome;
}

}  // namespace

template <VectorOperation Operation>
Outcome PosixSession::request(const Operation& operation) {
  const auto request = requests_.request_of(operation);
  if (!request) return Outcome::failure(ENODATA);
  const auto reply = process_.door(who_, request->path, std::as_bytes(std::span(request->bytes)));
  if (!reply) return Outcome::failure(reply.error());
  requests_.replied(request->path, request->bytes, text_of(*reply));
  return reply_outcome(text_of(*reply));
}

template <class Operation>
Outcome PosixSession::run(const Operation& operation) {
  if constexpr (std::is_same_v<Operation, Events>) {
    const auto stream = process_.events(who_, events_position_);
    if (!stream) return Outcome::failure(stream.error());
    events_position_ += stream->size();
    Outcome outcome;
    outcome.value = static_cast<std::int64_t>(stream->size());
    outcome.data = digest_of(text_of(*stream));
    if (stream->size() <= kMostCarriedBytes) outcome.bytes = std::string(text_of(*stream));
    return outcome;
  } else if constexpr (std::is_same_v<Operation, FailWrites> ||
                       std::is_same_v<Operation, Remount> || std::is_same_v<Operation, Crash> ||
                       std::is_same_v<Operation, Compare>) {
    throw std::logic_error("a step of the device or volume has no business in a session");
  } else if constexpr (VectorOperation<Operation>) {
    return request(operation);
  } else {
    return parity::execute(process_, who_, operation);
  }
}

Outcome PosixSession::execute(const Step& step) {
  who_ = {};
  if (step.as) who_ = {step.as->uid, step.as->gid, step.as->groups};
  return std::visit([this](const auto& operation) { return run(operation); }, step.operation);
}

}  // namespace vexfs::parity
