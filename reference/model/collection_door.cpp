// SPDX-License-Identifier: MIT
#include "reference/model/collection_door.h"

#include <cerrno>

#include "reference/model/collection_change.h"
#include "reference/model/collection_compact.h"
#include "reference/model/collection_load.h"
#include "reference/model/event.h"
#include "reference/model/unit.h"
#include "reference/vector/reply.h"

namespace vexfs::model {
namespace {

using vectors::Message;

// Executes a request of the update door.
class Update {
 public:
  Update(Mounted& volume, Collection& collection) : volume_(volume), collection_(collection) {}

  Message operator()(const vectors::PutRequest& request) {
    return for_each(request.ids, [&](std::size_t i) {
      return put_vector(volume_, collection_, request.ids[i], request.rows[i]);
    });
  }

  Message operator()(const vectors::DeleteRequest& request) {
    return for_each(request.ids, [&](std::size_t i) {
      return delete_vector(volume_, collection_, request.ids[i]);
    });
  }

  Message operator()(const vectors::EventRequest& request) {
    vexfs_sequence_reply reply{};
    const auto done = run_unit(volume_, [&]() -> Result<void> {
      reply.sequence = volume_.state.next_event;
      Event(request.type, collection_.directory, 0)
          .text(request.text)
          .cause(request.cause)
          .emit(volume_, current_unit(volume_));
      return {};
    });
    if (!done) {
      status_ = done.error();
      return {};
    }
    return message(reply);
  }

  // The collection is another one afterwards: nothing may be asked of this one.
  Message operator()(const vectors::CompactRequest&) {
    const Result<std::uint64_t> sequence = compact(volume_, collection_);
    if (sequence) return message(vexfs_sequence_reply{*sequence});
    status_ = sequence.error();
    return {};
  }

  int status() const { return status_; }

 private:
  template <typename One>
  Message for_each(const std::vector<std::uint64_t>& ids, One one) {
    vexfs_update_reply reply{};
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const Result<bool> changed = one(i);
      if (!changed) {
        status_ = changed.error();
        break;
      }
      ++reply.done;
      reply.changed += *changed ? 1 : 0;
    }
    reply.sequence = collection_.graph.state().sequence;
    return message(reply);
  }

  template <typename T>
  static Message message(const T& value) {
    const auto bytes = bytes_of(value);
    return {bytes.begin(), bytes.end()};
  }

  Mounted& volume_;
  Collection& collection_;
  int status_ = 0;
};

Message execute_update(Mounted& volume, Collection& collection,
                       std::span<const std::byte> request) {
  const auto parsed = vectors::parse_update(collection.graph.parameters(), request);
  if (!parsed) return vectors::make_reply(request, parsed.error());
  Update update(volume, collection);
  const Message body = std::visit(update, *parsed);
  return vectors::make_reply(request, {.status = update.status()}, body);
}

}  // namespace

Result<std::vector<std::byte>> execute_request(Mounted& volume, Ino graph, posix::Door which,
                                               std::span<const std::byte> request) {
  const auto collection = use_collection(volume, graph);
  if (!collection && collection.error() != EUCLEAN) return std::unexpected(collection.error());
  if (!collection) return vectors::make_reply(request, {.status = EUCLEAN});
  if (which == posix::Door::kQuery) return vectors::answer_query((*collection)->graph, request);
  return execute_update(volume, **collection, request);
}

}  // namespace vexfs::model
