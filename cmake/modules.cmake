# wta_module(NAME SOURCES ... [DEPENDS modules...] [LIBRARIES targets...] [OTHER_OPTIONS] [JOINED])
# One object library per folder of src, with fmt for its messages; OTHER_OPTIONS: it has options of the compiler of its own;
# JOINED: several files are compiled as one (wta_join_sources).
# Headers of a module may be included only by modules that name it in DEPENDS, directly or through another one
# (tests/structure/include_direction.py reads this and enforces it).
set(WTA_MODULES "" CACHE INTERNAL "")
set(WTA_MODULE_LIBRARIES "" CACHE INTERNAL "")
# What most files of src include, compiled once: a third of the time that a small file takes. Each file still includes what it
# needs; the preset `check` compiles without this.
set(WTA_COMMON_HEADERS <algorithm> <array> <cmath> <cstdint> <filesystem> <functional> <map> <memory> <optional> <span> <string>
  <string_view> <utility> <vector> <fmt/format.h>)

function(wta_module name)
  cmake_parse_arguments(ARG "OTHER_OPTIONS;JOINED" "" "SOURCES;DEPENDS;LIBRARIES" ${ARGN})
  add_library(wta_${name} OBJECT ${ARG_SOURCES})
  target_include_directories(wta_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  wta_set_warnings(wta_${name})
  wta_set_tidy(wta_${name})
  foreach(dependency IN LISTS ARG_DEPENDS)
    target_link_libraries(wta_${name} PUBLIC wta_${dependency})
  endforeach()
  list(PREPEND ARG_LIBRARIES fmt::fmt)
  target_link_libraries(wta_${name} PRIVATE ${ARG_LIBRARIES})
  if(name STREQUAL core OR ARG_OTHER_OPTIONS)
    target_precompile_headers(wta_${name} PRIVATE ${WTA_COMMON_HEADERS})
  else()
    target_precompile_headers(wta_${name} REUSE_FROM wta_core)
  endif()
  if(ARG_JOINED)
    wta_join_sources(wta_${name})
  endif()
  set(WTA_MODULES ${WTA_MODULES} wta_${name} CACHE INTERNAL "")
  set(WTA_MODULE_LIBRARIES ${WTA_MODULE_LIBRARIES} ${ARG_LIBRARIES} CACHE INTERNAL "")
endfunction()

# Compiles the files of a target a few at a time: what they include is read, and its templates made, once for all. Their unnamed
# namespaces become one, so that no two may define the same name.
function(wta_join_sources target)
  if(WTA_JOIN_SOURCES)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 5)
  endif()
endfunction()

function(wta_set_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    # Designated initializers leave members out on purpose.
    -Wno-missing-field-initializers
    # GCC 12 warns of `"text" + std::string` by mistake (GCC bug 105651), with precompiled headers in two more ways.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-array-bounds -Wno-stringop-overflow>)
  if(WTA_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# With WTA_CLANG_TIDY (the `check` preset), clang-tidy reads every file that is compiled; a finding is an error.
function(wta_set_tidy target)
  if(NOT WTA_CLANG_TIDY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES CXX_CLANG_TIDY "${WTA_CLANG_TIDY};--quiet;--warnings-as-errors=*")
  get_target_property(sources ${target} SOURCES)
  set_source_files_properties(${sources} PROPERTIES OBJECT_DEPENDS ${PROJECT_SOURCE_DIR}/.clang-tidy)
endfunction()

# The library `wta_library` (libwta.a): the objects of every module.
function(wta_add_library)
  add_library(wta_library STATIC)
  set_target_properties(wta_library PROPERTIES OUTPUT_NAME wta)
  foreach(module IN LISTS WTA_MODULES)
    target_sources(wta_library PRIVATE $<TARGET_OBJECTS:${module}>)
  endforeach()
  target_include_directories(wta_library PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
  set(libraries ${WTA_MODULE_LIBRARIES})
  list(REMOVE_DUPLICATES libraries)
  target_link_libraries(wta_library PRIVATE ${libraries})
endfunction()
