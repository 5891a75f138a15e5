// SPDX-License-Identifier: MIT
#include "harness/crash/tests/cross_check.h"

#include <array>
#include <atomic>
#include <mutex>
#include <thread>

#include "harness/crash/tests/operational_device.h"

namespace vexfs::parity::crash {
namespace {

using device::RecordedRequest;
using device::RequestKind;

constexpr std::array<Command, 7> kCommands{{{.flush = true, .fua = false, .sectors = 0},
                                            {.flush = false, .fua = false, .sectors = 1},
                                            {.flush = false, .fua = false, .sectors = 2},
                                            {.flush = false, .fua = false, .sectors = 3},
                                            {.flush = false, .fua = true, .sectors = 1},
                                            {.flush = false, .fua = true, .sectors = 2},
                                            {.flush = false, .fua = true, .sectors = 3}}};

std::string in_words(const std::vector<Source>& sources) {
  std::string text = "{";
  for (const Source source : sources) {
    text += source == kBase ? std::string(" base") : " " + std::to_string(source);
  }
  return text + " }";
}

std::vector<Source> sources_of(unsigned media) {
  std::vector<Source> sources;
  if ((media & 1) != 0) sources.push_back(kBase);
  for (unsigned r = 0; r < OperationalDevice::kMostRequests; ++r) {
    if ((media >> (r + 1) & 1) != 0) sources.push_back(r);
  }
  return sources;
}

std::string in_words(const device::Recording& recording) {
  std::string text;
  for (std::size_t i = 0; i < recording.requests.size(); ++i) {
    const RecordedRequest& request = recording.requests[i];
    text += "request " + std::to_string(i) + " " + name_of(request.kind);
    if (request.fua) text += " FUA";
    const SectorRange range = sectors_of(request);
    for (std::uint64_t s = range.first; s < range.end(); ++s) text += " s" + std::to_string(s);
    text += " S=" + std::to_string(request.submitted) + " C=" + std::to_string(request.completed) +
            "; ";
  }
  return text;
}

/// Walks the tree of traces: each of its nodes is a trace, its children have one event more.
class Traces {
 public:
  Traces(unsigned requests, std::span<const Law> laws) : most_(requests), laws_(laws) {
    result_.laws.resize(laws.size());
    recording_.end = 1;
  }

  /// All traces whose first request is `first` and whose second, if there is one, is `second`.
  /// Those without a second are looked at with second == 0.
  CrossCheck below(std::size_t first, std::size_t second) {
    begin_ = {first, second};
    if (allowed(first)) arrive(first, {OperationalDevice(1), OperationalDevice(1)});
    return std::move(result_);
  }

 private:
  using Devices = std::array<OperationalDevice, 2>;

  // Of two traces that differ by the names of the sectors, the one that writes sector 0 alone
  // first.
  bool allowed(std::size_t command) const {
    return kCommands[command].sectors != 2 || single_writes_ > 0;
  }

  void walk(const Devices& devices) {
    const auto& requests = recording_.requests;
    if (requests.size() > 1 || begin_[1] == 0) check(devices);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (requests[i].completed == 0) answer(i, devices);
    }
    if (requests.size() >= most_) return;
    for (std::size_t c = 0; c < kCommands.size(); ++c) {
      if (allowed(c) && (requests.size() != 1 || c == begin_[1])) arrive(c, devices);
    }
  }

  void arrive(std::size_t chosen, Devices devices) {
    const Command& command = kCommands[chosen];
    const auto request = static_cast<unsigned>(recording_.requests.size());
    for (unsigned s = 0; s < 2; ++s) {
      const unsigned here = command.sectors >> s & 1;
      devices[s].arrive(request, {command.flush, command.fua && here != 0, here});
    }
    const bool single = command.sectors == 1 || command.sectors == 2;
    single_writes_ += single ? 1 : 0;
    RecordedRequest recorded;
    recorded.kind = command.flush ? RequestKind::kFlush : RequestKind::kWrite;
    recorded.fua = command.fua;
    recorded.offset = command.sectors == 2 ? kSectorBytes : 0;
    recorded.length = kSectorBytes * (command.sectors == 3 ? 2 : command.flush ? 0 : 1);
    recorded.submitted = recording_.end++;
    recording_.requests.push_back(std::move(recorded));
    walk(devices);
    recording_.requests.pop_back();
    --recording_.end;
    single_writes_ -= single ? 1 : 0;
  }

  void answer(std::size_t request, Devices devices) {
    for (OperationalDevice& device : devices) device.answer(static_cast<unsigned>(request));
    recording_.requests[request].completed = recording_.end++;
    walk(devices);
    recording_.requests[request].completed = 0;
    --recording_.end;
  }

  void check(const Devices& devices) {
    const std::uint64_t count = single_writes_ > 0 ? 2 : 1;
    result_.traces += count;
    const std::array<unsigned, 2> media{devices[0].media(0), devices[1].media(0)};
    for (std::size_t l = 0; l < laws_.size(); ++l) {
      for (std::uint64_t s = 0; s < 2; ++s) {
        const auto said = laws_[l](recording_, recording_.end, s);
        const auto seen = sources_of(media[s]);
        if (said == seen) continue;
        LawResult& law = result_.laws[l];
        law.disagreements += count;
        if (law.first.empty()) {
          law.first = in_words(recording_) + "sector " + std::to_string(s) + ": the law says " +
                      in_words(said) + ", the device may hold " + in_words(seen);
        }
        break;
      }
    }
  }

  unsigned most_;
  std::span<const Law> laws_;
  std::array<std::size_t, 2> begin_{};
  unsigned single_writes_ = 0;
  device::Recording recording_;
  CrossCheck result_;
};

void add(CrossCheck& sum, CrossCheck part) {
  sum.traces += part.traces;
  for (std::size_t l = 0; l < part.laws.size(); ++l) {
    sum.laws[l].disagreements += part.laws[l].disagreements;
    if (sum.laws[l].first.empty()) sum.laws[l].first = std::move(part.laws[l].first);
  }
}

// The same walk with one device of two sectors.
class JointTraces {
 public:
  explicit JointTraces(unsigned requests) : most_(requests) {}

  bool walk(const OperationalDevice& device, unsigned open, std::vector<Command>& asked) {
    ++traces_;
    if (!is_product(device)) return false;
    for (unsigned r = 0; r < asked.size(); ++r) {
      if ((open >> r & 1) == 0) continue;
      OperationalDevice next = device;
      next.answer(r);
      if (!walk(next, open & ~(1U << r), asked)) return false;
    }
    if (asked.size() >= most_) return true;
    for (const Command& command : kCommands) {
      const auto request = static_cast<unsigned>(asked.size());
      OperationalDevice next = device;
      next.arrive(request, command);
      asked.push_back(command);
      if (!walk(next, open | 1U << request, asked)) return false;
      asked.pop_back();
    }
    return true;
  }

  std::uint64_t traces() const { return traces_; }

 private:
  static bool is_product(const OperationalDevice& device) {
    std::uint64_t product = 0;
    for (unsigned a = 0; a < 6; ++a) {
      for (unsigned b = 0; b < 6; ++b) {
        if ((device.media(0) >> a & 1) != 0 && (device.media(1) >> b & 1) != 0) {
          product |= std::uint64_t{1} << (a * 6 + b);
        }
      }
    }
    return product == device.media_of_both();
  }

  unsigned most_;
  std::uint64_t traces_ = 0;
};

}  // namespace

CrossCheck cross_check(unsigned requests, std::span<const Law> laws, unsigned threads) {
  CrossCheck sum;
  sum.laws.resize(laws.size());
  std::mutex mutex;
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t n = next++; n < kCommands.size() * kCommands.size(); n = next++) {
      auto part = Traces(requests, laws).below(n / kCommands.size(), n % kCommands.size());
      const std::scoped_lock lock(mutex);
      add(sum, std::move(part));
    }
  };
  {
    std::vector<std::jthread> team;
    for (unsigned t = 1; t < threads; ++t) team.emplace_back(work);
    work();
  }
  return sum;
}

std::uint64_t joint_states_are_products(unsigned requests) {
  JointTraces traces(requests);
  std::vector<Command> asked;
  return traces.walk(OperationalDevice(2), 0, asked) ? traces.traces() : 0;
}

}  // namespace vexfs::parity::crash
