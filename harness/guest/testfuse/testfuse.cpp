// SPDX-License-Identifier: MIT
// Stands in for vexfs-fuse in test guests: an empty folder as a filesystem, on the same command
// line: <device> <dir> -f [-o WORD]. WORD "refuse" ends it before the mount with EINVAL, "fail"
// ends it with 5 after the unmount, as a daemon does whose last flush failed.
#define FUSE_USE_VERSION 35
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include <fuse_lowlevel.h>

namespace {

struct stat root_status() {
  struct stat status{};
  status.st_ino = FUSE_ROOT_ID;
  status.st_mode = S_IFDIR | 0755;
  status.st_nlink = 2;
  return status;
}

void get_attributes(fuse_req_t request, fuse_ino_t, fuse_file_info*) {
  const auto status = root_status();
  fuse_reply_attr(request, &status, 1.0);
}

void look_up(fuse_req_t request, fuse_ino_t, const char*) { fuse_reply_err(request, ENOENT); }

int say(const char* text, int exit_code) {
  std::fprintf(stderr, "testfuse: %s\n", text);
  return exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string word = argc >= 6 ? argv[5] : "";
  if (argc < 4) return say("usage: testfuse DEVICE DIR -f [-o WORD]", EINVAL);
  if (word == "refuse") return say("refused as asked", EINVAL);
  fuse_lowlevel_ops operations{};
  operations.getattr = get_attributes;
  operations.lookup = look_up;
  fuse_args arguments = FUSE_ARGS_INIT(1, argv);
  fuse_session* session = fuse_session_new(&arguments, &operations, sizeof(operations), nullptr);
  if (session == nullptr || fuse_session_mount(session, argv[2]) != 0) {
    return say("cannot mount", EIO);
  }
  fuse_session_loop(session);
  fuse_session_unmount(session);
  fuse_session_destroy(session);
  return word == "fail" ? say("the last flush failed", 5) : 0;
}
