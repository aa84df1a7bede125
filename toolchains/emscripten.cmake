# Toolchain file for WebAssembly: -DCMAKE_TOOLCHAIN_FILE=toolchains/emscripten.cmake, or the wasm-* presets.
# Takes the emcc on PATH (an activated emsdk wins), else Debian's package.
find_program(KURRENTLITE_EMCC emcc NO_CMAKE_FIND_ROOT_PATH)
mark_as_advanced(KURRENTLITE_EMCC)
if(NOT KURRENTLITE_EMCC)
  message(FATAL_ERROR "emcc is missing: run toolchains/setup (Debian package emscripten) or activate an emsdk")
endif()

# Emscripten's own CMake platform file lies beside the real emcc; Debian's emcc is a link to a wrapper there.
get_filename_component(kurrentlite_emscripten_root "${KURRENTLITE_EMCC}" REALPATH)
get_filename_component(kurrentlite_emscripten_root "${kurrentlite_emscripten_root}" DIRECTORY)

# Debian's emcc finds its JavaScript parser (acorn) only through NODE_PATH, and needs it when it links.
if(EXISTS /usr/share/nodejs/acorn)
  set(CMAKE_CXX_LINKER_LAUNCHER "${CMAKE_COMMAND};-E;env;NODE_PATH=/usr/share/nodejs")
endif()

# Without RTTI, embind must not ask for the names of types that were never registered.
set(CMAKE_CXX_FLAGS_INIT "-DEMSCRIPTEN_HAS_UNBOUND_TYPE_NAMES=0")

# LTO sees through the layers. What no call spends its time in asks for -Oz: see kurrentlite::small.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -flto -mbulk-memory -DNDEBUG" CACHE STRING "Flags of release builds")
# Names without DWARF: readable stacks in the browser, and a module that loads fast enough to test with.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g2" CACHE STRING "Flags of debug builds")

include("${kurrentlite_emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")

# Coroutines left "experimental" with clang 15; earlier compilers want a flag.
if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 15)
  string(APPEND CMAKE_CXX_FLAGS_INIT " -fcoroutines-ts")
endif()
