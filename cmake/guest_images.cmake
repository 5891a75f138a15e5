# SPDX-License-Identifier: MIT
# What the guests boot, once for each kernel release. Target: guest_images, into <build>/images/<release>/.
# <build>/images/releases lists "family release", as the harness looks kernels up.

# vexfs_add_guest_image(<family> <release>)
function(vexfs_add_guest_image family release)
  set(out "${CMAKE_BINARY_DIR}/images/${release}")
  set(options --kernels "${VEXFS_KERNELS_DIR}" --release ${release} --out "${out}"
              --init "$<TARGET_FILE:parity_guest>")
  set(inputs parity_guest "${CMAKE_SOURCE_DIR}/vm-images/build-image"
             "${CMAKE_SOURCE_DIR}/vm-images/manifest.json")
  if(TARGET kmod)
    list(APPEND options --vexfs-ko "${CMAKE_BINARY_DIR}/kmod/${release}/kmod/vexfs.ko")
    list(APPEND inputs "${CMAKE_BINARY_DIR}/kmod/${release}/kmod/vexfs.ko" kmod_${family})
  endif()
  if(TARGET vexfs_daemon)
    list(APPEND options --file "$<TARGET_FILE:vexfs_daemon>:/vexfs-fuse")
    list(APPEND inputs vexfs_daemon)
  endif()
  add_custom_command(
    OUTPUT "${out}/stamp"
    COMMAND "${CMAKE_SOURCE_DIR}/vm-images/build-image" ${options}
    COMMAND ${CMAKE_COMMAND} -E touch "${out}/stamp"
    DEPENDS ${inputs}
    COMMENT "Guest image for ${release}"
    VERBATIM)
  set_property(GLOBAL APPEND PROPERTY VEXFS_GUEST_IMAGES "${out}/stamp")
endfunction()

if(TARGET parity_guest AND VEXFS_KERNEL_FAMILIES)
  set(lines "")
  foreach(family IN LISTS VEXFS_KERNEL_FAMILIES)
    vexfs_add_guest_image(${family} ${VEXFS_KERNEL_${family}})
    string(APPEND lines "${family} ${VEXFS_KERNEL_${family}}\n")
  endforeach()
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/images/releases" CONTENT "${lines}" @ONLY)
  get_property(stamps GLOBAL PROPERTY VEXFS_GUEST_IMAGES)
  add_custom_target(guest_images ALL DEPENDS ${stamps})
else()
  message(STATUS "No guest images: they need harness/guest and the kernels that cmake/bootstrap unpacks")
endif()
