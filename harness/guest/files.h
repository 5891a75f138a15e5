// SPDX-License-Identifier: MIT
// Requests that move whole files between host and guest.
#pragma once

#include <nlohmann/json.hpp>

namespace vexfs::parity::guest {

nlohmann::json read_file(const nlohmann::json& request);
nlohmann::json write_file(const nlohmann::json& request);

// A CBOR byte string or text string as bytes; throws nlohmann's type_error for anything else.
std::string bytes_of(const nlohmann::json& value);
// Bytes as a CBOR byte string.
nlohmann::json byte_string(const std::string& bytes);

}  // namespace vexfs::parity::guest
