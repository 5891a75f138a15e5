// SPDX-License-Identifier: MIT
#include "harness/bench/guest_figures.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace vexfs::parity {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

// What the project promises for a two-core machine without KVM.
double boot_target(const std::string& family) { return family == "6.1" ? 3.0 : 4.0; }
constexpr double kForkTarget = 0.3;
constexpr double kNoticeTarget = 2.0;

std::string explain(const vm::GuestError& error) {
  return error.death ? describe(*error.death) : error.message;
}

std::expected<std::unique_ptr<vm::Guest>, std::string> boot(const GuestFigureOptions& options) {
  vm::GuestOptions guest;
  guest.image = options.image;
  guest.accelerator = options.accelerator;
  guest.work_dir = options.work_dir;
  guest.volume_size = 1 << 20;
  guest.reuse_state = false;  // a spared boot takes no time
  auto booted = vm::Guest::boot(guest);
  if (!booted) return std::unexpected("a guest does not boot: " + explain(booted.error()));
  return std::move(*booted);
}

std::expected<double, std::string> restart_seconds(vm::Guest& guest) {
  if (const auto cut = guest.cut_power(); !cut) return std::unexpected(cut.error().message);
  if (const auto fresh = guest.restart(); !fresh) return std::unexpected(explain(fresh.error()));
  return Seconds(guest.restart_time()).count();
}

std::expected<double, std::string> echo_microseconds(vm::Guest& guest) {
  const auto start = Clock::now();
  const auto reply = guest.must({{"kind", "echo"}, {"data", "0123456789abcdef"}});
  if (!reply) return std::unexpected(explain(reply.error()));
  return Seconds(Clock::now() - start).count() * 1e6;
}

// `measure` as often as asked; the median.
template <typename Measure>
std::expected<double, std::string> median_of(unsigned times, Measure measure) {
  std::vector<double> values;
  for (unsigned i = 0; i < times; ++i) {
    const std::expected<double, std::string> value = measure();
    if (!value) return std::unexpected(value.error());
    values.push_back(*value);
  }
  return median(std::move(values));
}

}  // namespace

std::expected<std::vector<Figure>, std::string> measure_guest(const GuestFigureOptions& options) {
  const std::string& family = options.image.family;
  std::unique_ptr<vm::Guest> guest;
  const auto boots = median_of(options.boots, [&]() -> std::expected<double, std::string> {
    guest.reset();  // one at a time in its folder
    auto booted = boot(options);
    if (!booted) return std::unexpected(booted.error());
    guest = std::move(*booted);
    return Seconds(guest->boot_time()).count();
  });
  if (!boots) return std::unexpected(boots.error());
  const auto forks = median_of(options.boots, [&] { return restart_seconds(*guest); });
  if (!forks) return std::unexpected(forks.error());
  const auto echoes = median_of(options.echoes, [&] { return echo_microseconds(*guest); });
  if (!echoes) return std::unexpected(echoes.error());
  return std::vector<Figure>{
      {"guest ready, Linux " + family, *boots, "s", boot_target(family), false,
       fmt::format("median of {} boots", options.boots)},
      {"fork from the saved state, Linux " + family, *forks, "s", kForkTarget, false,
       fmt::format("median of {}", options.boots)},
      {"console echo, Linux " + family,
       *echoes,
       "us",
       {},
       false,
       fmt::format("median of {} round trips", options.echoes)},
  };
}

std::expected<Figure, std::string> measure_busy_host(const BusyHostOptions& options) {
  auto guest = boot(options.guest);
  if (!guest) return std::unexpected(guest.error());
  std::vector<std::unique_ptr<vm::Process>> loops;
  for (unsigned i = 0; i < options.loops; ++i) {
    auto loop = vm::Process::start(
        {.argv = {"sh", "-c", "while :; do :; done"}, .passed = {}, .output = "/dev/null"});
    if (!loop) return std::unexpected(loop.error().message);
    loops.push_back(std::move(*loop));
  }
  unsigned deaths = 0;
  std::uint64_t answers = 0;
  Seconds longest{0};
  const auto end = Clock::now() + options.time;
  while (Clock::now() < end) {
    const auto start = Clock::now();
    const auto reply = (*guest)->call({{"kind", "dmesg"}});
    longest = std::max<Seconds>(longest, Clock::now() - start);
    ++answers;
    if (reply) continue;
    ++deaths;
    if (const auto fresh = (*guest)->restart(); !fresh) {
      return std::unexpected(explain(fresh.error()));
    }
  }
  return Figure{fmt::format("declared dead, Linux {}", options.guest.image.family),
                static_cast<double>(deaths),
                "times",
                0,
                false,
                fmt::format("{} busy loops for {} s; {} answers, the slowest after {:.2f} s",
                            options.loops, options.time.count(), answers, longest.count())};
}

std::expected<std::vector<Figure>, std::string> measure_deaths(const GuestFigureOptions& options) {
  auto guest = boot(options);
  if (!guest) return std::unexpected(guest.error());
  std::vector<Figure> figures;
  for (const char* how : {"panic", "exit"}) {
    const auto start = Clock::now();
    const auto reply = (*guest)->call({{"kind", "crash"}, {"how", how}});
    const Seconds took = Clock::now() - start;
    if (reply || !reply.error().death) {
      return std::unexpected(fmt::format("a guest told to die by {} is not known to be dead", how));
    }
    figures.push_back({fmt::format("{} noticed, Linux {}", how, options.image.family), took.count(),
                       "s", kNoticeTarget, false, "from the order to die on"});
    if (const auto fresh = (*guest)->restart(); !fresh) {
      return std::unexpected(explain(fresh.error()));
    }
  }
  return figures;
}

}  // namespace vexfs::parity
