// SPDX-License-Identifier: MIT
// The volume's lock: many readers or one writer, and a waiting writer goes first.
#pragma once

#include <pthread.h>

namespace vexfs::core {

/** Like std::shared_mutex, which on glibc lets readers starve a writer. */
class VolumeLock {
 public:
  VolumeLock() {
    pthread_rwlockattr_t attributes;
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&lock_, &attributes);
    pthread_rwlockattr_destroy(&attributes);
  }
  ~VolumeLock() { pthread_rwlock_destroy(&lock_); }
  VolumeLock(const VolumeLock&) = delete;
  VolumeLock& operator=(const VolumeLock&) = delete;

  void lock() { pthread_rwlock_wrlock(&lock_); }
  void unlock() { pthread_rwlock_unlock(&lock_); }
  void lock_shared() { pthread_rwlock_rdlock(&lock_); }
  void unlock_shared() { pthread_rwlock_unlock(&lock_); }

 private:
  pthread_rwlock_t lock_;
};

}  // namespace vexfs::core
