# SPDX-License-Identifier: MIT
# vexfs.ko, once for each unpacked kernel release. Target: kmod (all releases), kmod_<family> (one).
#
# Kbuild writes its objects beside the sources, and the module includes the contract from the repository root, so
# both are copied to <build>/kmod/<release>/ in their relative places. rsync keeps times: make stays incremental.

file(GLOB_RECURSE VEXFS_KMOD_SOURCES CONFIGURE_DEPENDS
     "${CMAKE_SOURCE_DIR}/kmod/*.c" "${CMAKE_SOURCE_DIR}/kmod/*.h" "${CMAKE_SOURCE_DIR}/kmod/*.S"
     "${CMAKE_SOURCE_DIR}/kmod/Kbuild" "${CMAKE_SOURCE_DIR}/reference/contract/*.h")

# vexfs_add_kmod(<folder> <release> <flags>): <build>/<folder>/<release>/kmod/vexfs.ko
function(vexfs_add_kmod folder release flags)
  set(copy "${CMAKE_BINARY_DIR}/${folder}/${release}")
  set(headers "${VEXFS_KERNELS_DIR}/${release}/usr/src/linux-headers-${release}")
  add_custom_command(
    OUTPUT "${copy}/kmod/vexfs.ko"
    COMMAND ${CMAKE_COMMAND} -E make_directory "${copy}/reference"
    COMMAND rsync -a "${CMAKE_SOURCE_DIR}/kmod" "${copy}/"
    COMMAND rsync -a --delete "${CMAKE_SOURCE_DIR}/reference/contract" "${copy}/reference/"
    # The variables of an outer make (ninja has none) would reach Kbuild and change what it does.
    COMMAND env -u MAKEFLAGS -u MAKELEVEL make -s -j2 -C "${headers}" "M=${copy}/kmod" W=1
            "KCFLAGS=-Werror -fstack-usage -fcallgraph-info=su${flags}" modules
    # make leaves an unchanged module alone; ninja wants it newer than its sources.
    COMMAND ${CMAKE_COMMAND} -E touch "${copy}/kmod/vexfs.ko"
    DEPENDS ${VEXFS_KMOD_SOURCES} "${VEXFS_KERNELS_DIR}/${release}/complete"
    COMMENT "${folder}: vexfs.ko for ${release}"
    VERBATIM)
endfunction()

# Beside it a module with faults that can be switched on (kmod/planted.h): `selftest --targets guests`.
add_custom_target(kmod)
foreach(family IN LISTS VEXFS_KERNEL_FAMILIES)
  vexfs_add_kmod(kmod ${VEXFS_KERNEL_${family}} "")
  add_custom_target(kmod_${family} DEPENDS "${CMAKE_BINARY_DIR}/kmod/${VEXFS_KERNEL_${family}}/kmod/vexfs.ko")
  add_dependencies(kmod kmod_${family})
  vexfs_add_kmod(kmod-planted ${VEXFS_KERNEL_${family}} " -DVEXFS_PLANTED")
endforeach()
