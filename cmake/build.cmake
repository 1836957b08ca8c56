# The build's settings, and one-line helpers: a library, a program, a test, a fuzzer, a benchmark.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(HEADGATE_TESTS "Build the tests" ON)
option(HEADGATE_FUZZERS "Build the libFuzzer programs (needs clang)" OFF)
set(HEADGATE_SANITIZERS "" CACHE STRING "Sanitizers, comma-separated: address,undefined or thread")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_definitions(HEADGATE_VERSION="${PROJECT_VERSION}")
add_compile_options(-Wall -Wextra -Wconversion -Wno-sign-conversion -Werror -fno-omit-frame-pointer)
# Members have no underscore in plain structs, so a parameter of the same name is no mistake: GCC can tell these apart, and
# clang, which cannot, compiles nothing that GCC does not.
# And GCC 12 takes `"text" + string` for copying memory over itself (GCC's bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wshadow=local -Wno-restrict)
endif()
# What ships is optimised as a whole. Test programs link the same objects as each was compiled: optimising thirty of them again
# as wholes took a third of the build.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CMAKE_CXX_COMPILE_OPTIONS_IPO -flto=auto -ffat-lto-objects)
endif()
if(HEADGATE_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(HEADGATE_SANITIZERS)
  add_compile_options(-fsanitize=${HEADGATE_SANITIZERS} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HEADGATE_SANITIZERS})
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    # It looks at memory through a pipe, and takes every object for none when there are no descriptors left, as tests have it.
    add_compile_options(-fno-sanitize=vptr)
  endif()
  if(HEADGATE_SANITIZERS MATCHES thread)
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)  # TSan knows no fences, and Asio's mutexes do without
  endif()
endif()

find_package(CLI11 REQUIRED)
find_package(Threads REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(OpenSSL 3 REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(yaml-cpp REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(PkgConfig REQUIRED)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(isal REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(rocksdb REQUIRED IMPORTED_TARGET rocksdb)
find_path(XXHASH_INCLUDE_DIRECTORY xxhash.h REQUIRED)
add_library(xxHash::xxhash INTERFACE IMPORTED)
target_include_directories(xxHash::xxhash INTERFACE ${XXHASH_INCLUDE_DIRECTORY})

# folder "broker/record" -> target "headgate_broker_record"
function(headgate_targets output)
  set(targets "")
  foreach(folder ${ARGN})
    string(REGEX REPLACE "[/-]" "_" target "headgate_${folder}")
    list(APPEND targets ${target})
  endforeach()
  set(${output} ${targets} PARENT_SCOPE)
endfunction()

# headgate_library(FOLDER FOLDERS folder... LIBRARIES target...): all sources of a folder, without its subfolders and its tests.
function(headgate_library folder)
  cmake_parse_arguments(ARG "" "" "FOLDERS;LIBRARIES" ${ARGN})
  headgate_targets(target ${folder})
  headgate_targets(dependencies ${ARG_FOLDERS})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "(/main|_test)[.]cpp$")
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} ${scope} ${dependencies} ${ARG_LIBRARIES} Threads::Threads)
endfunction()

# headgate_program(NAME MAIN file... FOLDERS folder... LIBRARIES target...)
function(headgate_program name)
  cmake_parse_arguments(ARG "" "" "MAIN;FOLDERS;LIBRARIES" ${ARGN})
  headgate_targets(dependencies ${ARG_FOLDERS})
  add_executable(${name} ${ARG_MAIN})
  target_link_libraries(${name} PRIVATE ${dependencies} ${ARG_LIBRARIES})
endfunction()

# headgate_test(FOLDER FOLDERS folder... ONE_THREAD): every *_test.cpp of tests/FOLDER in one program that ctest runs case by
# case. ONE_THREAD says that nothing in it starts a thread, so that ThreadSanitizer would look at nothing and does without it.
function(headgate_test folder)
  cmake_parse_arguments(ARG "ONE_THREAD" "" "FOLDERS;LIBRARIES" ${ARGN})
  if(ARG_ONE_THREAD AND HEADGATE_SANITIZERS MATCHES thread)
    return()
  endif()
  string(REGEX REPLACE "[/-]" "_" name "${folder}_test")
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*_test.cpp)
  if(NOT sources)
    message(FATAL_ERROR "tests/${folder} holds no *_test.cpp")
  endif()
  headgate_program(${name} MAIN ${sources} FOLDERS ${ARG_FOLDERS} LIBRARIES ${ARG_LIBRARIES} GTest::gtest_main GTest::gmock)
  set_target_properties(${name} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
  target_link_options(${name} PRIVATE -fno-lto)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)
endfunction()

# headgate_test_again(FOLDER PREFIX environment test-filter): the same program once more, with an environment variable.
function(headgate_test_again folder prefix environment filter)
  string(REGEX REPLACE "[/-]" "_" name "${folder}_test")
  if(NOT TARGET ${name})
    return()
  endif()
  gtest_discover_tests(${name} TEST_PREFIX ${prefix}/ TEST_LIST ${name}_${prefix} TEST_FILTER "${filter}"
                       DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600 ENVIRONMENT "${environment}")
endfunction()

# headgate_system_test(NAME WIDTH file): a Python test of the whole server over its sockets, which runs against a narrow server, one
# worker and one shard, or a wide one, where clients and topics are spread.
set(HEADGATE_SETTINGS_NARROW "workers=1")
set(HEADGATE_SETTINGS_WIDE "workers=3 clusters.a.shards=2 clusters.b.shards=2 clusters.c.shards=2")
function(headgate_system_test name width file)
  string(TOUPPER ${width} width)
  add_test(NAME ${name} COMMAND Python3::Interpreter -B ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  set_tests_properties(${name} PROPERTIES
    ENVIRONMENT "HEADGATE_BINARIES=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};HEADGATE_TEST_SETTINGS=${HEADGATE_SETTINGS_${width}}"
    SKIP_RETURN_CODE 77 TIMEOUT 600)
endfunction()

# headgate_fuzzer(NAME FOLDERS folder... OPTIONS option...): tests/fuzz/NAME.cpp with libFuzzer, run for a few seconds by ctest, from the
# seeds in tests/fuzz/corpus/NAME. What it finds goes to the build tree. OPTIONS are libFuzzer's; tests/fuzz/campaign.sh
# reads them from NAME.options there.
function(headgate_fuzzer name)
  if(NOT HEADGATE_FUZZERS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "FOLDERS;LIBRARIES;OPTIONS" ${ARGN})
  headgate_program(${name} MAIN ${PROJECT_SOURCE_DIR}/tests/fuzz/${name}.cpp FOLDERS ${ARG_FOLDERS} LIBRARIES ${ARG_LIBRARIES})
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set(found ${CMAKE_BINARY_DIR}/corpus/${name})
  file(MAKE_DIRECTORY ${found})
  list(JOIN ARG_OPTIONS " " options)
  file(WRITE ${CMAKE_BINARY_DIR}/corpus/${name}.options "${options}\n")
  add_test(NAME fuzz.${name} COMMAND ${name} -max_total_time=10 -max_len=4096 ${ARG_OPTIONS} -print_final_stats=1
           -artifact_prefix=${found}- ${found} ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
endfunction()

# headgate_benchmark(NAME FOLDERS folder...): tests/bench/NAME.cpp with Google Benchmark, run briefly by ctest so that it cannot rot.
function(headgate_benchmark name)
  cmake_parse_arguments(ARG "" "" "FOLDERS;LIBRARIES" ${ARGN})
  headgate_program(${name} MAIN ${PROJECT_SOURCE_DIR}/tests/bench/${name}.cpp FOLDERS ${ARG_FOLDERS} LIBRARIES ${ARG_LIBRARIES}
                   benchmark::benchmark_main)
  add_test(NAME bench.${name} COMMAND ${name} --benchmark_min_time=0.01)
endfunction()
