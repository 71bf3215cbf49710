# Finds libzip by its header and library: TensorLab::zip.
find_path(TensorLabZip_INCLUDE_DIR zip.h)
find_library(TensorLabZip_LIBRARY zip)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TensorLabZip REQUIRED_VARS TensorLabZip_LIBRARY TensorLabZip_INCLUDE_DIR)
mark_as_advanced(TensorLabZip_LIBRARY TensorLabZip_INCLUDE_DIR)
if(TensorLabZip_FOUND AND NOT TARGET TensorLab::zip)
  add_library(TensorLab::zip UNKNOWN IMPORTED GLOBAL)
  set_target_properties(TensorLab::zip PROPERTIES
    IMPORTED_LOCATION ${TensorLabZip_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${TensorLabZip_INCLUDE_DIR})
endif()
