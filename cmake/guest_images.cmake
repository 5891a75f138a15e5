# SPDX-License-Identifier: MIT
# What the guests boot, once for each kernel release. Target: guest_images, into <build>/images/<release>/.
# <build>/images/releases lists "family release", as the harness looks kernels up.

# vexfs_add_guest_image(<folder> <release> <module folder> <daemon> [PROGRAMS <file>:<path in guest>...]
# [DEPENDS <target>...]): into <build>/<folder>/<release>/.
function(vexfs_add_guest_image folder release modules daemon)
  cmake_parse_arguments(PARSE_ARGV 4 arg "" "" "PROGRAMS;DEPENDS")
  set(out "${CMAKE_BINARY_DIR}/${folder}/${release}")
  set(options --kernels "${VEXFS_KERNELS_DIR}" --release ${release} --out "${out}"
              --init "$<TARGET_FILE:parity_guest>")
  set(inputs parity_guest "${CMAKE_SOURCE_DIR}/vm-images/build-image"
             "${CMAKE_SOURCE_DIR}/vm-images/manifest.json")
  if(TARGET kmod)
    set(module "${CMAKE_BINARY_DIR}/${modules}/${release}/kmod/vexfs.ko")
    list(APPEND options --vexfs-ko "${module}")
    list(APPEND inputs "${module}")
  endif()
  if(TARGET ${daemon})
    list(APPEND options --file "$<TARGET_FILE:${daemon}>:/vexfs-fuse")
    list(APPEND inputs ${daemon})
  endif()
  foreach(program IN LISTS arg_PROGRAMS)
    list(APPEND options --program "${program}")
  endforeach()
  list(APPEND inputs ${arg_DEPENDS})
  add_custom_command(
    OUTPUT "${out}/stamp"
    COMMAND "${CMAKE_SOURCE_DIR}/vm-images/build-image" ${options}
    COMMAND ${CMAKE_COMMAND} -E touch "${out}/stamp"
    DEPENDS ${inputs}
    COMMENT "${folder}: guest image for ${release}"
    VERBATIM)
endfunction()

if(TARGET parity_guest AND VEXFS_KERNEL_FAMILIES)
  set(lines "")
  set(stamps "")
  set(planted_stamps "")  # a module and a daemon with planted faults
  foreach(family IN LISTS VEXFS_KERNEL_FAMILIES)
    vexfs_add_guest_image(images ${VEXFS_KERNEL_${family}} kmod vexfs_daemon)
    vexfs_add_guest_image(planted-images ${VEXFS_KERNEL_${family}} kmod-planted vexfs_daemon_planted)
    list(APPEND stamps "${CMAKE_BINARY_DIR}/images/${VEXFS_KERNEL_${family}}/stamp")
    list(APPEND planted_stamps "${CMAKE_BINARY_DIR}/planted-images/${VEXFS_KERNEL_${family}}/stamp")
    string(APPEND lines "${family} ${VEXFS_KERNEL_${family}}\n")
  endforeach()
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/images/releases" CONTENT "${lines}" @ONLY)
  add_custom_target(guest_images ALL DEPENDS ${stamps})
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/planted-images/releases" CONTENT "${lines}" @ONLY)
  add_custom_target(planted_images ALL DEPENDS ${planted_stamps})
  # With vexctl and a shell, for its test, for the first kernel.
  if(TARGET vexctl_guest_test)
    list(GET VEXFS_KERNEL_FAMILIES 0 family)
    vexfs_add_guest_image(shell-images ${VEXFS_KERNEL_${family}} kmod vexfs_daemon
      PROGRAMS "$<TARGET_FILE:vexctl>:/bin/vexctl" /bin/dash:/bin/sh /bin/cat:/bin/cat /usr/bin/od:/bin/od
      DEPENDS vexctl)
    file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/shell-images/releases"
         CONTENT "${family} ${VEXFS_KERNEL_${family}}\n" @ONLY)
    add_custom_target(shell_images DEPENDS "${CMAKE_BINARY_DIR}/shell-images/${VEXFS_KERNEL_${family}}/stamp")
    add_dependencies(vexctl_guest_test shell_images)
  endif()
else()
  message(STATUS "No guest images: they need harness/guest and the kernels that cmake/bootstrap unpacks")
endif()
