# The libraries, and the compiler flags that their speed and their bits depend on. What trains lies on top and is what
# users link, micrograd; below it the compiler, if it can be built, and the core, with engine, graphs and nets.

file(GLOB_RECURSE micrograd_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/micrograd/*.cpp)
if(NOT micrograd_sources)
  message(FATAL_ERROR "no sources under ${PROJECT_SOURCE_DIR}/micrograd")
endif()

# What needs Graphviz, cairo and pango is a library of its own, so that nobody has to link them for a net.
set(picture_sources ${micrograd_sources})
list(FILTER picture_sources INCLUDE REGEX "/micrograd/(plot/.*|graph/render)\\.cpp$")
if(picture_sources)
  list(REMOVE_ITEM micrograd_sources ${picture_sources})
endif()

# The compiler and its lanes as well: they take long to build and need libraries of their own.
set(compiler_sources ${micrograd_sources})
list(FILTER compiler_sources INCLUDE REGEX "/micrograd/(simd|compiler)/.*\\.cpp$")
if(compiler_sources)
  list(REMOVE_ITEM micrograd_sources ${compiler_sources})
endif()

# Training runs compiled where there is a compiler; else a file that says so stands in.
set(train_sources ${micrograd_sources})
list(FILTER train_sources INCLUDE REGEX "/micrograd/train/.*\\.cpp$")
list(REMOVE_ITEM micrograd_sources ${train_sources})

find_package(Boost REQUIRED)  # headers only: Boost.Math's polygamma
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)                 # compressed data files
find_package(nlohmann_json REQUIRED)        # headers only
find_package(PkgConfig QUIET)               # finds what the parts beyond the core need

# What every library here has in common.
function(micrograd_add_library target name)
  add_library(${target} ${ARGN})
  add_library(micrograd::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name}
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
    CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
endfunction()

# Half of what a small file costs the compiler are headers that its neighbours take too, so several files are one unit
# where speed does not depend on it. A name in an unnamed namespace must then be no other file's.
function(micrograd_compile_together target)
  if(MICROGRAD_FILES_TOGETHER GREATER 1)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${MICROGRAD_FILES_TOGETHER})
  endif()
endfunction()

micrograd_add_library(micrograd_core core ${micrograd_sources})
target_compile_features(micrograd_core PUBLIC cxx_std_20)
target_include_directories(micrograd_core PUBLIC
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_include_directories(micrograd_core SYSTEM PRIVATE ${Boost_INCLUDE_DIRS})
target_link_libraries(micrograd_core PUBLIC Threads::Threads PRIVATE
  $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>)

# Fusing a*b+c changes the result, so user code that is compared with ours must not fuse either.
target_compile_options(micrograd_core PUBLIC
  $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>:-ffp-contract=off>)

# Checked builds change inline code in headers, so user code must agree with the library. Inside a build
# tree both have one configuration; an installed library says what it was built as.
set(micrograd_installed_checked ${MICROGRAD_CHECKED})
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  set(micrograd_installed_checked ON)
endif()
target_compile_definitions(micrograd_core PUBLIC
  $<BUILD_INTERFACE:$<$<OR:$<BOOL:${MICROGRAD_CHECKED}>,$<CONFIG:Debug>>:MICROGRAD_CHECKED=1>>
  $<INSTALL_INTERFACE:$<$<BOOL:${micrograd_installed_checked}>:MICROGRAD_CHECKED=1>>)

# Flags of the library's own code; the benchmarks use them too, so that all contestants have the same.
function(micrograd_speed_flags target)
  # Without errno an unused call to exp or log can be dropped.
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>:-fno-math-errno>
    # g++'s vectoriser of straight-line code makes backward slower.
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-tree-slp-vectorize>)
endfunction()
micrograd_speed_flags(micrograd_core)

# Files that are compiled for one SIMD target say so themselves, function by function. clang needs to be told for the
# whole file too, or it passes wide vectors in memory, where no other compiler (and no library) looks for them. To be
# called in the directory of the target that the files belong to.
function(micrograd_lane_flags)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    foreach(file IN LISTS ARGN)
      if(file MATCHES "_avx2\\.cpp$")
        set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS -mavx)
      elseif(file MATCHES "_avx3\\.cpp$")
        set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS -mavx512f)
      endif()
    endforeach()
  endif()
endfunction()

# In position-independent code each access to the thread's tape would otherwise be written as a function call (6 ns
# an operation).
target_compile_options(micrograd_core PRIVATE
  $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>:-ftls-model=initial-exec>)

if(PkgConfig_FOUND)
  pkg_check_modules(HWY QUIET IMPORTED_TARGET libhwy)   # SIMD lanes and the choice of instructions at run time
  pkg_check_modules(SLEEF QUIET IMPORTED_TARGET sleef)  # vector functions that Highway lacks
  pkg_check_modules(GRAPHVIZ QUIET IMPORTED_TARGET libgvc libcgraph)
  pkg_check_modules(PANGOCAIRO QUIET IMPORTED_TARGET pangocairo)
endif()
if(compiler_sources AND MICROGRAD_BUILD_COMPILER AND HWY_FOUND AND SLEEF_FOUND)
  micrograd_add_library(micrograd_compiler compiler ${compiler_sources})
  micrograd_lane_flags(${compiler_sources})
  if(MICROGRAD_SANITIZE MATCHES "undefined")
    # Thousands of small functions, in which that sanitizer finds nothing and takes half the time of a build.
    set(kernel_sources ${compiler_sources})
    list(FILTER kernel_sources INCLUDE REGEX "/compiler/kernels.*\\.cpp$")
    set_property(SOURCE ${kernel_sources} APPEND PROPERTY COMPILE_OPTIONS -fno-sanitize=undefined)
  endif()
  target_include_directories(micrograd_compiler SYSTEM PRIVATE ${Boost_INCLUDE_DIRS})
  target_link_libraries(micrograd_compiler PUBLIC micrograd_core PRIVATE PkgConfig::HWY PkgConfig::SLEEF)
  target_compile_options(micrograd_compiler PRIVATE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>:-fno-math-errno -ftls-model=initial-exec>)
else()
  message(STATUS "micrograd::compiler is left out: it needs Highway (libhwy-dev) and SLEEF (libsleef-dev)")
endif()

if(TARGET micrograd_compiler)
  list(FILTER train_sources EXCLUDE REGEX "/train/without_compiler\\.cpp$")
else()
  list(FILTER train_sources EXCLUDE REGEX "/train/(compiled_step|row_program)\\.cpp$")
endif()
micrograd_add_library(micrograd micrograd ${train_sources})
target_link_libraries(micrograd PUBLIC micrograd_core
  PRIVATE ZLIB::ZLIB $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>)
if(TARGET micrograd_compiler)
  target_link_libraries(micrograd PUBLIC micrograd_compiler)
endif()
micrograd_speed_flags(micrograd)
target_compile_options(micrograd PRIVATE
  $<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>:-ftls-model=initial-exec>)

if(picture_sources AND GRAPHVIZ_FOUND AND PANGOCAIRO_FOUND)
  micrograd_add_library(micrograd_pictures pictures ${picture_sources})
  target_link_libraries(micrograd_pictures PUBLIC micrograd PRIVATE PkgConfig::GRAPHVIZ PkgConfig::PANGOCAIRO)
else()
  message(STATUS "micrograd::pictures is left out: it needs Graphviz (libgraphviz-dev) and pango (libpango1.0-dev)")
endif()
