# SPDX-License-Identifier: MIT
# The packages that parts of the project link. A missing one is an error that names its Debian package, raised
# where it is asked for: vexfs_need(GTest) in a part that has GoogleTest tests.

include(GoogleTest)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# vexfs_need(<name>...): makes the imported targets of each library available to the whole project.
#   GTest          GTest::gtest_main, GTest::gmock
#   benchmark      benchmark::benchmark_main
#   rapidcheck     vexfs::rapidcheck
#   nlohmann_json  nlohmann_json::nlohmann_json
#   CLI11          CLI11::CLI11
#   fmt            fmt::fmt          (fmt::fmt-header-only with -static)
#   spdlog         spdlog::spdlog    (spdlog::spdlog_header_only with -static)
#   xxhash         vexfs::xxhash
#   pugixml        pugixml::pugixml
#   fuse3          vexfs::fuse3
#   fuse3_static   vexfs::fuse3_static  (for executables linked with -static)
#   Boost          Boost::headers
function(vexfs_need)
  foreach(name ${ARGN})
    get_property(found GLOBAL PROPERTY VEXFS_FOUND_${name})
    if(NOT found)
      _vexfs_find(${name})
      set_property(GLOBAL PROPERTY VEXFS_FOUND_${name} TRUE)
    endif()
  endforeach()
endfunction()

function(_vexfs_find name)
  if(name STREQUAL "rapidcheck")
    _vexfs_plain_library(rapidcheck "rapidcheck.h" rapidcheck librapidcheck-dev)
  elseif(name STREQUAL "xxhash")
    _vexfs_plain_library(xxhash "xxhash.h" xxhash libxxhash-dev)
  elseif(name STREQUAL "fuse3")
    if(NOT TARGET vexfs::fuse3)
      pkg_check_modules(FUSE3 REQUIRED QUIET IMPORTED_TARGET GLOBAL fuse3)
      add_library(vexfs::fuse3 ALIAS PkgConfig::FUSE3)
    endif()
  elseif(name STREQUAL "fuse3_static")
    if(NOT TARGET vexfs::fuse3_static)
      pkg_check_modules(FUSE3_HEADERS REQUIRED QUIET fuse3)
      find_library(FUSE3_ARCHIVE libfuse3.a REQUIRED)
      add_library(vexfs::fuse3_static INTERFACE IMPORTED GLOBAL)
      target_include_directories(vexfs::fuse3_static SYSTEM INTERFACE ${FUSE3_HEADERS_INCLUDE_DIRS})
      target_link_libraries(vexfs::fuse3_static INTERFACE ${FUSE3_ARCHIVE} Threads::Threads)
    endif()
  elseif(name STREQUAL "Boost")
    find_package(Boost 1.74 REQUIRED QUIET GLOBAL)
  else()
    find_package(${name} REQUIRED QUIET GLOBAL)
  endif()
endfunction()

# A library without CMake or pkg-config files: one header, one archive or shared object.
function(_vexfs_plain_library name header library package)
  if(TARGET vexfs::${name})
    return()
  endif()
  find_path(VEXFS_${name}_INCLUDE ${header})
  find_library(VEXFS_${name}_LIBRARY NAMES lib${library}.a ${library})  # the archive also links with -static
  mark_as_advanced(VEXFS_${name}_INCLUDE VEXFS_${name}_LIBRARY)
  if(NOT VEXFS_${name}_INCLUDE OR NOT VEXFS_${name}_LIBRARY)
    message(FATAL_ERROR "${header} or lib${library} not found: apt-get install ${package}, or run cmake/bootstrap")
  endif()
  add_library(vexfs::${name} INTERFACE IMPORTED GLOBAL)
  target_include_directories(vexfs::${name} SYSTEM INTERFACE ${VEXFS_${name}_INCLUDE})
  target_link_libraries(vexfs::${name} INTERFACE ${VEXFS_${name}_LIBRARY} Threads::Threads)
endfunction()

# vexfs_test(<target> <source>... [LIBS <target>...] [TIMEOUT <seconds>]): a GoogleTest executable whose cases
# are registered with CTest one by one as <target>.<Suite>.<Case>.
function(vexfs_test target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "LIBS")
  if(NOT BUILD_TESTING)
    return()
  endif()
  vexfs_need(GTest)
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${target} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${target} PRIVATE ${arg_LIBS} GTest::gmock GTest::gtest_main)
  gtest_discover_tests(${target} TEST_PREFIX "${target}." DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT ${arg_TIMEOUT})
endfunction()
