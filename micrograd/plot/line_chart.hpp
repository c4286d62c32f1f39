// Curves over epochs or steps: losses, accuracies, norms of gradients.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <micrograd/plot/canvas.hpp>

namespace micrograd::plot {

/// Numbers in the order of time. Where one is NaN or infinite (on a logarithmic axis: or not positive) the
/// curve has a gap; a number between two gaps is drawn as a dot.
struct Curve {
  std::string name{};  ///< in the legend; "curve 2" if it is empty and there are others
  std::vector<double> y{};
  std::vector<double> x{};  ///< as many as y; or empty, which means 1, 2, 3, ...
};

struct LineChart {
  std::string title{};
  std::string x_label = "epoch";
  std::string y_label{};
  std::vector<Curve> curves{};  ///< 1 to 20
  bool logarithmic_x = false;
  bool logarithmic_y = false;
  Size size{.width = 720, .height = 440};
};

/// The picture. Throws UsageError if there is no curve, one without numbers, or one with as many x as y not;
/// if there are more than 20 curves; for a size outside 160 to 4000; for text that is not UTF-8.
std::string draw(const LineChart& chart, Format format);

/// Writes the picture in the format that the extension says, .svg or .png. Throws UsageError as draw and
/// format_of do, and IoError if the file cannot be written.
void save(const LineChart& chart, const std::filesystem::path& file);

}  // namespace micrograd::plot
