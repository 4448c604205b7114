# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, and what out-of-tree plugins find of it: a header, a pkg-config file
# and a CMake package. The program looks for plugins and policies beside itself, so a prefix may be moved.
include_guard()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Not the library folder of the architecture: the program looks here, whatever the machine.
set(SHIMING_PLUGIN_DIR lib/shiming/plugins)
set(SHIMING_DATA_DIR share/shiming)

install(DIRECTORY include/shiming DESTINATION include FILES_MATCHING PATTERN "*.h")
install(DIRECTORY policies DESTINATION ${SHIMING_DATA_DIR})
install(DIRECTORY conf/ DESTINATION ${SHIMING_DATA_DIR}/examples)

configure_file(cmake/shiming.pc.in shiming.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/shiming.pc DESTINATION lib/pkgconfig)

configure_package_config_file(cmake/shimingConfig.cmake.in shimingConfig.cmake
  INSTALL_DESTINATION lib/cmake/shiming
  PATH_VARS SHIMING_PLUGIN_DIR NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(shimingConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/shimingConfig.cmake ${CMAKE_BINARY_DIR}/shimingConfigVersion.cmake
        DESTINATION lib/cmake/shiming)
