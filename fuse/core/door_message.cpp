// SPDX-License-Identifier: MIT
#include "fuse/core/door_message.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fuse/core/crc32c.h"
#include "fuse/hnsw/row.h"

namespace vexfs::core {

namespace {

constexpr uint32_t kBody = sizeof(vexfs_request);
constexpr uint32_t kListMax = 1'000'000;

using Checked = std::expected<void, DoorFault>;

std::unexpected<DoorFault> refuse(size_t field, uint32_t status = EINVAL, uint32_t index = 0) {
  return std::unexpected(DoorFault{status, static_cast<uint32_t>(field), index});
}

constexpr size_t round_up(size_t size, size_t to) { return (size + to - 1) / to * to; }

class Reader {
 public:
  Reader(Door door, std::span<const std::byte> bytes, const hnsw::Parameters& parameters,
         uint64_t sequence)
      : door_(door), bytes_(bytes), parameters_(parameters), sequence_(sequence) {}

  std::expected<DoorRequest, DoorFault> read() {
    if (auto checked = read_header(); !checked) return std::unexpected(checked.error());
    if (auto checked = read_body(); !checked) return std::unexpected(checked.error());
    return std::move(request_);
  }

 private:
  template <typename T>
  T at(size_t offset) const {
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }

  Checked read_header() {
    if (bytes_.size() < kBody) return refuse(offsetof(vexfs_request, length));
    const auto header = at<vexfs_request>(0);
    if (header.magic != VEXFS_REQUEST_MAGIC) return refuse(offsetof(vexfs_request, magic));
    if (header.version != VEXFS_DOOR_VERSION) return refuse(offsetof(vexfs_request, version));
    if (header.length != bytes_.size()) return refuse(offsetof(vexfs_request, length));
    if (auto known = check_opcode(header.opcode); !known) return known;
    const bool searches = header.opcode == VEXFS_OP_SEARCH || header.opcode == VEXFS_OP_RESUME;
    if ((header.flags & ~(searches ? VEXFS_SEARCH_EXACT : 0U)) != 0) {
      return refuse(offsetof(vexfs_request, flags));
    }
    if (header.reserved != 0) return refuse(offsetof(vexfs_request, reserved));
    request_.opcode = header.opcode;
    request_.tag = header.tag;
    request_.exact = header.flags != 0;
    return {};
  }

  Checked check_opcode(uint16_t opcode) const {
    constexpr size_t kField = offsetof(vexfs_request, opcode);
    if (door_ == Door::kQuery) {
      if (opcode < VEXFS_OP_SEARCH || opcode > VEXFS_OP_COUNT) return refuse(kField);
      return {};
    }
    if (opcode < VEXFS_OP_PUT || opcode > VEXFS_OP_COMPACT) return refuse(kField);
    return {};
  }

  Checked read_body() {
    switch (request_.opcode) {
      case VEXFS_OP_SEARCH:
      case VEXFS_OP_RESUME:
        return read_search();
      case VEXFS_OP_LIST:
        return read_list();
      case VEXFS_OP_EVENT:
        return read_event();
      case VEXFS_OP_COUNT:
      case VEXFS_OP_COMPACT:
        return check_length(0);
      default:
        return read_ids_request();
    }
  }

  /** The fixed part of the body, if it is there. */
  template <typename T>
  std::expected<T, DoorFault> fixed() const {
    if (bytes_.size() < kBody + sizeof(T)) return refuse(offsetof(vexfs_request, length));
    return at<T>(kBody);
  }

  Checked check_length(uint64_t body) const {
    if (bytes_.size() != kBody + body) return refuse(offsetof(vexfs_request, length));
    return {};
  }

  Checked read_search() {
    const auto search = fixed<vexfs_search>();
    if (!search) return std::unexpected(search.error());
    request_.search = *search;
    if (auto checked = check_search(*search); !checked) return checked;
    const uint64_t rows = uint64_t{search->queries} * parameters_.row_bytes();
    const uint64_t filter = sizeof *search + round_up(rows, 8);
    if (auto checked = check_length(filter + uint64_t{search->filter} * 8); !checked) {
      return checked;
    }
    if (auto checked = check_token(*search); !checked) return checked;
    read_ids(kBody + filter, search->filter);
    return read_rows(kBody + sizeof *search, search->queries);
  }

  Checked check_search(const vexfs_search& search) const {
    const auto fault_of = [](size_t field) { return refuse(kBody + field); };
    const uint64_t reply = sizeof(vexfs_reply) + sizeof(vexfs_search_reply) +
                           uint64_t{search.queries} *
                               (sizeof(vexfs_answers) + sizeof(vexfs_answer) * uint64_t{search.k});
    if (search.k < 1 || search.k > VEXFS_K_MAX || reply > VEXFS_MESSAGE_MAX) {
      return fault_of(offsetof(vexfs_search, k));
    }
    if (search.ef < 1 || search.ef > VEXFS_EF_MAX) return fault_of(offsetof(vexfs_search, ef));
    if (search.queries < 1) return fault_of(offsetof(vexfs_search, queries));
    if (request_.opcode == VEXFS_OP_SEARCH) {
      if (search.visits != 0) return fault_of(offsetof(vexfs_search, visits));
      if (search.sequence != 0) return fault_of(offsetof(vexfs_search, sequence));
      if (search.crc != 0) return fault_of(offsetof(vexfs_search, crc));
    }
    if (search.reserved != 0) return fault_of(offsetof(vexfs_search, reserved));
    return {};
  }

  /** What a token carries is bound to: the body without the token and without the limit. */
  Checked check_token(const vexfs_search& search) {
    vexfs_search bound = search;
    bound.max_visits = bound.visits = bound.crc = 0;
    bound.sequence = 0;
    uint32_t crc = crc32c_update(~0U, std::as_bytes(std::span(&bound, 1)));
    crc = ~crc32c_update(crc, bytes_.subspan(kBody + sizeof bound));
    request_.token_crc = crc;
    if (request_.opcode == VEXFS_OP_SEARCH) return {};
    if (search.crc != crc) return refuse(kBody + offsetof(vexfs_search, crc));
    if (search.sequence != sequence_) {
      return refuse(kBody + offsetof(vexfs_search, sequence), ESTALE);
    }
    return {};
  }

  Checked read_list() {
    const auto list = fixed<vexfs_list>();
    if (!list) return std::unexpected(list.error());
    if (list->max < 1 || list->max > kListMax) return refuse(kBody + offsetof(vexfs_list, max));
    request_.list = *list;
    return check_length(sizeof *list);
  }

  Checked read_event() {
    const auto event = fixed<vexfs_custom_event>();
    if (!event) return std::unexpected(event.error());
    if (event->type < VEXFS_EV_AGENT_FIRST || event->type > VEXFS_EV_AGENT_LAST) {
      return refuse(kBody + offsetof(vexfs_custom_event, type));
    }
    if (event->text > VEXFS_EVENT_TEXT_MAX) {
      return refuse(kBody + offsetof(vexfs_custom_event, text));
    }
    if (event->reserved != 0) return refuse(kBody + offsetof(vexfs_custom_event, reserved));
    request_.event = *event;
    if (auto checked = check_length(sizeof *event + event->text); !checked) return checked;
    request_.text = bytes_.subspan(kBody + sizeof *event);
    return {};
  }

  /** get, put, delete. */
  Checked read_ids_request() {
    const auto ids = fixed<vexfs_ids>();
    if (!ids) return std::unexpected(ids.error());
    const uint64_t got = sizeof(vexfs_got) + round_up(parameters_.row_bytes(), 8);
    const uint64_t reply = sizeof(vexfs_reply) + sizeof(vexfs_get_reply) + ids->count * got;
    if (ids->count < 1 || (request_.opcode == VEXFS_OP_GET && reply > VEXFS_MESSAGE_MAX)) {
      return refuse(kBody + offsetof(vexfs_ids, count));
    }
    if (ids->reserved != 0) return refuse(kBody + offsetof(vexfs_ids, reserved));
    const bool put = request_.opcode == VEXFS_OP_PUT;
    const uint64_t rows = sizeof *ids + uint64_t{ids->count} * 8;
    if (auto checked = check_length(rows + (put ? ids->count * parameters_.row_bytes() : 0));
        !checked) {
      return checked;
    }
    read_ids(kBody + sizeof *ids, ids->count);
    if (!put) return {};
    const auto reserved =
        std::ranges::find_if(request_.ids, [](uint64_t id) { return (id & VEXFS_ID_FILE) != 0; });
    if (reserved != request_.ids.end()) {
      const auto index = static_cast<uint32_t>(reserved - request_.ids.begin());
      return refuse(kBody + sizeof *ids + uint64_t{index} * 8, EINVAL, index);
    }
    return read_rows(kBody + rows, ids->count);
  }

  void read_ids(size_t offset, uint32_t count) {
    request_.ids.resize(count);
    if (count > 0) std::memcpy(request_.ids.data(), bytes_.data() + offset, size_t{count} * 8);
  }

  Checked read_rows(size_t offset, uint32_t count) {
    const size_t stride = parameters_.stride();
    request_.rows.resize(count * stride);
    for (uint32_t i = 0; i < count; ++i, offset += parameters_.row_bytes()) {
      const auto stored =
          hnsw::store_row(parameters_, bytes_.subspan(offset, parameters_.row_bytes()),
                          std::span(request_.rows).subspan(i * stride, stride));
      if (!stored) return refuse(offset + stored.error().byte, EINVAL, i);
    }
    return {};
  }

  Door door_;
  std::span<const std::byte> bytes_;
  const hnsw::Parameters& parameters_;
  uint64_t sequence_;
  DoorRequest request_;
};

}  // namespace

std::expected<DoorRequest, DoorFault> read_request(Door door, std::span<const std::byte> bytes,
                                                   const hnsw::Parameters& parameters,
                                                   uint64_t sequence) {
  return Reader(door, bytes, parameters, sequence).read();
}

DoorReply::DoorReply(std::span<const std::byte> request) : bytes_(sizeof(vexfs_reply)) {
  vexfs_reply header{};
  header.magic = VEXFS_REPLY_MAGIC;
  header.version = VEXFS_DOOR_VERSION;
  if (request.size() >= sizeof(vexfs_request)) {
    vexfs_request asked;
    std::memcpy(&asked, request.data(), sizeof asked);
    header.opcode = asked.opcode;
    header.tag = asked.tag;
  }
  std::memcpy(bytes_.data(), &header, sizeof header);
}

std::vector<std::byte> DoorReply::finish(const DoorFault& fault) {
  vexfs_reply header;
  std::memcpy(&header, bytes_.data(), sizeof header);
  header.status = fault.status;
  header.field = fault.field;
  header.index = fault.index;
  header.length = static_cast<uint32_t>(bytes_.size());
  std::memcpy(bytes_.data(), &header, sizeof header);
  return std::move(bytes_);
}

}  // namespace vexfs::core
