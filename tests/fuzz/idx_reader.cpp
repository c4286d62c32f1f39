// Any bytes at all: the reader of IDX gives a well-formed data set or an IoError, and never takes more memory
// than the bytes unpack to, and knows what it has read for IDX. The first two bytes say how many of the
// others are the labels' file.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <micrograd/error.hpp>
#include <micrograd/train/idx.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t wanted = std::size_t{bytes[0]} * 256 + bytes[1];
  const std::string_view rest(reinterpret_cast<const char*>(bytes + 2), size - 2);
  const std::size_t cut = std::min(wanted, rest.size());
  try {
    const micrograd::Dataset pictures = micrograd::read_idx_images(rest.substr(cut), "fuzz");
    if (pictures.rows() == 0 || pictures.columns % pictures.picture_width != 0) std::abort();
    if (!micrograd::begins_as_idx(rest.substr(cut))) std::abort();
    const micrograd::Dataset data =
        micrograd::read_idx({.images = rest.substr(cut), .labels = rest.substr(0, cut)});
    if (data.rows() == 0 || data.values.size() != data.rows() * data.columns) std::abort();
    for (const double pixel : data.values) {
      if (!(pixel >= 0 && pixel <= 1)) std::abort();
    }
    for (const std::size_t label : data.labels) {
      if (label > 255) std::abort();
    }
  } catch (const micrograd::IoError&) {}
  return 0;
}
