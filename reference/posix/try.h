// SPDX-License-Identifier: MIT
// Early return of errors.
#pragma once

/// Returns the error of `expression` from the calling function, or declares `name` as its value.
#define POSIX_TRY(name, expression)                                  \
  auto name##_result = (expression);                                 \
  if (!name##_result) return std::unexpected(name##_result.error()); \
  auto& name = *name##_result

/// The same for a result whose value is not needed.
#define POSIX_CHECK(expression)                          \
  do {                                                   \
    if (auto check_result = (expression); !check_result) \
      return std::unexpected(check_result.error());      \
  } while (false)
