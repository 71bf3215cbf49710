# Finds oneDNN 2 or 3 by its header and library: TensorLab::onednn, TensorLabOneDNN_VERSION. Debian's own package file
# asks for OpenCL's development files, which a processor-only user does not need.
find_path(TensorLabOneDNN_INCLUDE_DIR oneapi/dnnl/dnnl.hpp)
find_library(TensorLabOneDNN_LIBRARY dnnl)
if(TensorLabOneDNN_INCLUDE_DIR)
  file(STRINGS ${TensorLabOneDNN_INCLUDE_DIR}/oneapi/dnnl/dnnl_version.h TensorLabOneDNN_LINES
    REGEX "#define DNNL_VERSION_(MAJOR|MINOR|PATCH) ")
  string(REGEX REPLACE "[^;0-9]" "" TensorLabOneDNN_LINES "${TensorLabOneDNN_LINES}")
  string(REPLACE ";" "." TensorLabOneDNN_VERSION "${TensorLabOneDNN_LINES}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TensorLabOneDNN REQUIRED_VARS TensorLabOneDNN_LIBRARY TensorLabOneDNN_INCLUDE_DIR
  VERSION_VAR TensorLabOneDNN_VERSION)
mark_as_advanced(TensorLabOneDNN_LIBRARY TensorLabOneDNN_INCLUDE_DIR)
if(TensorLabOneDNN_FOUND AND NOT TARGET TensorLab::onednn)
  add_library(TensorLab::onednn UNKNOWN IMPORTED GLOBAL)
  set_target_properties(TensorLab::onednn PROPERTIES
    IMPORTED_LOCATION ${TensorLabOneDNN_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${TensorLabOneDNN_INCLUDE_DIR})
endif()
