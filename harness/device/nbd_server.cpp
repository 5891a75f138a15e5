// SPDX-License-Identifier: MIT
#include "harness/device/nbd_server.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>

#include "harness/device/nbd_connection.h"
#include "harness/device/reply_queue.h"
#include "harness/device/unique_fd.h"

namespace vexfs::parity::device {
namespace {

using Clock = std::chrono::steady_clock;

std::expected<UniqueFd, InfraError> listen_on(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof(address.sun_path)) {
    return infra_error("NBD socket path is longer than a unix socket allows (107): " + text);
  }
  text.copy(address.sun_path, text.size());
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return last_system_error("create a socket for", text);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return last_system_error("bind the NBD socket", text);
  }
  if (::listen(fd.get(), 16) != 0) return last_system_error("listen on the NBD socket", text);
  return fd;
}

}  // namespace

class NbdServer::Implementation {
 public:
  Implementation(ServerOptions options, UniqueFd listener, UniqueFd wakeup, Volume volume)
      : options(std::move(options)),
        export_size(volume.size()),
        listener_(std::move(listener)),
        wakeup_(std::move(wakeup)),
        volume_(std::move(volume)),
        thread_([this] { run(); }) {}

  ~Implementation() {
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
    }
    wake();
    thread_.join();
  }

  // Runs `use` with the volume while no request is in flight.
  template <typename Use>
  std::expected<void, InfraError> at_rest(std::chrono::milliseconds patience, Use use) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [this] { return quiet(); })) {
      return infra_error(
          "NBD device " + options.socket.string() + ": requests are still in flight after " +
          std::to_string(patience.count()) + " ms; unmount the filesystem or kill the guest first");
    }
    use();
    return {};
  }

  bool wait_for_no_clients(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [this] { return clients_.empty(); });
  }

  void wake() const {
    const std::uint64_t one = 1;
    // Fails only if the counter is full, and then the thread is awake already.
    [[maybe_unused]] const ssize_t put = ::write(wakeup_.get(), &one, sizeof(one));
  }

  const ServerOptions options;
  const std::uint64_t export_size;

 private:
  friend class NbdServer;

  void run();
  std::vector<pollfd> wait_for_events();
  void accept_clients();
  bool receive_from(const std::vector<pollfd>& ready);
  void serve(std::uint64_t client, const NbdRequest& incoming);
  int apply(const Request& request, std::vector<std::byte>& data);
  int apply_fault(const Request& request, const Fault& fault, std::vector<std::byte>& data);
  void send_due_replies();
  void drop_closed_clients();
  bool quiet() const;
  std::chrono::microseconds draw_hold();

  mutable std::mutex mutex_;  // guards all below
  mutable std::condition_variable changed_;
  bool stopping_ = false;
  UniqueFd listener_;
  UniqueFd wakeup_;
  Volume volume_;
  std::map<std::uint64_t, NbdConnection> clients_;
  std::uint64_t next_client_ = 1;
  ReplyQueue replies_;
  FaultHook fault_hook_;
  std::unique_ptr<Recorder> recorder_;
  std::chrono::microseconds max_hold_{0};
  std::mt19937_64 random_;
  std::array<std::uint64_t, 5> served_{};
  std::thread thread_;  // last: it uses the others
};

void NbdServer::Implementation::run() {
  while (true) {
    const std::vector<pollfd> ready = wait_for_events();
    const std::scoped_lock lock(mutex_);
    if (stopping_) return;
    accept_clients();
    // Replies leave only when the sockets are idle: a filesystem that forgets to wait must get the
    // chance to show it.
    if (!receive_from(ready)) send_due_replies();
    for (auto& [id, client] : clients_) client.send();
    drop_closed_clients();
    changed_.notify_all();
  }
}

std::vector<pollfd> NbdServer::Implementation::wait_for_events() {
  std::vector<pollfd> wanted;
  std::optional<Clock::time_point> due;
  {
    const std::scoped_lock lock(mutex_);
    wanted.push_back({wakeup_.get(), POLLIN, 0});
    wanted.push_back({listener_.get(), POLLIN, 0});
    for (const auto& [id, client] : clients_) {
      const short events = static_cast<short>(POLLIN | (client.has_output() ? POLLOUT : 0));
      wanted.push_back({client.fd(), events, 0});
    }
    due = replies_.next_due();
  }
  timespec timeout{};
  if (due) {
    const auto left = std::max(Clock::duration::zero(), *due - Clock::now());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    timeout.tv_sec = seconds.count();
    timeout.tv_nsec = std::chrono::nanoseconds(left - seconds).count();
  }
  ::ppoll(wanted.data(), wanted.size(), due ? &timeout : nullptr, nullptr);
  if (wanted[0].revents != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(wakeup_.get(), &count, sizeof(count));
  }
  return wanted;
}

void NbdServer::Implementation::accept_clients() {
  while (true) {
    UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) return;
    clients_.try_emplace(next_client_++, std::move(socket), export_size, options.export_name);
  }
}

// Returns whether any client had something to say.
bool NbdServer::Implementation::receive_from(const std::vector<pollfd>& ready) {
  bool received = false;
  for (auto& [id, client] : clients_) {
    for (const pollfd& entry : ready) {
      if (entry.fd != client.fd() || (entry.revents & (POLLIN | POLLHUP | POLLERR)) == 0) continue;
      received = true;
      client.receive([this, id = id](const NbdRequest& incoming) { serve(id, incoming); });
    }
  }
  return received;
}

void NbdServer::Implementation::serve(std::uint64_t client, const NbdRequest& incoming) {
  const Request& request = incoming.request;
  PendingReply reply{.due = Clock::now(),
                     .client = client,
                     .cookie = incoming.cookie,
                     .error = incoming.refusal,
                     .data = {},
                     .recorded = std::nullopt};
  if (incoming.refusal == 0) {
    ++served_[static_cast<std::size_t>(request.kind)];
    if (recorder_) reply.recorded = recorder_->submit(request);
    const auto fault = fault_hook_ ? fault_hook_(request) : std::nullopt;
    reply.error = fault && fault->error != 0 ? apply_fault(request, *fault, reply.data)
                                             : apply(request, reply.data);
    if (fault) reply.due += fault->delay;
    if (recorder_) reply.due += draw_hold();
  }
  replies_.add(std::move(reply));
}

int NbdServer::Implementation::apply(const Request& request, std::vector<std::byte>& data) {
  switch (request.kind) {
    case RequestKind::kRead:
      data.resize(request.length);
      volume_.read(request.offset, data);
      break;
    case RequestKind::kWrite:
      volume_.write(request.offset, request.data);
      break;
    case RequestKind::kTrim:
    case RequestKind::kWriteZeroes:
      volume_.zero(request.offset, request.length);
      break;
    case RequestKind::kFlush:
      break;  // What has arrived is in the volume: nothing is ever behind it.
  }
  return 0;
}

int NbdServer::Implementation::apply_fault(const Request& request, const Fault& fault,
                                           std::vector<std::byte>& data) {
  if (request.kind == RequestKind::kWrite && fault.applied_bytes > 0) {
    Request torn = request;
    torn.length = std::min(request.length, fault.applied_bytes);
    torn.data = request.data.first(torn.length);
    apply(torn, data);
  }
  return fault.error;
}

void NbdServer::Implementation::send_due_replies() {
  while (auto reply = replies_.take_due(Clock::now())) {
    if (reply->recorded && recorder_) recorder_->complete(*reply->recorded, reply->error);
    const auto client = clients_.find(reply->client);
    if (client != clients_.end()) client->second.reply(reply->cookie, reply->error, reply->data);
  }
}

void NbdServer::Implementation::drop_closed_clients() {
  for (auto client = clients_.begin(); client != clients_.end();) {
    if (client->second.closed()) {
      replies_.drop_client(client->first);
      client = clients_.erase(client);
    } else {
      ++client;
    }
  }
}

bool NbdServer::Implementation::quiet() const {
  if (replies_.next_due()) return false;
  for (const auto& [id, client] : clients_) {
    if (client.has_output() || client.has_input()) return false;
  }
  return true;
}

std::chrono::microseconds NbdServer::Implementation::draw_hold() {
  const auto range = static_cast<std::uint64_t>(max_hold_.count()) + 1;
  return std::chrono::microseconds(random_() % range);
}

NbdServer::NbdServer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

NbdServer::~NbdServer() {
  std::error_code ignored;
  std::filesystem::remove(implementation_->options.socket, ignored);
}

std::expected<std::unique_ptr<NbdServer>, InfraError> NbdServer::start(const ServerOptions& options,
                                                                       Volume volume) {
  auto listener = listen_on(options.socket);
  if (!listener) return std::unexpected(listener.error());
  UniqueFd wakeup(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wakeup) return last_system_error("create an eventfd for", options.socket.string());
  return std::unique_ptr<NbdServer>(new NbdServer(std::make_unique<Implementation>(
      options, std::move(*listener), std::move(wakeup), std::move(volume))));
}

const std::filesystem::path& NbdServer::socket() const { return implementation_->options.socket; }

std::uint64_t NbdServer::export_size() const { return implementation_->export_size; }

std::expected<void, InfraError> NbdServer::set_volume(Volume volume,
                                                      std::chrono::milliseconds patience) {
  if (volume.size() != export_size()) {
    return infra_error("NBD device " + socket().string() + ": a volume of " +
                       std::to_string(volume.size()) + " bytes does not fit the export of " +
                       std::to_string(export_size()) + "; give every volume of a guest one size");
  }
  return implementation_->at_rest(patience, [&] { implementation_->volume_ = std::move(volume); });
}

std::expected<Volume, InfraError> NbdServer::volume(std::chrono::milliseconds patience) const {
  Volume copy;
  const auto done = implementation_->at_rest(patience, [&] { copy = implementation_->volume_; });
  if (!done) return std::unexpected(done.error());
  return copy;
}

std::expected<Volume, InfraError> NbdServer::take_volume(std::chrono::milliseconds patience) {
  Volume taken(export_size());
  const auto done =
      implementation_->at_rest(patience, [&] { std::swap(taken, implementation_->volume_); });
  if (!done) return std::unexpected(done.error());
  return taken;
}

std::expected<void, InfraError> NbdServer::wait_for_disconnect(
    std::chrono::milliseconds patience) const {
  if (implementation_->wait_for_no_clients(patience)) return {};
  return infra_error("NBD device " + socket().string() + ": a client is still connected after " +
                     std::to_string(patience.count()) + " ms; kill its QEMU first");
}

void NbdServer::set_fault_hook(FaultHook hook) {
  const std::scoped_lock lock(implementation_->mutex_);
  implementation_->fault_hook_ = std::move(hook);
}

std::expected<void, InfraError> NbdServer::start_recording(const RecordOptions& options) {
  return implementation_->at_rest(std::chrono::seconds(2), [&] {
    implementation_->recorder_ = std::make_unique<Recorder>(implementation_->volume_);
    implementation_->random_.seed(options.seed);
    implementation_->max_hold_ = options.max_hold;
  });
}

std::uint64_t NbdServer::mark(std::string text) {
  const std::scoped_lock lock(implementation_->mutex_);
  return implementation_->recorder_ ? implementation_->recorder_->mark(std::move(text)) : 0;
}

std::expected<Recording, InfraError> NbdServer::stop_recording() {
  const std::scoped_lock lock(implementation_->mutex_);
  if (!implementation_->recorder_) {
    return infra_error("NBD device " + socket().string() +
                       ": nothing is being recorded; call start_recording first");
  }
  Recording recording = implementation_->recorder_->recording();
  implementation_->recorder_.reset();
  implementation_->replies_.forget_recording();
  return recording;
}

std::uint64_t NbdServer::served(RequestKind kind) const {
  const std::scoped_lock lock(implementation_->mutex_);
  return implementation_->served_[static_cast<std::size_t>(kind)];
}

std::size_t NbdServer::clients() const {
  const std::scoped_lock lock(implementation_->mutex_);
  return implementation_->clients_.size();
}

}  // namespace vexfs::parity::device
