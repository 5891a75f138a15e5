// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>

namespace vexfs::tools {

/// The rules that collection_rules_test.cpp breaks.
std::set<std::string> collection_rules_with_a_test();

}  // namespace vexfs::tools
