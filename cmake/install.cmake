include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# Everything below is the same on every machine: headers, and a package file that looks for the rest where it is used.
set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/TensorLab)
install(DIRECTORY include/tensorlab DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.hpp" PATTERN "*.cuh" PATTERN "*.cu")
install(TARGETS tensorlab EXPORT TensorLabTargets INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT TensorLabTargets NAMESPACE TensorLab:: DESTINATION ${package_dir})
install(DIRECTORY cmake/components cmake/modules DESTINATION ${package_dir})
if(EXISTS ${TENSORLAB_PRECOMPILED_SOURCE})
  install(FILES ${TENSORLAB_PRECOMPILED_SOURCE} DESTINATION ${package_dir})
endif()

set(TENSORLAB_INSTALL_INCLUDE_DIR ${CMAKE_INSTALL_INCLUDEDIR})
configure_package_config_file(cmake/TensorLabConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/TensorLabConfig.cmake
  INSTALL_DESTINATION ${package_dir} PATH_VARS TENSORLAB_INSTALL_INCLUDE_DIR)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/TensorLabConfigVersion.cmake
  COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/TensorLabConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/TensorLabConfigVersion.cmake DESTINATION ${package_dir})

configure_file(cmake/tensorlab.pc.in tensorlab.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/tensorlab.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
