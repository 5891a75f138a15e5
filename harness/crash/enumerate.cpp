// SPDX-License-Identifier: MIT
#include "harness/crash/enumerate.h"

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <utility>

namespace vexfs::parity::crash {
namespace {

using device::RecordedRequest;
using device::RequestKind;

Survivor whole(std::size_t request) {
  return {.request = request, .whole = true, .pieces = {}, .garbage = {}};
}

Survivor torn(std::size_t request, SectorRange piece) {
  return {.request = request, .whole = false, .pieces = {piece}, .garbage = {}};
}

// Up to `most` of the numbers 1 to end - 1, spread evenly.
std::vector<std::uint64_t> cuts_below(std::uint64_t end, std::uint64_t most) {
  std::vector<std::uint64_t> cuts;
  const std::uint64_t all = end > 0 ? end - 1 : 0;
  const std::uint64_t count = std::min(all, most);
  for (std::uint64_t n = 0; n < count; ++n) cuts.push_back(1 + n * all / count);
  return cuts;
}

// Up to `most` of the numbers below `end`, spread evenly, the last one among them.
std::vector<std::size_t> spread(std::size_t end, std::size_t most) {
  std::vector<std::size_t> chosen;
  const std::size_t count = std::min(end, most);
  for (std::size_t n = 1; n <= count; ++n) chosen.push_back(n * end / count - 1);
  return chosen;
}

// `later` goes on top of `earlier` unless told otherwise; neither comes before the other, and they
// share a sector in which both may show.
struct Pair {
  std::size_t earlier;
  std::size_t later;
};

class Enumeration {
 public:
  Enumeration(const Floor& floor, const Bounds& bounds)
      : floor_(floor),
        bounds_(bounds),
        undecided_(floor.undecided()),
        random_(bounds.seed ^ (floor.states().crash() * 0x9e3779b97f4a7c15U)) {}

  std::vector<WriteSet> all() {
    prefixes();
    if (few()) {
      if (bounds_.worst >= Severity::kDrop) subsets();
      if (bounds_.worst >= Severity::kTorn) tear_each(bounds_.cuts);
    } else {
      if (bounds_.worst >= Severity::kDrop) missing_and_alone();
      if (bounds_.worst >= Severity::kTorn) tear_last();
      if (bounds_.worst >= Severity::kDrop) samples();
    }
    if (bounds_.worst >= Severity::kGarbage) garbage();
    return std::move(sets_);
  }

 private:
  bool few() const { return undecided_.size() <= bounds_.exhaustive; }
  // The places of the undecided requests, or of some of them if they are many.
  std::vector<std::size_t> in_turn() const {
    return spread(undecided_.size(), few() ? undecided_.size() : bounds_.each);
  }
  SectorRange range(std::size_t request) const {
    return sectors_of(floor_.states().recording().requests[request]);
  }
  void add(std::vector<Survivor> survivors) {
    sets_.push_back({floor_.states().crash(), std::move(survivors)});
  }
  std::vector<Survivor> first(std::size_t count) const;
  std::vector<Survivor> all_but(std::size_t position) const;
  bool share_a_sector(std::size_t one, std::size_t other) const;
  void find_pairs();
  void add_in_other_orders(const std::vector<Survivor>& survivors);

  void prefixes();
  void subsets();
  void missing_and_alone();
  void tear_each(std::size_t cuts);
  void tear_last();
  void samples();
  void garbage();
  void add_with_and_without_others(std::size_t position, const Survivor& survivor);
  Survivor sampled(std::size_t request);
  std::size_t below(std::size_t end) { return random_() % end; }

  const Floor& floor_;
  const Bounds& bounds_;
  std::vector<std::size_t> undecided_;
  std::vector<Pair> pairs_;
  std::mt19937_64 random_;
  std::vector<WriteSet> sets_;
};

std::vector<Survivor> Enumeration::first(std::size_t count) const {
  std::vector<Survivor> survivors;
  for (std::size_t n = 0; n < count; ++n) survivors.push_back(whole(undecided_[n]));
  return survivors;
}

std::vector<Survivor> Enumeration::all_but(std::size_t position) const {
  std::vector<Survivor> survivors = first(undecided_.size());
  survivors.erase(survivors.begin() + static_cast<std::ptrdiff_t>(position));
  return survivors;
}

bool Enumeration::share_a_sector(std::size_t one, std::size_t other) const {
  const SectorRange a = range(one);
  const SectorRange b = range(other);
  const std::uint64_t end = std::min(a.end(), b.end());
  for (std::uint64_t s = std::max(a.first, b.first); s < end; ++s) {
    if (floor_.legal(one, s) && floor_.legal(other, s)) return true;
  }
  return false;
}

void Enumeration::find_pairs() {
  for (const std::size_t earlier : undecided_) {
    for (std::size_t later = earlier + 1; later < floor_.states().arrived(); ++later) {
      if (floor_.states().before(earlier, later)) break;  // so are all behind it
      if (share_a_sector(earlier, later)) pairs_.push_back({earlier, later});
    }
  }
}

// The other order of each pair. A durable request that is not among the survivors lies below them;
// its other place is right above the earlier one.
void Enumeration::add_in_other_orders(const std::vector<Survivor>& survivors) {
  const auto place = [&](std::size_t request) {
    return std::ranges::find(survivors, request, &Survivor::request);
  };
  for (const Pair& pair : pairs_) {
    const auto earlier = place(pair.earlier);
    if (earlier == survivors.end()) continue;
    const auto later = place(pair.later);
    std::vector<Survivor> other;
    if (later == survivors.end()) {
      if (!floor_.states().durable(pair.later)) continue;
      other.assign(survivors.begin(), earlier + 1);
      other.push_back(whole(pair.later));
      other.insert(other.end(), earlier + 1, survivors.end());
    } else {
      other.assign(survivors.begin(), earlier);
      other.insert(other.end(), earlier + 1, later + 1);
      other.push_back(*earlier);
      other.insert(other.end(), later + 1, survivors.end());
    }
    add(std::move(other));
  }
}

void Enumeration::prefixes() {
  add({});
  for (const std::size_t n : in_turn()) add(first(n + 1));
}

void Enumeration::subsets() {
  find_pairs();
  for (std::size_t mask = 0; mask < std::size_t{1} << undecided_.size(); ++mask) {
    std::vector<Survivor> survivors;
    for (std::size_t n = 0; n < undecided_.size(); ++n) {
      if ((mask >> n & 1) != 0) survivors.push_back(whole(undecided_[n]));
    }
    add_in_other_orders(survivors);
    const bool prefix = (mask & (mask + 1)) == 0;
    if (!prefix) add(std::move(survivors));
  }
}

void Enumeration::missing_and_alone() {
  for (const std::size_t n : in_turn()) add(all_but(n));
  for (const std::size_t n : in_turn()) add({whole(undecided_[n])});
}

void Enumeration::add_with_and_without_others(std::size_t position, const Survivor& survivor) {
  add({survivor});
  std::vector<Survivor> survivors = first(undecided_.size());
  survivors[position] = survivor;
  if (survivors.size() > 1) add(std::move(survivors));
}

void Enumeration::tear_each(std::size_t cuts) {
  for (std::size_t n = 0; n < undecided_.size(); ++n) {
    const std::uint64_t count = range(undecided_[n]).count;
    for (const std::uint64_t cut : cuts_below(count, cuts)) {
      add_with_and_without_others(n, torn(undecided_[n], {0, cut}));
      add_with_and_without_others(n, torn(undecided_[n], {cut, count - cut}));
    }
  }
}

void Enumeration::tear_last() {
  const std::size_t cuts = std::min<std::size_t>(bounds_.cuts, 7);
  for (const std::size_t n : in_turn()) {
    for (const std::uint64_t cut : cuts_below(range(undecided_[n]).count, cuts)) {
      std::vector<Survivor> survivors = first(n);
      survivors.push_back(torn(undecided_[n], {0, cut}));
      add(std::move(survivors));
    }
  }
}

Survivor Enumeration::sampled(std::size_t request) {
  const std::uint64_t count = range(request).count;
  if (bounds_.worst < Severity::kTorn || count < 2 || below(4) != 0) return whole(request);
  const std::uint64_t cut = 1 + below(count - 1);
  return below(2) == 0 ? torn(request, {0, cut}) : torn(request, {cut, count - cut});
}

// Few, half or most of the requests, sometimes with one pair of neighbours exchanged: which changes
// something only where they are concurrent and overlap.
void Enumeration::samples() {
  for (std::size_t n = 0; n < bounds_.samples; ++n) {
    const std::size_t eighths = std::array<std::size_t, 3>{1, 4, 7}[below(3)];
    std::vector<Survivor> survivors;
    for (const std::size_t request : undecided_) {
      if (below(8) < eighths) survivors.push_back(sampled(request));
    }
    if (survivors.size() > 1 && below(4) == 0) {
      const std::size_t at = below(survivors.size() - 1);
      const auto& states = floor_.states();
      if (!states.before(survivors[at].request, survivors[at + 1].request)) {
        std::swap(survivors[at], survivors[at + 1]);
      }
    }
    add(std::move(survivors));
  }
}

void Enumeration::garbage() {
  const auto allowed = [&](std::uint64_t sector) {
    return std::ranges::any_of(bounds_.garbage,
                               [&](const SectorRange& range) { return range.contains(sector); });
  };
  for (std::size_t n = 0; n < undecided_.size(); ++n) {
    const SectorRange all = range(undecided_[n]);
    std::vector<std::uint64_t> places = cuts_below(all.count, bounds_.cuts);
    places.insert(places.begin(), 0);
    for (const std::uint64_t at : places) {
      if (!allowed(all.first + at) || !floor_.legal(undecided_[n], all.first + at)) continue;
      Survivor survivor{.request = undecided_[n], .whole = false, .pieces = {}, .garbage = {at}};
      if (at > 0) survivor.pieces.push_back({0, at});
      add_with_and_without_others(n, survivor);
    }
  }
}

bool makes_durable(const RecordedRequest& request) {
  return request.completed != 0 && request.error == 0 &&
         (request.kind == RequestKind::kFlush || request.fua);
}

}  // namespace

const char* name_of(Severity severity) {
  switch (severity) {
    case Severity::kPrefix:
      return "prefix";
    case Severity::kDrop:
      return "drop";
    case Severity::kTorn:
      return "torn";
    case Severity::kGarbage:
      return "garbage";
  }
  return "unknown";
}

std::vector<std::uint64_t> crash_points(const device::Recording& recording) {
  std::vector<std::uint64_t> points{recording.end};
  for (const RecordedRequest& request : recording.requests) {
    if (sectors_of(request).count > 0) points.push_back(request.submitted + 1);
    if (makes_durable(request)) points.push_back(request.completed + 1);
  }
  for (const device::RecordedMark& mark : recording.marks) points.push_back(mark.number + 1);
  std::ranges::sort(points);
  points.erase(std::ranges::unique(points).begin(), points.end());
  return points;
}

std::vector<WriteSet> write_sets(const Floor& floor, const Bounds& bounds) {
  return Enumeration(floor, bounds).all();
}

Severity severity_of(const Floor& floor, const WriteSet& set) {
  const auto& survivors = set.survivors;
  const auto has_garbage = [](const Survivor& it) { return !it.garbage.empty(); };
  if (std::ranges::any_of(survivors, has_garbage)) return Severity::kGarbage;
  const auto is_torn = [](const Survivor& it) { return !it.whole; };
  if (std::ranges::any_of(survivors, is_torn)) return Severity::kTorn;
  const std::vector<std::size_t> undecided = floor.undecided();
  const bool prefix = survivors.size() <= undecided.size() &&
                      std::ranges::equal(survivors, std::span(undecided).first(survivors.size()),
                                         {}, &Survivor::request);
  return prefix ? Severity::kPrefix : Severity::kDrop;
}

}  // namespace vexfs::parity::crash
