# What `cmake --install` leaves behind, so that find_package(micrograd) works.

include(CMakePackageConfigHelpers)

set(micrograd_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/micrograd)
set(micrograd_data_dir ${CMAKE_INSTALL_DATADIR}/micrograd)

set(micrograd_has_compiler OFF)
install(TARGETS micrograd_core micrograd EXPORT micrograd-targets)
if(TARGET micrograd_compiler)
  set(micrograd_has_compiler ON)
  install(TARGETS micrograd_compiler EXPORT micrograd-targets)
endif()
if(TARGET micrograd_pictures)
  install(TARGETS micrograd_pictures EXPORT micrograd-pictures-targets)
  install(EXPORT micrograd-pictures-targets NAMESPACE micrograd:: DESTINATION ${micrograd_package_dir})
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/micrograd TYPE INCLUDE FILES_MATCHING PATTERN "*.hpp")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/data/ DESTINATION ${micrograd_data_dir})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs/tour DESTINATION ${micrograd_data_dir})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

install(EXPORT micrograd-targets NAMESPACE micrograd:: DESTINATION ${micrograd_package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/micrograd-config.cmake.in
  ${PROJECT_BINARY_DIR}/micrograd-config.cmake
  INSTALL_DESTINATION ${micrograd_package_dir} PATH_VARS micrograd_data_dir)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/micrograd-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/micrograd-config.cmake
  ${PROJECT_BINARY_DIR}/micrograd-config-version.cmake DESTINATION ${micrograd_package_dir})
