// SPDX-License-Identifier: MIT
#include "harness/target/mount_options.h"

namespace vexfs::parity {
namespace {

template <class To>
To data_mode(DataMode mode) {
  switch (mode) {
    case DataMode::kOrdered:
      return To::kOrdered;
    case DataMode::kWriteback:
      return To::kWriteback;
    case DataMode::kJournal:
      return To::kJournal;
  }
  return To::kOrdered;
}

}  // namespace

core::MountOptions core_options(const MountOptions& options, core::Fault fault) {
  core::MountOptions to;
  to.data = data_mode<core::DataMode>(options.data);
  to.commit_seconds = 0;
  to.manual_clock = options.clock == ClockMode::kManual;
  to.strict = options.strict;
  to.read_only = options.read_only;
  to.fault = fault;
  return to;
}

model::MountOptions model_options(const MountOptions& options) {
  model::MountOptions to;
  to.data = data_mode<model::DataMode>(options.data);
  to.strict = options.strict;
  to.read_only = options.read_only;
  to.manual_clock = options.clock == ClockMode::kManual;
  return to;
}

}  // namespace vexfs::parity
