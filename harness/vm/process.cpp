// SPDX-License-Identifier: MIT
#include "harness/vm/process.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

namespace vexfs::parity::vm {
namespace {

constexpr int kFirstPassedFd = 3;
// Above every number that the child's descriptors get, so that placing one cannot close another.
constexpr int kLowestKeptFd = 64;

// Runs between vfork() and exec(): only calls that are safe there. Returns the failing errno.
int become(char* const* argv, const std::vector<int>& passed, int output) {
  // The signal is tied to the thread that forked, which is the supervisor: it lives as long as
  // this child or the harness, whichever ends first.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null = ::open("/dev/null", O_RDONLY);
  if (null < 0 || ::dup2(null, STDIN_FILENO) < 0) return errno;
  if (::dup2(output, STDOUT_FILENO) < 0 || ::dup2(output, STDERR_FILENO) < 0) return errno;
  for (std::size_t i = 0; i < passed.size(); ++i) {
    if (::dup2(passed[i], kFirstPassedFd + static_cast<int>(i)) < 0) return errno;
  }
  ::execvp(argv[0], argv);
  return errno;
}

// The second field of each thread's schedstat: nanoseconds spent waiting on a run queue.
std::chrono::nanoseconds waited_on_run_queues(pid_t pid) {
  std::chrono::nanoseconds total{0};
  std::error_code error;
  const auto tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
    long long computed = 0;
    long long waited = 0;
    if (std::ifstream(task.path() / "schedstat") >> computed >> waited) {
      total += std::chrono::nanoseconds(waited);
    }
  }
  return total;
}

}  // namespace

std::expected<std::unique_ptr<Process>, InfraError> Process::start(ProcessOptions options) {
  const std::string program = options.argv.empty() ? "" : options.argv[0];
  std::unique_ptr<Process> process(new Process(std::move(options)));
  process->supervisor_ = std::thread([self = process.get()] { self->supervise(); });
  std::unique_lock lock(process->mutex_);
  process->changed_.wait(lock, [&] { return process->started_; });
  if (process->start_error_ != 0) {
    errno = process->start_error_;
    lock.unlock();
    return last_system_error("start program", program);
  }
  return process;
}

Process::~Process() {
  kill();
  if (supervisor_.joinable()) supervisor_.join();
}

void Process::supervise() {
  std::vector<char*> argv;
  for (std::string& argument : options_.argv) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::vector<int> passed;
  std::vector<UniqueFd> kept;
  for (const UniqueFd& fd : options_.passed) {
    kept.emplace_back(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kLowestKeptFd));
    passed.push_back(kept.back().get());
  }
  UniqueFd output(::open(options_.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  int failed_errno = output ? 0 : errno;
  pid_t pid = -1;
  if (failed_errno == 0) {
    // The parent thread sleeps and shares its memory until exec, so the child can tell it why it
    // failed by writing to a variable.
    volatile int child_errno = 0;
    pid = ::vfork();
    if (pid == 0) {
      child_errno = become(argv.data(), passed, output.get());
      ::_exit(127);
    }
    failed_errno = pid < 0 ? errno : child_errno;
  }
  {
    const std::scoped_lock lock(mutex_);
    pid_ = pid;
    start_error_ = failed_errno;
    if (pid > 0) pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    options_.passed.clear();
    started_ = true;
    if (failed_errno != 0) status_ = 127 << 8;
    changed_.notify_all();
  }
  if (pid <= 0) return;
  // WNOWAIT: the id must stay ours until everybody who might signal it knows of the end.
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT) != 0 &&
         errno == EINTR) {
  }
  const std::scoped_lock lock(mutex_);
  int status = 0;
  ::waitpid(pid, &status, 0);
  status_ = status;
  changed_.notify_all();
}

std::optional<int> Process::exit_status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

void Process::kill() {
  std::unique_lock lock(mutex_);
  if (!status_ && pid_ > 0) ::kill(pid_, SIGKILL);
  changed_.wait(lock, [this] { return status_.has_value(); });
}

bool Process::wait(std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return status_.has_value(); });
}

ProcessTimes Process::times() const {
  const std::scoped_lock lock(mutex_);
  if (status_) return last_times_;
  clockid_t clock{};
  timespec computed{};
  if (::clock_getcpuclockid(pid_, &clock) == 0 && ::clock_gettime(clock, &computed) == 0) {
    last_times_.computed =
        std::chrono::seconds(computed.tv_sec) + std::chrono::nanoseconds(computed.tv_nsec);
  }
  last_times_.waited = std::max(last_times_.waited, waited_on_run_queues(pid_));
  return last_times_;
}

}  // namespace vexfs::parity::vm
