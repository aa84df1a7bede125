# kurrentlite_add_wasm_test(<name> SOURCES <files>... LIBS <targets>...)
# Makes a GoogleTest program that Node runs: node bin/<name>.js [--gtest_filter=... --gtest_output=xml:<file>]
# GoogleTest is compiled along, since installed libraries are of the machine's own kind.
find_path(KURRENTLITE_GOOGLETEST_SOURCES googlemock/src/gmock-all.cc PATHS /usr/src/googletest NO_CMAKE_FIND_ROOT_PATH)
mark_as_advanced(KURRENTLITE_GOOGLETEST_SOURCES)
if(NOT KURRENTLITE_GOOGLETEST_SOURCES)
  message(FATAL_ERROR "GoogleTest's sources are missing: run toolchains/setup (Debian package googletest)")
endif()

add_library(
  kurrentlite_googletest STATIC
  "${KURRENTLITE_GOOGLETEST_SOURCES}/googletest/src/gtest-all.cc"
  "${KURRENTLITE_GOOGLETEST_SOURCES}/googlemock/src/gmock-all.cc"
  "${KURRENTLITE_GOOGLETEST_SOURCES}/googlemock/src/gmock_main.cc")
target_include_directories(
  kurrentlite_googletest SYSTEM
  PUBLIC "${KURRENTLITE_GOOGLETEST_SOURCES}/googletest/include" "${KURRENTLITE_GOOGLETEST_SOURCES}/googlemock/include"
  PRIVATE "${KURRENTLITE_GOOGLETEST_SOURCES}/googletest" "${KURRENTLITE_GOOGLETEST_SOURCES}/googlemock")
set_target_properties(kurrentlite_googletest PROPERTIES COMPILE_WARNING_AS_ERROR OFF)
target_link_libraries(kurrentlite_googletest PUBLIC kurrentlite::core_options)

function(kurrentlite_add_wasm_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBS")
  if(NOT arg_SOURCES OR arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "kurrentlite_add_wasm_test(${name}): give SOURCES <files>... [LIBS <targets>...]")
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE ${arg_LIBS} kurrentlite_googletest kurrentlite::warnings)
  kurrentlite_wasm_settings(${name})
  # The exit code and the report must leave the program; Node's files are the program's. Glue of Emscripten 3.1.6 would
  # fetch the module as in a browser, which Node does not do for files: so it is compiled at once.
  target_link_options(
    ${name} PRIVATE -sENVIRONMENT=node -sEXIT_RUNTIME=1 -sNODERAWFS=1 -sASSERTIONS=1 -sWASM_ASYNC_COMPILATION=0)
endfunction()

# The programs are CommonJS; the package around the build tree says otherwise.
file(WRITE "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/package.json" "{ \"type\": \"commonjs\" }\n")
