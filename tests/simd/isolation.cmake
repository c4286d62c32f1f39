# Fails if a file compiled for one SIMD target defines a function that other files could be linked to: the linker
# keeps one copy of an inline function, and if it kept this one, it would run on machines without the target.
#
#   cmake -DNM=nm -DOBJECTS=a.o|b.o -P isolation.cmake

string(REPLACE "|" ";" objects "${OBJECTS}")
list(LENGTH objects count)
if(count EQUAL 0)
  message(FATAL_ERROR "isolation: no object files were given")
endif()
foreach(object IN LISTS objects)
  execute_process(COMMAND ${NM} -C --defined-only ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]* [TWVu] [^\n]*" ours "${symbols}")
  list(LENGTH ours found)
  if(found EQUAL 0)
    message(FATAL_ERROR "isolation: ${object} defines nothing; is the pattern wrong?")
  endif()
  list(FILTER ours EXCLUDE REGEX "N_(SSE4|AVX2|AVX3)|(kernel|term_runner|product_runner)_in<")
  if(ours)
    list(JOIN ours "\n" ours)
    message(FATAL_ERROR "isolation: code for one target that all could be linked to, in ${object}:\n${ours}")
  endif()
endforeach()
