// SPDX-License-Identifier: MIT
#include "fuse/daemon/requests.h"

#include <linux/fuse.h>

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fuse/daemon/handshake.h"

namespace vexfs::daemon {
namespace {

// A request as it stands in the reader's buffer.
template <typename Body>
struct Request {
  fuse_in_header header{};
  Body body{};

  explicit Request(uint32_t opcode, uint64_t unique = 1) {
    header.len = sizeof(*this);
    header.opcode = opcode;
    header.unique = unique;
  }
  std::span<std::byte> bytes() { return std::as_writable_bytes(std::span(this, 1)); }
};

TEST(ClearSetId, OfAWriteTravelsInTheOpenFlags) {
  Request<fuse_write_in> write(FUSE_WRITE);
  write.body.flags = 2;
  write.body.write_flags = FUSE_WRITE_KILL_SUIDGID;
  carry_clear_set_id(write.bytes());
  EXPECT_EQ(write.body.flags, 2U | kClearSetIdFlag);
}

TEST(ClearSetId, OfAWriteByRootStaysUnset) {
  Request<fuse_write_in> write(FUSE_WRITE);
  write.body.write_flags = FUSE_WRITE_CACHE;
  carry_clear_set_id(write.bytes());
  EXPECT_EQ(write.body.flags, 0U);
}

TEST(ClearSetId, OfOpenAndCreateTravelsLikewise) {
  Request<fuse_open_in> open(FUSE_OPEN);
  open.body.open_flags = FUSE_OPEN_KILL_SUIDGID;
  carry_clear_set_id(open.bytes());
  EXPECT_EQ(open.body.flags, static_cast<uint32_t>(kClearSetIdFlag));

  Request<fuse_create_in> create(FUSE_CREATE);
  create.body.open_flags = FUSE_OPEN_KILL_SUIDGID;
  carry_clear_set_id(create.bytes());
  EXPECT_EQ(create.body.flags, static_cast<uint32_t>(kClearSetIdFlag));
}

TEST(RequestCounters, NameWhatArrived) {
  RequestCounters counters;
  Request<fuse_open_in> open(FUSE_OPEN);
  Request<fuse_getattr_in> getattr(FUSE_GETATTR);
  counters.count(open.bytes());
  counters.count(getattr.bytes());
  counters.count(getattr.bytes());
  EXPECT_EQ(counters.text(), "requests.getattr 2\nrequests.open 1\n");
}

// The reply that libfuse makes to INIT, as it passes to the kernel.
struct InitReply {
  fuse_out_header header{};
  fuse_init_out body{};
  std::array<iovec, 2> parts{{{&header, sizeof(header)}, {&body, sizeof(body)}}};

  explicit InitReply(uint64_t unique) {
    header.unique = unique;
    body.flags = FUSE_HANDLE_KILLPRIV | FUSE_BIG_WRITES;
  }
};

TEST(Handshake, AsksForTheCapabilityThatLibfuseDoesNotKnow) {
  Request<fuse_init_in> init(FUSE_INIT, 7);
  init.body.flags = FUSE_HANDLE_KILLPRIV_V2;
  Handshake handshake;
  handshake.see_request(init.bytes());

  InitReply other(8);
  handshake.complete_reply(other.parts);
  EXPECT_EQ(other.body.flags & FUSE_HANDLE_KILLPRIV_V2, 0U) << "not the reply to INIT";

  InitReply reply(7);
  handshake.complete_reply(reply.parts);
  EXPECT_EQ(reply.body.flags, FUSE_HANDLE_KILLPRIV_V2 | FUSE_BIG_WRITES);
}

TEST(Handshake, AsksForNothingThatTheKernelDoesNotOffer) {
  Request<fuse_init_in> init(FUSE_INIT, 7);
  Handshake handshake;
  handshake.see_request(init.bytes());
  InitReply reply(7);
  handshake.complete_reply(reply.parts);
  EXPECT_EQ(reply.body.flags & FUSE_HANDLE_KILLPRIV_V2, 0U);
}

}  // namespace
}  // namespace vexfs::daemon
