// SPDX-License-Identifier: MIT
#include "harness/guest/files.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "harness/device/unique_fd.h"
#include "harness/guest/frame.h"
#include "harness/guest/reply.h"

namespace vexfs::parity::guest {

std::string bytes_of(const nlohmann::json& value) {
  if (!value.is_binary()) return value.get<std::string>();
  const auto& bytes = value.get_binary();
  return std::string(bytes.begin(), bytes.end());
}

nlohmann::json byte_string(const std::string& bytes) {
  return nlohmann::json::binary(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
}

nlohmann::json read_file(const nlohmann::json& request) {
  const auto path = request.at("path").get<std::string>();
  const auto offset = request.value("offset", std::uint64_t{0});
  // Room is left for the rest of the reply.
  const auto limit =
      std::min<std::uint64_t>(request.value("length", ~std::uint64_t{0}), kMaxFrameBytes - 4096);
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return failure(errno, "open " + path);
  std::string data;
  std::string piece(256 * 1024, '\0');
  while (data.size() < limit) {
    const std::size_t want = std::min<std::uint64_t>(piece.size(), limit - data.size());
    ssize_t got = ::pread(fd.get(), piece.data(), want, static_cast<off_t>(offset + data.size()));
    // Files that cannot seek, as some in /proc and the doors, are read from their beginning.
    if (got < 0 && errno == ESPIPE && offset == 0) got = ::read(fd.get(), piece.data(), want);
    if (got < 0) return failure(errno, "read " + path);
    if (got == 0) break;
    data.append(piece.data(), static_cast<std::size_t>(got));
  }
  auto reply = success();
  reply["data"] = byte_string(data);
  return reply;
}

nlohmann::json write_file(const nlohmann::json& request) {
  const auto path = request.at("path").get<std::string>();
  const auto data = bytes_of(request.at("data"));
  const auto mode = request.value("mode", 0644u);
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!fd) return failure(errno, "create " + path);
  for (std::size_t done = 0; done < data.size();) {
    const ssize_t put = ::write(fd.get(), data.data() + done, data.size() - done);
    if (put < 0) return failure(errno, "write " + path);
    done += static_cast<std::size_t>(put);
  }
  return success();
}

}  // namespace vexfs::parity::guest
