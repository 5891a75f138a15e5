// SPDX-License-Identifier: MIT
#include "harness/crash/tests/litmus.h"

#include <array>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>

namespace vexfs::parity::crash {
namespace {

using device::RecordedRequest;
using device::RequestKind;

constexpr std::uint64_t kSectors = 8;

struct BadLine {
  std::string what;
};

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::vector<std::byte> filled(std::byte value) {
  return std::vector<std::byte>(kSectorBytes, value);
}

/// Turns the words of one phase into a recording.
class Recorder {
 public:
  explicit Recorder(const LitmusPhase* before) {
    if (before == nullptr) {
      for (std::uint64_t s = 0; s < kSectors; ++s) phase_.base[s] = '_';
    } else {
      phase_.zeroes = before->zeroes;
      phase_.base = before->base;
      for (const auto& [sector, chosen] : before->after) phase_.base[sector] = *chosen.begin();
    }
    phase_.recording.base = device::Volume(kSectors * kSectorBytes);
    for (const auto& [sector, letter] : phase_.base) {
      phase_.recording.base.write(sector * kSectorBytes, filled(byte_of(phase_, letter)));
    }
  }

  void event(const std::string& word) {
    if (word == "^") {
      phase_.crash = phase_.recording.end;
    } else if (word == "m") {
      phase_.recording.marks.push_back({phase_.recording.end++, word});
    } else if (word.size() > 2 && word[1] == '=') {
      arrive(word[0], word.substr(2));
    } else if (word.size() == 2 && (word[1] == '.' || word[1] == '!' || word[1] == ',')) {
      answer(word[0], word[1]);
    } else {
      throw BadLine{"no event: " + word};
    }
  }

  LitmusPhase finish() {
    if (phase_.crash == 0) phase_.crash = phase_.recording.end;
    return std::move(phase_);
  }

 private:
  struct Waiting {  // a write behind its own flush
    RecordedRequest write;
    char letter;
  };

  void arrive(char letter, std::string text) {
    const bool preflush = text[0] == 'p';
    if (preflush) text.erase(0, 1);
    RecordedRequest request = request_of(letter, text);
    if (preflush) {
      waiting_.insert_or_assign(letter, Waiting{std::move(request), letter});
      request = {};
      request.kind = RequestKind::kFlush;
    }
    push(letter, std::move(request));
  }

  void push(char letter, RecordedRequest request) {
    request.submitted = phase_.recording.end++;
    at_[letter] = phase_.recording.requests.size();
    phase_.letters += request.kind == RequestKind::kFlush ? ' ' : letter;
    phase_.recording.requests.push_back(std::move(request));
  }

  void answer(char letter, char how) {
    if (!at_.contains(letter)) throw BadLine{std::string("nothing to answer: ") + letter};
    RecordedRequest& request = phase_.recording.requests[at_[letter]];
    if (request.completed != 0) throw BadLine{std::string("answered twice: ") + letter};
    request.completed = phase_.recording.end++;
    request.error = how == '!' ? 5 : 0;
    if (how == ',') push(letter, std::move(waiting_.at(letter).write));
  }

  RecordedRequest request_of(char letter, const std::string& text) {
    RecordedRequest request;
    request.fua = text[0] >= 'A' && text[0] <= 'Z' && text[0] != 'F';
    switch (text[0] | 0x20) {
      case 'w':
        request.kind = RequestKind::kWrite;
        break;
      case 'z':
        request.kind = RequestKind::kWriteZeroes;
        break;
      case 'd':
        request.kind = RequestKind::kTrim;
        break;
      case 'f':
        request.kind = RequestKind::kFlush;
        return request;
      default:
        throw BadLine{"no request: " + text};
    }
    if (text.size() < 2) throw BadLine{"no sectors: " + text};
    const auto first = static_cast<std::uint64_t>(text[1] - '0');
    const auto last = static_cast<std::uint64_t>(text.back() - '0');
    if (first > last || last >= kSectors) throw BadLine{"no sectors: " + text};
    request.offset = first * kSectorBytes;
    request.length = static_cast<std::uint32_t>((last - first + 1) * kSectorBytes);
    if (request.kind == RequestKind::kWrite) {
      request.data.assign(request.length, static_cast<std::byte>(letter));
    } else {
      phase_.zeroes.insert(letter);
    }
    return request;
  }

  LitmusPhase phase_;
  std::map<char, std::size_t> at_;
  std::map<char, Waiting> waiting_;
};

// "0:_ab", or "0:_" and then "a", "b" as words of their own.
std::map<std::uint64_t, Letters> letters_in(const std::vector<std::string>& words) {
  std::map<std::uint64_t, Letters> after;
  std::uint64_t sector = kSectors;
  for (const std::string& word : words) {
    std::string_view letters = word;
    if (word.size() > 2 && word[1] == ':') {
      sector = static_cast<std::uint64_t>(word[0] - '0');
      letters.remove_prefix(2);
    }
    if (sector >= kSectors) throw BadLine{"no sector: " + word};
    after[sector].insert(letters.begin(), letters.end());
  }
  return after;
}

LitmusCase case_in(const std::string& line) {
  const std::string law = line.substr(0, line.find('#'));
  const std::size_t arrow = law.find("=>");
  if (arrow == std::string::npos) throw BadLine{"no =>"};
  const std::vector<std::string> words = words_of(law.substr(0, arrow));
  LitmusCase found{.name = words.at(0), .line = line, .phases = {}};
  Recorder recorder(nullptr);
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] != "{") {
      recorder.event(words[i]);
      continue;
    }
    std::vector<std::string> chosen;
    for (++i; words.at(i) != "}"; ++i) chosen.push_back(words[i]);
    LitmusPhase phase = recorder.finish();
    phase.after = letters_in(chosen);
    found.phases.push_back(std::move(phase));
    recorder = Recorder(&found.phases.back());
  }
  found.phases.push_back(recorder.finish());
  found.phases.back().after = letters_in(words_of(law.substr(arrow + 2)));
  return found;
}

}  // namespace

std::expected<std::vector<LitmusCase>, std::string> read_litmus(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) return std::unexpected("cannot read " + file.string());
  std::vector<LitmusCase> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    try {
      cases.push_back(case_in(line));
    } catch (const BadLine& bad) {
      return std::unexpected(file.string() + ": " + line + ": " + bad.what);
    } catch (const std::out_of_range&) {
      return std::unexpected(file.string() + ": " + line + ": ends too early");
    }
  }
  return cases;
}

Letters letters_by(const Law& law, const LitmusPhase& phase, std::uint64_t sector) {
  Letters letters;
  for (const Source source : law(phase.recording, phase.crash, sector)) {
    letters.insert(source == kBase ? phase.base.at(sector) : phase.letters[source]);
  }
  return letters;
}

std::byte byte_of(const LitmusPhase& phase, char letter) {
  return phase.zeroes.contains(letter) ? std::byte{0} : static_cast<std::byte>(letter);
}

device::Volume image_with(const LitmusPhase& phase, std::uint64_t sector, char letter) {
  device::Volume image = phase.recording.base;
  for (const auto& [other, letters] : phase.after) {
    const char here = other == sector ? letter : *letters.begin();
    image.write(other * kSectorBytes, filled(byte_of(phase, here)));
  }
  return image;
}

}  // namespace vexfs::parity::crash
