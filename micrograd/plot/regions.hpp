// Which class a classifier of two numbers gives to every place in the plane, and the examples drawn over it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <micrograd/plot/canvas.hpp>
#include <micrograd/plot/ticks.hpp>

namespace micrograd::plot {

/// Scores at the nodes of a grid: node (i, j) lies at the i-th of `columns` places from the low to the high
/// end of x_range, both ends included, and at the j-th of `rows` places of y_range.
struct ScoreGrid {
  std::size_t columns = 0;       ///< 2 to 4000
  std::size_t rows = 0;          ///< 2 to 4000
  std::vector<double> scores{};  ///< [(j * columns + i) * (scores at a node) + class]
};

/// One of class_at, score_at, scores_at and grid says how places are classified.
///
/// Scores are what a net puts out before any softmax. Several: the largest wins, and the share that softmax
/// gives it says how strongly the place is coloured. One: it stands for class 1 where it is above 0, for
/// class 0 elsewhere, and its logistic function is the share of class 1. Places with a NaN among their scores
/// are grey.
struct DecisionRegions {
  std::string title{};
  std::string x_label{};
  std::string y_label{};

  std::vector<double> x{};  ///< the examples; all finite
  std::vector<double> y{};
  std::vector<std::size_t> labels{};
  std::vector<std::string> classes{};  ///< names by label; empty: the labels in digits

  std::function<std::size_t(double x, double y)> class_at{};
  std::function<double(double x, double y)> score_at{};
  std::function<std::vector<double>(double x, double y)> scores_at{};
  ScoreGrid grid{};

  std::optional<Range> x_range{};  ///< empty: what the examples need, and some room; a grid needs both ranges
  std::optional<Range> y_range{};
  std::size_t resolution = 120;  ///< functions are asked at this many places each way, 2 to 1000
  Size size{.width = 640, .height = 520};
};

/// The picture. Examples outside given ranges are not drawn. class_at is asked again, pixel by pixel, along
/// the borders between classes. Throws UsageError unless there is exactly one way of classifying; x, y and
/// labels agree in length; all examples are finite; labels and classes are less than the number of names
/// (without names, than 40); and for a malformed grid, range, size or text. What the functions throw passes
/// on.
std::string draw(const DecisionRegions& regions, Format format);

/// Writes the picture in the format that the extension says, .svg or .png. Throws UsageError as draw and
/// format_of do, and IoError if the file cannot be written.
void save(const DecisionRegions& regions, const std::filesystem::path& file);

}  // namespace micrograd::plot
