# SPDX-License-Identifier: Apache-2.0
# Every test is found by its place: tests/unit/ROOM/x_test.c, plugins/KIND/NAME/x_test.c,
# tests/fuzz/x.c. A new test is one new file. Labels say when it runs: unit (dev, with ASan and UBSan), threads
# (also under TSan), fuzz (a short run of each target), lint, whole (the program as it ships).
set(rooms_with_threads loop crypto plugin store audit http)
get_property(rooms GLOBAL PROPERTY SHIMING_ROOMS)
get_property(plugins GLOBAL PROPERTY SHIMING_PLUGINS)

# Plugins made for tests, good and bad: tests/plugins/NAME.c as BUILD/tests/plugins/NAME.so.
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/plugins/*.c)
foreach(source ${sources})
  get_filename_component(stem ${source} NAME_WE)
  add_library(test_plugin_${stem} MODULE ${source})
  set_target_properties(test_plugin_${stem} PROPERTIES PREFIX "" OUTPUT_NAME ${stem}
                        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/plugins)
  target_include_directories(test_plugin_${stem} PRIVATE ${CMAKE_SOURCE_DIR}/include)
  list(APPEND plugins_for_tests test_plugin_${stem})
endforeach()

# oracle_test.c compares with what somebody else computes: libmrtd, a reader of passports.
function(unit_test source name)
  add_executable(${name} ${source})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/core ${CMAKE_SOURCE_DIR}/include
                             ${CMAKE_SOURCE_DIR}/tests/harness)
  target_link_libraries(${name} PRIVATE ${ARGN} PkgConfig::cmocka Threads::Threads m dl)
  target_compile_definitions(${name} PRIVATE SOURCE_DIR="${CMAKE_SOURCE_DIR}" BINARY_DIR="${CMAKE_BINARY_DIR}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_dependencies(${name} ${plugins} ${plugins_for_tests})
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT 240 LABELS unit)
  if(name MATCHES "_oracle_test$")
    target_link_libraries(${name} PRIVATE PkgConfig::mrtd)
  endif()
endfunction()

# A unit test of one room links that room (and so the rooms below it).
foreach(room ${rooms})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/unit/${room}/*_test.c)
  foreach(source ${sources})
    get_filename_component(stem ${source} NAME_WE)
    unit_test(${source} ${room}_${stem} ${room})
    if(room IN_LIST rooms_with_threads)
      set_tests_properties(${room}_${stem} PROPERTIES LABELS "unit;threads")
    endif()
  endforeach()
endforeach()

# A plugin's own test is compiled with the plugin's sources, so that it reaches what is static.
foreach(target ${plugins})
  string(REPLACE "plugin_" "" place ${target})
  string(REPLACE "_" "/" place ${place})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/plugins/${place}/*_test.c)
  foreach(source ${sources})
    get_filename_component(stem ${source} NAME_WE)
    get_target_property(libraries ${target} LINK_LIBRARIES)
    if(NOT libraries)
      set(libraries "")
    endif()
    unit_test(${source} ${target}_${stem} emulate plugin ${libraries})
    get_target_property(parts ${target} SOURCES)
    list(FILTER parts INCLUDE REGEX "/plugins/shared/")
    target_sources(${target}_${stem} PRIVATE ${parts})
    target_include_directories(${target}_${stem} PRIVATE ${CMAKE_SOURCE_DIR}/plugins/shared)
  endforeach()
endforeach()

# What plugins share is tested once, beside its sources.
set(https_libraries PkgConfig::curl PkgConfig::openssl)
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/plugins/shared/*_test.c)
foreach(source ${sources})
  get_filename_component(stem ${source} NAME_WE)
  string(REPLACE "_test" "" part ${stem})
  file(GLOB parts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/plugins/shared/${part}*.c)
  list(FILTER parts EXCLUDE REGEX "_test\\.c$")
  unit_test(${source} shared_${stem} plugin ${${part}_libraries})
  target_sources(shared_${stem} PRIVATE ${parts})
endforeach()

# The one test that plays a device of the kernel.
target_link_libraries(plugin_readers_sdt_usb_test PRIVATE PkgConfig::umockdev)

if(SHIMING_FUZZ)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz/*.c)
  foreach(source ${sources})
    get_filename_component(stem ${source} NAME_WE)
    add_executable(fuzz_${stem} ${source})
    target_include_directories(fuzz_${stem} PRIVATE ${CMAKE_SOURCE_DIR}/core ${CMAKE_SOURCE_DIR}/include
                               ${CMAKE_SOURCE_DIR}/plugins/shared)
    target_link_libraries(fuzz_${stem} PRIVATE ${rooms} Threads::Threads m dl)
    target_compile_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer)
    target_link_options(fuzz_${stem} PRIVATE -fsanitize=fuzzer)
    # The stored corpus, then as many new inputs as are tried in a few seconds; --long: ten minutes.
    add_test(NAME fuzz_${stem} COMMAND ${CMAKE_SOURCE_DIR}/tests/fuzz/run.sh $<TARGET_FILE:fuzz_${stem}>
             ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${stem})
    set_tests_properties(fuzz_${stem} PROPERTIES TIMEOUT 900 LABELS fuzz)
  endforeach()
endif()

# Everything that is a script: tests/SUITE/x_test.sh, given the build folder.
file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/*/*_test.sh)
foreach(script ${scripts})
  get_filename_component(stem ${script} NAME_WE)
  get_filename_component(suite ${script} DIRECTORY)
  get_filename_component(suite ${suite} NAME)
  add_test(NAME ${suite}_${stem} COMMAND ${script} ${CMAKE_BINARY_DIR} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  if(suite STREQUAL lint)
    set_tests_properties(${suite}_${stem} PROPERTIES TIMEOUT 600 LABELS lint SKIP_RETURN_CODE 77)
  else()
    set_tests_properties(${suite}_${stem} PROPERTIES TIMEOUT 3600 LABELS whole RUN_SERIAL ON SKIP_RETURN_CODE 77)
  endif()
endforeach()
