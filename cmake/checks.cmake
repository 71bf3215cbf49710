# The checks, each a target: cmake --build build/test --target check_<name>. A check that cannot run here ends with a
# line `skipped: <reason>`.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(checks ${PROJECT_SOURCE_DIR}/scripts/checks)

function(tensorlab_add_check name)
  add_custom_target(check_${name} COMMAND ${ARGN} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} USES_TERMINAL VERBATIM)
  set_property(GLOBAL APPEND PROPERTY tensorlab_checks check_${name})
endfunction()

tensorlab_add_check(format ${checks}/format.sh)
tensorlab_add_check(floors Python3::Interpreter ${PROJECT_SOURCE_DIR}/scripts/check_floors.py)
tensorlab_add_check(mirror Python3::Interpreter ${checks}/mirror.py)
tensorlab_add_check(coverage Python3::Interpreter ${checks}/coverage.py)
tensorlab_add_check(op_table Python3::Interpreter ${PROJECT_SOURCE_DIR}/scripts/op_table.py --check)

if(TARGET TensorLab::cpu AND TARGET TensorLab::io)
  # Its entry in compile_commands.json gives the other checks the flags of a real program.
  add_library(compile_probe OBJECT EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/tests/compile/probe.cpp)
  target_link_libraries(compile_probe PRIVATE tensorlab_program_options TensorLab::cpu TensorLab::io Eigen3::Eigen)

  set(gcc g++)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    set(gcc ${CMAKE_CXX_COMPILER})
  endif()
  tensorlab_add_check(headers_gcc Python3::Interpreter ${checks}/headers.py ${PROJECT_BINARY_DIR} ${gcc})
  tensorlab_add_check(headers_clang Python3::Interpreter ${checks}/headers.py ${PROJECT_BINARY_DIR} clang++)
  tensorlab_add_check(must_not_compile Python3::Interpreter ${checks}/must_not_compile.py ${PROJECT_BINARY_DIR})
  tensorlab_add_check(budgets Python3::Interpreter ${PROJECT_SOURCE_DIR}/scripts/check_budgets.py ${PROJECT_BINARY_DIR})

  set(generated ${PROJECT_BINARY_DIR}/generated)
  add_custom_target(everything_header COMMAND Python3::Interpreter ${checks}/everything.py ${generated} VERBATIM)
  find_package(CUDAToolkit QUIET)  # where it is, the cuda backend's headers are among them
  foreach(name link hostile_macros)
    file(GLOB sources ${PROJECT_SOURCE_DIR}/tests/compile/${name}*.cpp)
    add_executable(compile_${name} EXCLUDE_FROM_ALL ${sources})
    target_link_libraries(compile_${name} PRIVATE tensorlab_program_options TensorLab::cpu TensorLab::io Eigen3::Eigen)
    target_include_directories(compile_${name} PRIVATE ${generated})
    target_include_directories(compile_${name} SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
    add_dependencies(compile_${name} everything_header)
    tensorlab_add_check(${name} $<TARGET_FILE:compile_${name}>)
    add_dependencies(check_${name} compile_${name})
  endforeach()
endif()

tensorlab_add_check(consumers ${checks}/consumers.sh)
tensorlab_add_check(without_onednn ${checks}/preset.sh without-onednn tests_cpu)
tensorlab_add_check(sanitizers ${checks}/sanitizers.sh)
tensorlab_add_check(threads ${checks}/threads.sh)
tensorlab_add_check(cuda ${checks}/cuda.sh)
if(TARGET tests_common AND TARGET tests_programs)
  tensorlab_add_check(pytorch ${checks}/pytorch.sh ${PROJECT_BINARY_DIR})
  add_dependencies(check_pytorch tests_common tests_programs)
endif()
if(TARGET compile_probe)
  tensorlab_add_check(onednn3 Python3::Interpreter ${checks}/onednn3.py ${PROJECT_BINARY_DIR})
endif()
tensorlab_add_check(benchmarks ${checks}/benchmarks.sh)
tensorlab_add_check(quickstart ${PROJECT_SOURCE_DIR}/scripts/quickstart.sh
  --epochs 1 --save ${PROJECT_BINARY_DIR}/quickstart.pt)

get_property(all_checks GLOBAL PROPERTY tensorlab_checks)
list(JOIN all_checks "\n" lines)
file(WRITE ${PROJECT_BINARY_DIR}/checks.txt "${lines}\n")
