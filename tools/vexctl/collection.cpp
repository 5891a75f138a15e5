// SPDX-License-Identifier: MIT
#include "tools/vexctl/collection.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>

#include "tools/vexctl/file_names.h"

namespace vexfs::ctl {
namespace {

Failure door_failure(const std::string& path, int error) {
  Failure failure = system_failure("opening " + path, error);
  if (error == EROFS) failure.message += ": doors need a volume that is mounted writable";
  if (error == EACCES) failure.message += ": searching needs read, changing write permission";
  return failure;
}

Result<void> write_all(int fd, const Bytes& bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t put = ::write(fd, bytes.data() + at, bytes.size() - at);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return std::unexpected(system_failure("handing over a request", errno));
    at += static_cast<std::size_t>(put);
  }
  return {};
}

// The length that the reply's header tells, once it is there.
std::size_t told_length(const Bytes& bytes) {
  vexfs_reply header{};
  if (bytes.size() < sizeof header) return SIZE_MAX;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header.length;
}

// Not until the end of the file: after a compaction the door answers nothing but this reply.
Result<Bytes> read_reply(int fd) {
  constexpr std::size_t kChunk = 1U << 20;
  Bytes bytes;
  while (bytes.size() < told_length(bytes)) {
    const auto at = bytes.size();
    bytes.resize(at + kChunk);
    const ssize_t got = ::read(fd, bytes.data() + at, kChunk);
    bytes.resize(at + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(system_failure("waiting for a reply", errno));
    if (got == 0) break;
  }
  return bytes;
}

}  // namespace

Result<Collection> Collection::open(const std::string& directory) {
  auto parameters = read_parameters(directory);
  if (!parameters) return std::unexpected(parameters.error());
  return Collection(directory, *parameters);
}

Result<Reply> Collection::exchange(UniqueFd& door, const char* name, const Bytes& request) {
  const std::string path = directory_ + "/.vexfs/" + name;
  if (!door) {
    door.reset(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!door) return std::unexpected(door_failure(path, errno));
  }
  auto named = [&](const Failure& failure) {
    return std::unexpected(Failure{path + ": " + failure.message});
  };
  if (auto written = write_all(door.get(), request); !written) return named(written.error());
  auto bytes = read_reply(door.get());
  if (!bytes) return named(bytes.error());
  auto reply = parse_reply(request, *bytes);
  if (!reply) return named(reply.error());
  return reply;
}

// What people can do about it depends on the errno; what is wrong in a request on its place.
Failure Collection::refusal(const Reply& reply, const std::string& what) const {
  const int error = static_cast<int>(reply.status);
  Failure failure = system_failure(fmt::format("{}: {}", directory_, what), error);
  if (error == EINVAL) {
    failure.message += fmt::format("; byte {} of the request is wrong, in its row or id number {}",
                                   reply.field, reply.index);
    if (parameters_.metric == "cosine") failure.message += " (a row of zeros has no direction)";
  } else if (error == ENOSPC) {
    failure.message += "; make room and try again";
  } else if (error == EUCLEAN) {
    failure.message += "; the collection is damaged: unmount the volume and run fsck.vexfs";
  }
  return failure;
}

Result<vexfs_count_reply> Collection::count() {
  auto reply = query(count_request());
  if (!reply) return std::unexpected(reply.error());
  if (reply->status != 0) return std::unexpected(refusal(*reply, "counting"));
  return parse_count(reply->body);
}

Result<Listed> Collection::list(std::uint32_t cursor, std::uint32_t max) {
  auto reply = query(list_request(cursor, max));
  if (!reply) return std::unexpected(reply.error());
  if (reply->status != 0) return std::unexpected(refusal(*reply, "listing ids"));
  return parse_listed(reply->body);
}

Result<std::vector<Got>> Collection::get(std::span<const std::uint64_t> ids) {
  std::vector<Got> all;
  const std::size_t batch = gets_that_fit(parameters_.row_bytes());
  while (!ids.empty()) {
    const auto part = ids.first(std::min(batch, ids.size()));
    ids = ids.subspan(part.size());
    auto reply = query(get_request(part));
    if (!reply) return std::unexpected(reply.error());
    if (reply->status != 0) return std::unexpected(refusal(*reply, "getting vectors"));
    auto got = parse_got(reply->body);
    if (!got) return got;
    std::ranges::move(*got, std::back_inserter(all));
  }
  return all;
}

Result<std::uint32_t> Collection::remove(std::span<const std::uint64_t> ids) {
  std::uint32_t removed = 0;
  const std::size_t batch = puts_that_fit(0);
  while (!ids.empty()) {
    const auto part = ids.first(std::min(batch, ids.size()));
    ids = ids.subspan(part.size());
    auto reply = update(delete_request(part));
    if (!reply) return std::unexpected(reply.error());
    if (reply->status != 0) return std::unexpected(refusal(*reply, "deleting vectors"));
    const auto done = parse_update(reply->body);
    if (!done) return std::unexpected(done.error());
    removed += done->changed;
  }
  return removed;
}

Result<Collection::Stored> Collection::put(std::span<const std::uint64_t> ids, const Bytes& rows) {
  if (const auto taken = std::ranges::find_if(ids, is_file_id); taken != ids.end()) {
    return std::unexpected(Failure{
        fmt::format("{}: the id {} is that of a file's vector (ids of others are below 2^63): "
                    "attach it to the file, or give another id",
                    directory_, *taken)});
  }
  auto reply = update(put_request(ids, rows));
  if (!reply) return std::unexpected(reply.error());
  Stored stored;
  if (reply->status != 0) stored.failure = refusal(*reply, "putting vectors");
  if (reply->status != 0 && reply->body.empty()) return std::unexpected(stored.failure);
  const auto done = parse_update(reply->body);
  if (!done) return std::unexpected(done.error());
  stored.done = done->done;
  stored.replaced = done->changed;
  return stored;
}

Result<void> Collection::compact() {
  auto reply = update(compact_request());
  query_.reset();
  update_.reset();
  if (!reply) return std::unexpected(reply.error());
  if (reply->status == 0) return {};
  Failure failure = refusal(*reply, "compacting");
  if (reply->status == EOPNOTSUPP) failure.message = directory_ + ": this VexFS cannot compact";
  return std::unexpected(failure);
}

Result<Found> Collection::search(const SearchOptions& options, const Bytes& rows) {
  const std::uint32_t row_bytes = parameters_.row_bytes();
  Token token;
  for (;;) {
    auto reply = query(search_request(options, rows, row_bytes, token));
    if (!reply) return std::unexpected(reply.error());
    if (reply->status == ESTALE && token.visits != 0) {
      return std::unexpected(
          Failure{fmt::format("{}: the collection changed between two parts of the search: search "
                              "again, or without --max-visits",
                              directory_)});
    }
    if (reply->status != 0) return std::unexpected(refusal(*reply, "searching"));
    auto found = parse_found(reply->body);
    if (!found || !found->truncated) return found;
    token = found->token;
  }
}

}  // namespace vexfs::ctl
