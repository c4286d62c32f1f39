// The weights of a layer, in colours.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <micrograd/plot/canvas.hpp>

namespace micrograd::plot {

/// Weights by neuron and input: weights[neuron * inputs + input]. Blue is negative, white 0, orange positive;
/// NaN and infinities are grey. The size of the picture follows from the number of weights.
struct WeightMap {
  std::string title{};
  std::size_t neurons = 0;        ///< 1 to 2000
  std::size_t inputs = 0;         ///< 1 to 2000
  std::vector<double> weights{};  ///< neurons x inputs
  /// Not 0: each neuron's weights are drawn as an image this wide, row after row from the top. It must divide
  /// `inputs`.
  std::size_t image_width = 0;
  double limit = 0;  ///< the weight with the strongest colour; 0: the largest there is
};

/// The picture. Throws UsageError unless sizes are in the ranges above and agree, and limit is finite and not
/// negative; if so many images would not fit on a page of 4000 x 4000; for text that is not UTF-8.
std::string draw(const WeightMap& map, Format format);

/// Writes the picture in the format that the extension says, .svg or .png. Throws UsageError as draw and
/// format_of do, and IoError if the file cannot be written.
void save(const WeightMap& map, const std::filesystem::path& file);

}  // namespace micrograd::plot
