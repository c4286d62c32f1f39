// Any bytes at all: the reader of digits gives a well-formed data set or an IoError, and never anything else.
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string>

#include <micrograd/error.hpp>
#include <micrograd/train/digits.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::istringstream in(std::string(bytes, bytes + size));
  try {
    const micrograd::Dataset data = micrograd::read_digits(in, "fuzz");
    if (data.columns != 64 || data.values.size() != 64 * data.labels.size()) std::abort();
    for (const double pixel : data.values) {
      if (!(pixel >= 0 && pixel <= 1)) std::abort();
    }
    for (const std::size_t label : data.labels) {
      if (label > 9) std::abort();
    }
  } catch (const micrograd::IoError&) {}
  return 0;
}
