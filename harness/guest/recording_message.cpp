// SPDX-License-Identifier: MIT
#include "harness/guest/recording_message.h"

#include <cstring>
#include <exception>
#include <utility>

namespace vexfs::parity::guest {
namespace {

using device::RecordedRequest;
using device::RequestKind;
using nlohmann::json;

json message_of(const RecordedRequest& request) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(request.data.data());
  return {{"kind", static_cast<unsigned>(request.kind)},
          {"fua", request.fua},
          {"offset", request.offset},
          {"length", request.length},
          {"data", json::binary({bytes, bytes + request.data.size()})},
          {"submitted", request.submitted},
          {"completed", request.completed},
          {"error", request.error}};
}

RecordedRequest request_in(const json& message) {
  RecordedRequest request;
  request.kind = static_cast<RequestKind>(message.at("kind").get<unsigned>());
  message.at("fua").get_to(request.fua);
  message.at("offset").get_to(request.offset);
  message.at("length").get_to(request.length);
  const auto& data = message.at("data").get_binary();
  request.data.resize(data.size());
  if (!data.empty()) std::memcpy(request.data.data(), data.data(), data.size());
  message.at("submitted").get_to(request.submitted);
  message.at("completed").get_to(request.completed);
  message.at("error").get_to(request.error);
  return request;
}

}  // namespace

json message_of(const device::Recording& recording) {
  json requests = json::array();
  for (const RecordedRequest& request : recording.requests) {
    if (request.kind != RequestKind::kRead) requests.push_back(message_of(request));
  }
  json marks = json::array();
  for (const device::RecordedMark& mark : recording.marks) {
    marks.push_back({{"number", mark.number}, {"text", mark.text}});
  }
  return {{"requests", std::move(requests)}, {"marks", std::move(marks)}, {"end", recording.end}};
}

std::expected<device::Recording, std::string> recording_in(const json& message) {
  try {
    device::Recording recording;
    for (const json& request : message.at("requests")) {
      recording.requests.push_back(request_in(request));
    }
    for (const json& mark : message.at("marks")) {
      recording.marks.push_back(
          {mark.at("number").get<std::uint64_t>(), mark.at("text").get<std::string>()});
    }
    message.at("end").get_to(recording.end);
    return recording;
  } catch (const std::exception& error) {
    return std::unexpected(std::string("the agent's recording: ") + error.what());
  }
}

}  // namespace vexfs::parity::guest
