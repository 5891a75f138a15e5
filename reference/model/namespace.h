// SPDX-License-Identifier: MIT
// Operations on names: each one unit with one event.
#pragma once

#include <string_view>

#include "reference/model/mounted.h"

namespace vexfs::model {

using posix::Attr;
using posix::NewNode;

/// What posix::InodeVolume says of the functions of the same name holds for all of these.
Result<Attr> lookup(Mounted& volume, Ino dir, std::string_view name);
Result<Attr> make_node(Mounted& volume, Ino dir, std::string_view name, const NewNode& node);
Result<Attr> make_directory(Mounted& volume, Ino dir, std::string_view name, const NewNode& node);
Result<Attr> make_symlink(Mounted& volume, Ino dir, std::string_view name, std::string_view target,
                          const NewNode& node);
Result<Attr> make_link(Mounted& volume, Ino ino, Ino dir, std::string_view name);
Result<void> remove_file(Mounted& volume, Ino dir, std::string_view name);
Result<void> remove_directory(Mounted& volume, Ino dir, std::string_view name);
Result<void> rename(Mounted& volume, Ino old_dir, std::string_view old_name, Ino new_dir,
                    std::string_view new_name, unsigned flags);

/// Whether this name can never be given to anything.
bool is_reserved(std::string_view name);

}  // namespace vexfs::model
