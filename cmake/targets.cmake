# SPDX-License-Identifier: Apache-2.0
# The three kinds of target. Sources are found by folder, so a new file is one new file.
include_guard()

# room(NAME [USES room...] [LIBRARIES target...]): core/NAME as a static library.
function(room name)
  cmake_parse_arguments(ROOM "" "" "USES;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/core/${name}/*.c)
  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/core ${CMAKE_SOURCE_DIR}/include)
  target_link_libraries(${name} PUBLIC ${ROOM_USES} PRIVATE ${ROOM_LIBRARIES} Threads::Threads m dl)
  set_property(GLOBAL APPEND PROPERTY SHIMING_ROOMS ${name})
endfunction()

# embed(ROOM FILE): core/ROOM/FILE as bytes in the program; file.json becomes file_json and file_json_size.
function(embed room file)
  string(MAKE_C_IDENTIFIER ${file} name)
  embed_as(${room} ${name} core/${room}/${file})
endfunction()

# embed_as(ROOM NAME PATH): any file of the sources, as NAME and NAME_size.
function(embed_as room name path)
  set(source ${CMAKE_SOURCE_DIR}/${path})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${name}.c @ONLY CONTENT
"#include <stddef.h>
extern const unsigned char @name@[];
extern const size_t @name@_size;
const unsigned char @name@[] = { @bytes@ };
const size_t @name@_size = sizeof @name@;
")
  target_sources(${room} PRIVATE ${CMAKE_BINARY_DIR}/${name}.c)
endfunction()

# program(NAME): core/main.c, the gateway and the verbs, on top of every room.
function(program name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/core/*.c ${CMAKE_SOURCE_DIR}/core/cli/*.c)
  get_property(rooms GLOBAL PROPERTY SHIMING_ROOMS)
  list(REVERSE rooms)
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/core)
  target_link_libraries(${name} PRIVATE ${rooms} PkgConfig::cjson Threads::Threads m dl)
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

# plugin(KIND NAME [SHARED part...] [LIBRARIES target...]): plugins/KIND/NAME/*.c as KIND/NAME.so, with
# plugins/shared/PART*.c of each part. It sees the public header only, exports one symbol, and an
# undefined symbol fails the build.
function(plugin kind name)
  cmake_parse_arguments(PLUGIN "" "" "SHARED;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/plugins/${kind}/${name}/*.c)
  foreach(part ${PLUGIN_SHARED})
    file(GLOB parts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/plugins/shared/${part}*.c)
    list(APPEND sources ${parts})
  endforeach()
  list(FILTER sources EXCLUDE REGEX "_test\\.c$")
  set(target plugin_${kind}_${name})
  add_library(${target} MODULE ${sources})
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name} LINKER_LANGUAGE C
                        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins/${kind})
  install(TARGETS ${target} LIBRARY DESTINATION ${SHIMING_PLUGIN_DIR}/${kind})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/plugins/shared)
  target_link_libraries(${target} PRIVATE ${PLUGIN_LIBRARIES})
  if(NOT SHIMING_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
  set_property(GLOBAL APPEND PROPERTY SHIMING_PLUGINS ${target})
  if(NOT TARGET plugins)
    add_custom_target(plugins)
  endif()
  add_dependencies(plugins ${target})
endfunction()
