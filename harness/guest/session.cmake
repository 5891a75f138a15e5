# SPDX-License-Identifier: MIT
# The part of the guest agent that executes scenario steps; included by CMakeLists.txt of this folder.
add_library(parity_session STATIC
  "${CMAKE_CURRENT_LIST_DIR}/execute.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/execute_as.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/execute_attributes.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/execute_control.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/execute_directories.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/execute_doors.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/execute_files.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/execute_names.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/execute_xattrs.cpp"
  "${CMAKE_CURRENT_LIST_DIR}/session.cpp")
target_include_directories(parity_session PUBLIC "${CMAKE_SOURCE_DIR}")
target_link_libraries(parity_session PUBLIC parity_scenario)

vexfs_test(parity_session_test "${CMAKE_CURRENT_LIST_DIR}/tests/session_test.cpp" LIBS parity_session)
