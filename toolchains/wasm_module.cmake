# kurrentlite_wasm_settings(<target>): memory, stack and the meaning of 64-bit numbers, the same for all modules.
function(kurrentlite_wasm_settings target)
  if(EMSCRIPTEN_VERSION VERSION_LESS 3.1.27)
    set(stack_size TOTAL_STACK)
  else()
    set(stack_size STACK_SIZE)
  endif()
  target_link_options(
    ${target}
    PRIVATE -fno-exceptions
            -fno-rtti
            -sWASM_BIGINT
            -sALLOW_MEMORY_GROWTH
            -sMAXIMUM_MEMORY=4GB
            -s${stack_size}=1048576
            -sMALLOC=emmalloc)
endfunction()

# kurrentlite_wasm_module(<target>): makes an executable target the ES module bin/kurrentlite.mjs + bin/kurrentlite.wasm.
# Release is for browsers and workers and never touches Node; our own loader starts it in Node.
# Debug checks assertions, the stack and every memory access, and may also be started by Node itself.
function(kurrentlite_wasm_module target)
  kurrentlite_wasm_settings(${target})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME kurrentlite SUFFIX .mjs)
  target_link_options(
    ${target}
    PRIVATE --bind
            -sMODULARIZE
            -sEXPORT_ES6
            -sDYNAMIC_EXECUTION=0
            -sFILESYSTEM=0)

  if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(pre_js "${PROJECT_SOURCE_DIR}/toolchains/node_globals.js")
    target_link_options(
      ${target}
      PRIVATE -sENVIRONMENT=web,worker,node
              -sASSERTIONS=1
              -sSTACK_OVERFLOW_CHECK=2
              -sSAFE_HEAP=1
              "SHELL:--extern-pre-js \"${pre_js}\"")
    set_target_properties(${target} PROPERTIES LINK_DEPENDS "${pre_js}")
  else()
    # Of what is left to do after LTO, inlining gains nothing that can be measured.
    target_link_options(${target} PRIVATE -sENVIRONMENT=web,worker -Oz)
  endif()
endfunction()
