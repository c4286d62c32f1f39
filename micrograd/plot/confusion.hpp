// Which classes a classifier takes for which.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <micrograd/plot/canvas.hpp>

namespace micrograd::plot {

/// Counts of examples: those of class `row` that were taken for class `column` stand at
/// counts[row * classes.size() + column]. The size of the picture follows from the number of classes.
struct ConfusionMatrix {
  std::string title{};                 ///< the accuracy is written after it
  std::vector<std::string> classes{};  ///< 1 to 50 names; long ones are cut in the picture
  std::vector<std::size_t> counts{};   ///< classes x classes
};

/// Counts how often each class was taken for which. Throws UsageError unless there are as many predictions as
/// labels, and both are less than the number of names.
ConfusionMatrix count_confusions(std::span<const std::size_t> labels,
                                 std::span<const std::size_t> predictions, std::vector<std::string> classes);

/// The picture: a cell's shade is its share of its row, blue where the class is right and orange where it is
/// not. Throws UsageError if there are no classes or more than 50, or not classes x classes counts, and for
/// text that is not UTF-8.
std::string draw(const ConfusionMatrix& matrix, Format format);

/// Writes the picture in the format that the extension says, .svg or .png. Throws UsageError as draw and
/// format_of do, and IoError if the file cannot be written.
void save(const ConfusionMatrix& matrix, const std::filesystem::path& file);

}  // namespace micrograd::plot
