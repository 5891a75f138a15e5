// SPDX-License-Identifier: MIT
// Replies of doors as a person reads them.
#pragma once

#include <string_view>
#include <vector>

#include "harness/scenario/json_reader.h"
#include "harness/scenario/operation.h"
#include "harness/scenario/outcome.h"

namespace vexfs::parity {

/// The members of a reply by name (docs/scenarios.md, "Replies"): {"status": "ok", "done": 3, ...}.
/// What does not hold together is shown as far as it can be read.
Json reply_json(std::string_view reply, ElementType type);

/// How the operation wants numbers of replies shown; f32 where it does not say.
ElementType element_type_of(const Operation& operation);

/// The errno of an outcome, or the status of its reply, whichever is not 0.
int answer_of(const Outcome& outcome);

/// Whether a search of this outcome ended before its end: it can be resumed.
bool is_cut_short(const Outcome& outcome);

/// As differences() of the outcomes, but with replies member by member.
std::vector<FieldDifference> differences(const Operation& operation, const Outcome& left,
                                         const Outcome& right);

/// Whether `json` has what `expected` names: members of objects can be left out, all else is equal.
bool contains(const Json& json, const Json& expected);

}  // namespace vexfs::parity
