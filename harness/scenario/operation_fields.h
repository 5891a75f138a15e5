// SPDX-License-Identifier: MIT
// The table of operations: for each its name and its fields as they stand in a scenario file.
// Everything that walks over fields (reading, writing, the schema test, shrinking, lists of paths)
// goes through here.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>
#include <variant>

#include "harness/scenario/operation.h"

namespace vexfs::parity {

/// Names in the order of the alternatives of `Operation`.
inline constexpr std::string_view kOperationNames[] = {
    "mkdir",         "rmdir",         "mknod",        "open",           "close",
    "read",          "write",         "truncate",     "ftruncate",      "unlink",
    "link",          "symlink",       "readlink",     "rename",         "chmod",
    "chown",         "utimens",       "stat",         "fstat",          "statfs",
    "readdir",       "readdir_piece", "fsync",        "fdatasync",      "control",
    "events",        "setxattr",      "getxattr",     "removexattr",    "listxattr",
    "vector_put",    "vector_delete", "vector_get",   "vector_list",    "vector_count",
    "vector_search", "vector_resume", "vector_event", "vector_compact", "vector_raw",
    "vector_attach", "fail_writes",   "remount",      "crash",          "compare"};
static_assert(std::size(kOperationNames) == std::variant_size_v<Operation>);

inline std::string_view operation_name(const Operation& operation) {
  return kOperationNames[operation.index()];
}

template <class T, class Plain>
concept Is = std::same_as<std::remove_const_t<T>, Plain>;

// A visitor has `required(name, field)` and `optional(name, field, default)`.

template <class V>
void visit_fields(V& v, Is<Mkdir> auto& o) {
  v.required("path", o.path);
  v.required("mode", o.mode);
}
template <class V>
void visit_fields(V& v, Is<Rmdir> auto& o) {
  v.required("path", o.path);
}
template <class V>
void visit_fields(V& v, Is<Mknod> auto& o) {
  v.required("path", o.path);
  v.required("mode", o.mode);
  v.required("type", o.type);
  v.optional("major", o.major, 0u);
  v.optional("minor", o.minor, 0u);
}
template <class V>
void visit_fields(V& v, Is<Open> auto& o) {
  v.required("handle", o.handle);
  v.required("path", o.path);
  v.required("flags", o.flags);
  v.optional("mode", o.mode, Mode{});
}
template <class V>
void visit_fields(V& v, Is<Close> auto& o) {
  v.required("handle", o.handle);
}
template <class V>
void visit_fields(V& v, Is<Read> auto& o) {
  v.required("handle", o.handle);
  v.required("offset", o.offset);
  v.required("length", o.length);
}
template <class V>
void visit_fields(V& v, Is<Write> auto& o) {
  v.required("handle", o.handle);
  v.required("offset", o.offset);
  v.required("data", o.data);
}
template <class V>
void visit_fields(V& v, Is<Truncate> auto& o) {
  v.required("path", o.path);
  v.required("size", o.size);
}
template <class V>
void visit_fields(V& v, Is<Ftruncate> auto& o) {
  v.required("handle", o.handle);
  v.required("size", o.size);
}
template <class V>
void visit_fields(V& v, Is<Unlink> auto& o) {
  v.required("path", o.path);
}
template <class V>
void visit_fields(V& v, Is<Link> auto& o) {
  v.required("from", o.from);
  v.required("to", o.to);
}
template <class V>
void visit_fields(V& v, Is<Symlink> auto& o) {
  v.required("target", o.target);
  v.required("path", o.path);
}
template <class V>
void visit_fields(V& v, Is<Readlink> auto& o) {
  v.required("path", o.path);
}
template <class V>
void visit_fields(V& v, Is<Rename> auto& o) {
  v.required("from", o.from);
  v.required("to", o.to);
  v.optional("flags", o.flags, RenameFlags{});
}
template <class V>
void visit_fields(V& v, Is<Chmod> auto& o) {
  v.required("path", o.path);
  v.required("mode", o.mode);
}
template <class V>
void visit_fields(V& v, Is<Chown> auto& o) {
  v.required("path", o.path);
  v.optional("uid", o.uid, kKeepId);
  v.optional("gid", o.gid, kKeepId);
  v.optional("follow", o.follow, true);
}
template <class V>
void visit_fields(V& v, Is<Utimens> auto& o) {
  v.required("path", o.path);
  v.required("atime", o.atime);
  v.required("mtime", o.mtime);
  v.optional("follow", o.follow, true);
}
template <class V>
void visit_fields(V& v, Is<Stat> auto& o) {
  v.required("path", o.path);
  v.optional("follow", o.follow, true);
}
template <class V>
void visit_fields(V& v, Is<Fstat> auto& o) {
  v.required("handle", o.handle);
}
template <class V>
void visit_fields(V& v, Is<Statfs> auto& o) {
  v.required("path", o.path);
}
template <class V>
void visit_fields(V& v, Is<Readdir> auto& o) {
  v.required("path", o.path);
}
template <class V>
void visit_fields(V& v, Is<ReaddirPiece> auto& o) {
  v.required("handle", o.handle);
  v.required("count", o.count);
  v.optional("rewind", o.rewind, false);
}
template <class V>
void visit_fields(V& v, Is<Fsync> auto& o) {
  v.required("handle", o.handle);
}
template <class V>
void visit_fields(V& v, Is<Fdatasync> auto& o) {
  v.required("handle", o.handle);
}
template <class V>
void visit_fields(V& v, Is<Control> auto& o) {
  v.required("line", o.line);
}
template <class V>
void visit_fields(V&, Is<Events> auto&) {}
template <class V>
void visit_fields(V& v, Is<Setxattr> auto& o) {
  v.required("path", o.path);
  v.required("name", o.name);
  v.required("value", o.value);
  v.optional("flags", o.flags, XattrFlags{});
}
template <class V>
void visit_fields(V& v, Is<Getxattr> auto& o) {
  v.required("path", o.path);
  v.required("name", o.name);
}
template <class V>
void visit_fields(V& v, Is<Removexattr> auto& o) {
  v.required("path", o.path);
  v.required("name", o.name);
}
template <class V>
void visit_fields(V& v, Is<Listxattr> auto& o) {
  v.required("path", o.path);
}
template <class V>
void visit_fields(V& v, Is<VectorPut> auto& o) {
  v.required("path", o.path);
  v.required("ids", o.ids);
  v.required("rows", o.rows);
  v.optional("type", o.type, ElementType::kF32);
  v.optional("piece", o.piece, 0u);
}
template <class V>
void visit_fields(V& v, Is<VectorDelete> auto& o) {
  v.required("path", o.path);
  v.required("ids", o.ids);
}
template <class V>
void visit_fields(V& v, Is<VectorGet> auto& o) {
  v.required("path", o.path);
  v.required("ids", o.ids);
  v.optional("type", o.type, ElementType::kF32);
}
template <class V>
void visit_fields(V& v, Is<VectorList> auto& o) {
  v.required("path", o.path);
  v.optional("cursor", o.cursor, 0u);
  v.optional("max", o.max, 1000u);
}
template <class V>
void visit_fields(V& v, Is<VectorCount> auto& o) {
  v.required("path", o.path);
}
template <class V>
void visit_fields(V& v, Is<VectorSearch> auto& o) {
  v.required("path", o.path);
  v.required("queries", o.queries);
  v.required("k", o.k);
  v.optional("ef", o.ef, 1u);
  v.optional("filter", o.filter, Ids{});
  v.optional("max_visits", o.max_visits, 0u);
  v.optional("exact", o.exact, false);
  v.optional("type", o.type, ElementType::kF32);
  v.optional("piece", o.piece, 0u);
}
template <class V>
void visit_fields(V& v, Is<VectorResume> auto& o) {
  v.required("path", o.path);
  v.optional("max_visits", o.max_visits, 0u);
  v.optional("type", o.type, ElementType::kF32);
}
template <class V>
void visit_fields(V& v, Is<VectorEvent> auto& o) {
  v.required("path", o.path);
  v.required("type", o.type);
  v.optional("text", o.text, std::string());
  v.optional("cause", o.cause, std::uint64_t{0});
}
template <class V>
void visit_fields(V& v, Is<VectorCompact> auto& o) {
  v.required("path", o.path);
}
template <class V>
void visit_fields(V& v, Is<VectorRaw> auto& o) {
  v.required("path", o.path);
  v.required("door", o.door);
  v.required("data", o.data);
  v.optional("piece", o.piece, 0u);
}
template <class V>
void visit_fields(V& v, Is<VectorAttach> auto& o) {
  v.required("path", o.path);
  v.required("row", o.row);
  v.optional("type", o.type, ElementType::kF32);
  v.optional("flags", o.flags, XattrFlags{});
}
template <class V>
void visit_fields(V& v, Is<FailWrites> auto& o) {
  v.required("region", o.region);
}
template <class V>
void visit_fields(V& v, Is<Remount> auto& o) {
  v.optional("options", o.options, MountOptions{});
}
template <class V>
void visit_fields(V& v, Is<Crash> auto& o) {
  v.optional("at", o.at, CrashPlace{});
  v.optional("severity", o.worst, crash::Severity::kTorn);
}
template <class V>
void visit_fields(V&, Is<Compare> auto&) {}

/// Visits the fields of whichever operation is held.
template <class V>
void visit_fields(V& v, Is<Operation> auto& operation) {
  std::visit([&v](auto& held) { visit_fields(v, held); }, operation);
}

/// An operation of the alternative at `index`, with every field at its default.
Operation make_operation(std::size_t index);

}  // namespace vexfs::parity
