# kurrentlite::warnings: link it PRIVATE. The presets turn warnings into errors (CMAKE_COMPILE_WARNING_AS_ERROR).
add_library(kurrentlite_warnings INTERFACE)
add_library(kurrentlite::warnings ALIAS kurrentlite_warnings)

target_compile_options(
  kurrentlite_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wconversion
            -Wsign-conversion
            -Wdouble-promotion
            -Wold-style-cast
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wcast-align
            -Wextra-semi
            -Wformat=2
            -Wimplicit-fallthrough)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Plain -Wshadow of GCC 12 also counts an enumerator of a scoped enum as shadowing; clang covers the rest.
  target_compile_options(kurrentlite_warnings INTERFACE -Wshadow=local -Wduplicated-cond -Wduplicated-branches -Wlogical-op)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 sees overlapping copies in `"text" + string` (GCC bug 105651).
    target_compile_options(kurrentlite_warnings INTERFACE -Wno-restrict)
  endif()
else()
  # Old clang coroutines live in std::experimental; async/ is the one place that knows.
  target_compile_options(kurrentlite_warnings INTERFACE -Wshadow -Wno-unknown-warning-option -Wno-deprecated-experimental-coroutine)
endif()
