# KURRENTLITE_STATIC=ON: programs that link kurrentlite::standalone bring other people's libraries along and need only libc
# and libm of the machine they run on. The preset native-release sets it.
option(KURRENTLITE_STATIC "Link gRPC, protobuf, PCRE2, OpenSSL and libstdc++ statically (native only)" OFF)

add_library(kurrentlite_standalone INTERFACE)
add_library(kurrentlite::standalone ALIAS kurrentlite_standalone)

if(KURRENTLITE_STATIC)
  # find_library, and with it the targets made from pkg-config's files, then takes archives. Debian's pkg-config files of
  # gRPC name all that it needs, in the order in which archives are to be linked.
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
  target_link_options(
    kurrentlite_standalone INTERFACE -static-libstdc++ -static-libgcc -Wl,--gc-sections -Wl,--as-needed
                                     $<$<CONFIG:Release>:-Wl,--strip-all>)
endif()
