# SPDX-License-Identifier: MIT
# How every C++ file in the project is compiled.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()

# The optimised build keeps its assertions: this is a machine for finding mistakes.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g1")

# A fused multiply-add changes the last bit of a distance, and with it a byte of the volume.
add_compile_options(-Wall -Wextra -Werror -ffp-contract=off)

set(VEXFS_SANITIZE "" CACHE STRING "Sanitizers to build with, as for -fsanitize=, or empty")
if(VEXFS_SANITIZE)
  add_compile_options(-fsanitize=${VEXFS_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VEXFS_SANITIZE})
endif()

find_program(CCACHE_PROGRAM ccache)
mark_as_advanced(CCACHE_PROGRAM)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A second clone, or a second build directory, finds what the first one compiled.
  set(launcher env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${CCACHE_PROGRAM}")
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()

# Adds each named subfolder that has a CMakeLists.txt, in the given order.
macro(vexfs_add_parts)
  foreach(part ${ARGN})
    if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${part}/CMakeLists.txt")
      add_subdirectory(${part})
    endif()
  endforeach()
endmacro()
