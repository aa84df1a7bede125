# Libraries of other people, each behind one target. They come from the system, so that the build works offline.
# The core itself needs none; tests do.

# kurrentlite::nlohmann_json: the JSON reader ours is held against. A link in the build tree exposes nlohmann/ alone,
# because the system's include directory must never reach the emscripten compiler.
find_path(KURRENTLITE_NLOHMANN_INCLUDE nlohmann/json.hpp PATHS /usr/include /usr/local/include NO_CMAKE_FIND_ROOT_PATH)
mark_as_advanced(KURRENTLITE_NLOHMANN_INCLUDE)
if(NOT KURRENTLITE_NLOHMANN_INCLUDE)
  message(FATAL_ERROR "nlohmann/json.hpp is missing: run toolchains/setup (Debian package nlohmann-json3-dev)")
endif()
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/dependencies")
file(CREATE_LINK "${KURRENTLITE_NLOHMANN_INCLUDE}/nlohmann" "${PROJECT_BINARY_DIR}/dependencies/nlohmann" SYMBOLIC)

add_library(kurrentlite_nlohmann_json INTERFACE)
add_library(kurrentlite::nlohmann_json ALIAS kurrentlite_nlohmann_json)
target_include_directories(kurrentlite_nlohmann_json SYSTEM INTERFACE "${PROJECT_BINARY_DIR}/dependencies")
target_compile_definitions(kurrentlite_nlohmann_json INTERFACE JSON_NOEXCEPTION=1)
