# SPDX-License-Identifier: MIT
# Which kernels cmake/bootstrap has unpacked. Sets VEXFS_KERNEL_FAMILIES (6.1, 6.12) and, for each,
# VEXFS_KERNEL_<family> (its release). Without kernels everything but the module and the guests can be built.

set(default_kernels "${CMAKE_SOURCE_DIR}/build/kernels")
if(DEFINED ENV{VEXFS_KERNELS})
  set(default_kernels "$ENV{VEXFS_KERNELS}")
endif()
set(VEXFS_KERNELS_DIR "${default_kernels}" CACHE PATH "Where cmake/bootstrap unpacks kernels")

set(VEXFS_KERNEL_FAMILIES "")
set(releases_file "${VEXFS_KERNELS_DIR}/releases")
if(EXISTS "${releases_file}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${releases_file}")
  file(STRINGS "${releases_file}" lines)
  foreach(line IN LISTS lines)
    separate_arguments(words UNIX_COMMAND "${line}")
    list(GET words 0 family)
    list(GET words 1 release)
    list(APPEND VEXFS_KERNEL_FAMILIES ${family})
    set(VEXFS_KERNEL_${family} ${release})
  endforeach()
else()
  message(STATUS "No kernels in ${VEXFS_KERNELS_DIR}: no vexfs.ko and no guests; cmake/bootstrap unpacks them")
endif()
