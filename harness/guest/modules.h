// SPDX-License-Identifier: MIT
// Loading and unloading kernel modules.
#pragma once

#include <string>
#include <vector>

namespace vexfs::parity::guest {

// Loads a module file. Returns 0 or an errno; a module that is already loaded is a success.
int insert_module(const std::string& path, const std::string& params);

// Unloads a module by its name. Returns 0 or an errno.
int remove_module(const std::string& name);

// Names of the loaded modules.
std::vector<std::string> loaded_modules();

}  // namespace vexfs::parity::guest
