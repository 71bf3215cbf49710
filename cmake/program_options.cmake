# Options of this project's own programs; the package itself adds none of these to its users.
include(CheckCXXCompilerFlag)

add_library(tensorlab_program_options INTERFACE)
if(TENSORLAB_NATIVE)
  foreach(flag -march=native -mprefer-vector-width=512 -fno-math-errno -fno-trapping-math)
    string(MAKE_C_IDENTIFIER "TENSORLAB_HAS${flag}" known)
    check_cxx_compiler_flag(${flag} ${known})
    if(${known})
      target_compile_options(tensorlab_program_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:${flag}>)
    endif()
  endforeach()
endif()

# Partly initialised records (`{.in = 3, .out = 4}`) are how options are written here.
set(warnings -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # g++ 12 reports its own AVX-512 intrinsics (GCC bug 105593).
  list(APPEND warnings -Wno-maybe-uninitialized -Wno-uninitialized)
endif()
if(TENSORLAB_WERROR)
  list(APPEND warnings -Werror)
endif()
target_compile_options(tensorlab_program_options INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${warnings}>")
