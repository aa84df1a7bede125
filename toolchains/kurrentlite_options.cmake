# Settings every target of this project shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

# kurrentlite::core_options: how src/ and bindings/ are compiled. Failures are values (Result<T>), never exceptions.
# RTTI goes only where it costs download size: natively, tests derive from interfaces of the core and need their type
# information.
add_library(kurrentlite_core_options INTERFACE)
add_library(kurrentlite::core_options ALIAS kurrentlite_core_options)
target_compile_features(kurrentlite_core_options INTERFACE cxx_std_20)
target_compile_options(kurrentlite_core_options INTERFACE -fno-exceptions)
if(EMSCRIPTEN)
  target_compile_options(kurrentlite_core_options INTERFACE -fno-rtti)
endif()

# kurrentlite::small: for layers where a small download counts for more than speed. Link it PRIVATE.
set(KURRENTLITE_SMALL "$<$<AND:$<BOOL:${EMSCRIPTEN}>,$<CONFIG:Release>>:-Oz;-finline-functions>")
add_library(kurrentlite_small INTERFACE)
add_library(kurrentlite::small ALIAS kurrentlite_small)
target_compile_options(kurrentlite_small INTERFACE ${KURRENTLITE_SMALL})

# A second build of the same file costs nothing when ccache is there.
find_program(KURRENTLITE_CCACHE ccache)
mark_as_advanced(KURRENTLITE_CCACHE)
if(KURRENTLITE_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  if(EMSCRIPTEN)
    # em++ is a script: tell ccache that a clang is behind it.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_COMPILERTYPE=clang;${KURRENTLITE_CCACHE}")
  else()
    set(CMAKE_CXX_COMPILER_LAUNCHER "${KURRENTLITE_CCACHE}")
  endif()
endif()
