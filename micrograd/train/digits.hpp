// Reader of the 8x8 handwritten digits in data/digits.csv.
#pragma once

#include <filesystem>
#include <iosfwd>

#include <micrograd/train/dataset.hpp>

namespace micrograd {

/// Reads a file of one image a line: 64 whole numbers from 0 to 16, row after row from the top left, then the
/// digit, all separated by commas. Gives 64 columns, scaled to [0, 1], and labels 0 to 9. Throws IoError,
/// naming file, line and column, if the file cannot be read or anything in it is not as described.
Dataset load_digits(const std::filesystem::path& file);
/// The same from a stream; `file` is what errors call it.
Dataset read_digits(std::istream& in, const std::filesystem::path& file);

}  // namespace micrograd
