// SPDX-License-Identifier: MIT
#include <cstdio>
#include <iostream>

#include <pugixml.hpp>

#include "harness/report/printers.h"
#include "harness/report/tally.h"

namespace vexfs::parity {
namespace {

std::string seconds_text(std::chrono::nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", std::chrono::duration<double>(time).count());
  return text;
}

// XML 1.0 has no form at all for most control characters.
std::string printable(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte >= 0x20 || c == '\n' || c == '\t' ? c : '?';
  }
  return out;
}

const char* element_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDivergence:
    case Verdict::kOops:
      return "failure";
    case Verdict::kNoVerdict:
      return "skipped";
    case Verdict::kHarnessFailed:
    case Verdict::kUsage:
      return "error";
    case Verdict::kParity:
      break;
  }
  return nullptr;
}

class Junit : public Listener {
 public:
  explicit Junit(std::filesystem::path file) : file_(std::move(file)) {
    suite_ = document_.append_child("testsuites").append_child("testsuite");
    suite_.append_attribute("name").set_value("vexfs-parity");
  }

  void on(const RunStarted& event) override {
    pugi::xml_node property = suite_.append_child("properties").append_child("property");
    property.append_attribute("name").set_value("seed");
    property.append_attribute("value").set_value(std::to_string(event.seed).c_str());
  }

  void on(const ScenarioFinished& event) override {
    tally_.add(event);
    time_ += event.time;
    pugi::xml_node testcase = suite_.append_child("testcase");
    testcase.append_attribute("classname").set_value("scenario");
    testcase.append_attribute("name").set_value(printable(event.name).c_str());
    testcase.append_attribute("time").set_value(seconds_text(event.time).c_str());
    if (const char* element = element_for(event.verdict)) {
      pugi::xml_node result = testcase.append_child(element);
      result.append_attribute("message").set_value(
          printable(verdict_name(event.verdict) + ": " + event.signature).c_str());
      const std::string where = event.case_file.empty() ? "" : "\ncase: " + event.case_file;
      result.text().set(printable(event.detail + where).c_str());
    }
  }

  void on(const RunFinished&) override {
    suite_.append_attribute("tests").set_value(std::to_string(tally_.scenarios).c_str());
    suite_.append_attribute("failures")
        .set_value(std::to_string(tally_.divergences + tally_.oopses).c_str());
    suite_.append_attribute("errors").set_value(std::to_string(tally_.harness_failures).c_str());
    suite_.append_attribute("skipped").set_value(std::to_string(tally_.no_verdict).c_str());
    suite_.append_attribute("time").set_value(seconds_text(time_).c_str());
    if (!document_.save_file(file_.c_str())) {
      std::cerr << file_.string() << ": the JUnit report cannot be written; is the folder there?\n";
    }
  }

 private:
  std::filesystem::path file_;
  pugi::xml_document document_;
  pugi::xml_node suite_;
  Tally tally_;
  std::chrono::nanoseconds time_{0};
};

}  // namespace

std::unique_ptr<Listener> junit_report(std::filesystem::path file) {
  return std::make_unique<Junit>(std::move(file));
}

}  // namespace vexfs::parity
