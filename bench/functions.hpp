// The benchmark of single operations on lanes: a table of its own, since nothing is differentiated in it.
#pragma once

namespace bench {

/// Times every operation of the table and prints the result.
void time_functions(bool json, int rounds);

}  // namespace bench
