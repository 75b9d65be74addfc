# `cmake --install`: the library with its headers, the tool, and what find_package(wta) and pkg-config read.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(wta_package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/wta)
set(wta_public_headers ${PROJECT_SOURCE_DIR}/include/wta)

set_target_properties(wta_library PROPERTIES EXPORT_NAME wta)
target_include_directories(wta_library INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(wta_library PUBLIC cxx_std_20)
install(TARGETS wta_library EXPORT wta_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT cpp)
install(TARGETS wta_tool RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT cpp)
install(DIRECTORY ${wta_public_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT cpp FILES_MATCHING PATTERN *.h)

# Whoever links the static library links what it uses, found the same way.
install(EXPORT wta_targets NAMESPACE wta:: DESTINATION ${wta_package_folder} COMPONENT cpp)
install(FILES cmake/dependencies.cmake DESTINATION ${wta_package_folder} COMPONENT cpp)
configure_package_config_file(cmake/wta-config.cmake.in ${CMAKE_BINARY_DIR}/wta-config.cmake
  INSTALL_DESTINATION ${wta_package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/wta-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/wta-config.cmake ${CMAKE_BINARY_DIR}/wta-config-version.cmake
  DESTINATION ${wta_package_folder} COMPONENT cpp)

# The manual page and the completions, as the tool prints them.
include(cmake/shell_documents.cmake)

configure_file(cmake/wta.pc.in ${CMAKE_BINARY_DIR}/wta.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/wta.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT cpp)
