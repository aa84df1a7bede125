# KURRENTLITE_SANITIZE=address,undefined instruments the whole build, tests included; the first finding ends the program.
set(KURRENTLITE_SANITIZE "" CACHE STRING "Sanitizers for every target, e.g. address,undefined (empty: none)")

if(KURRENTLITE_SANITIZE)
  add_compile_options(-fsanitize=${KURRENTLITE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KURRENTLITE_SANITIZE} -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code confuses GCC's flow analysis; the plain builds keep this warning.
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()
