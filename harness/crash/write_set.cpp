// SPDX-License-Identifier: MIT
#include "harness/crash/write_set.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace vexfs::parity::crash {
namespace {

// A sector or a run of them, as the text has it.
struct Item {
  SectorRange range;
  bool garbage = false;
};

std::vector<Item> items_of(const Survivor& survivor) {
  std::vector<Item> items;
  for (const SectorRange& piece : survivor.pieces) items.push_back({piece, false});
  for (const std::uint64_t sector : survivor.garbage) items.push_back({{sector, 1}, true});
  std::ranges::sort(items, {}, [](const Item& item) { return item.range.first; });
  return items;
}

// Reads the text from the left; the first thing that is wrong ends it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::expected<WriteSet, std::string> parse() {
    WriteSet set{.crash = number(), .survivors = {}};
    expect(':');
    while (fault_.empty() && take(' ')) set.survivors.push_back(survivor());
    if (fault_.empty() && at_ != text_.size()) fail("a space and a request, or the end");
    if (!fault_.empty()) return std::unexpected(fault_);
    return set;
  }

 private:
  Survivor survivor() {
    Survivor survivor{.request = number(), .whole = true, .pieces = {}, .garbage = {}};
    if (!take('[')) return survivor;
    survivor.whole = false;
    std::uint64_t next = 0;  // sectors below are behind us
    do {
      const Item item = sectors();
      if (item.range.first < next && fault_.empty()) fail("ascending sectors");
      next = item.range.end();
      add(item, survivor);
    } while (fault_.empty() && take(','));
    expect(']');
    return survivor;
  }

  Item sectors() {
    Item item{{number(), 1}, false};
    if (take('-')) {
      const std::uint64_t last = number();
      if (last < item.range.first) fail("a last sector that is not below the first");
      item.range.count = last - item.range.first + 1;
    } else {
      item.garbage = take('!');
    }
    return item;
  }

  static void add(const Item& item, Survivor& survivor) {
    if (item.garbage) {
      survivor.garbage.push_back(item.range.first);
    } else if (!survivor.pieces.empty() && survivor.pieces.back().end() == item.range.first) {
      survivor.pieces.back().count += item.range.count;
    } else {
      survivor.pieces.push_back(item.range);
    }
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    const char* from = text_.data() + at_;
    const auto [end, error] = std::from_chars(from, text_.data() + text_.size(), value);
    if (error != std::errc() || value > kLargest) fail("a number");
    at_ += static_cast<std::size_t>(end - from);
    return value;
  }

  bool take(char c) {
    if (!fault_.empty() || at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c) && fault_.empty()) fail(fmt::format("'{}'", c));
  }

  void fail(std::string_view expected) {
    if (fault_.empty()) {
      fault_ = fmt::format("write set \"{}\": expected {} at character {}", text_, expected, at_);
    }
  }

  static constexpr std::uint64_t kLargest = std::uint64_t{1} << 48;

  std::string_view text_;
  std::size_t at_ = 0;
  std::string fault_;
};

}  // namespace

std::string to_text(const WriteSet& set) {
  std::string text = fmt::format("{}:", set.crash);
  for (const Survivor& survivor : set.survivors) {
    text += fmt::format(" {}", survivor.request);
    if (survivor.whole) continue;
    char separator = '[';
    for (const Item& item : items_of(survivor)) {
      text += fmt::format("{}{}", separator, item.range.first);
      if (item.garbage) text += '!';
      if (item.range.count > 1) text += fmt::format("-{}", item.range.end() - 1);
      separator = ',';
    }
    text += ']';
  }
  return text;
}

std::expected<WriteSet, std::string> parse_write_set(std::string_view text) {
  return Parser(text).parse();
}

std::vector<std::byte> garbage_of(std::size_t request, std::uint64_t sector) {
  std::vector<std::byte> bytes(kSectorBytes);
  std::uint64_t state = request * 0x9e3779b97f4a7c15U + sector;
  for (std::byte& byte : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<std::byte>(state >> 56);
  }
  return bytes;
}

}  // namespace vexfs::parity::crash
