// The pictures that a training run leaves behind.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/dataset.hpp>
#include "config.hpp"
#include "metrics.hpp"

namespace micrograd::command {

/// What there is to draw.
struct PictureSource {
  const Config& config;
  const micrograd::MLP& net;
  const std::string& loss_name;
  const micrograd::Dataset& train;     ///< standardised, as the net sees it
  const micrograd::Dataset& held_out;  ///< likewise; may have no rows
  std::span<const EpochRecord> metrics;
  /// The classes that the net sees in the held-out rows, or where there are none in the others; empty if it
  /// predicts numbers.
  std::span<const std::size_t> predicted;
};

struct Picture {
  std::string name;   ///< of the file
  std::string shows;  ///< in a few words
};

/// Draws what the data allows into `folder`: loss.svg always; boundary.png for classes in the plane;
/// confusion.svg for classes; weights.svg of the first layer; graph.svg of one forward pass. Throws
/// micrograd::IoError.
std::vector<Picture> draw_pictures(const PictureSource& source, const std::filesystem::path& folder);

}  // namespace micrograd::command
