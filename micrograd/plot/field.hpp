// The plane as a classifier sees it: sampled on a grid, then known for every pixel.
#pragma once

#include <cstddef>
#include <vector>

#include <micrograd/plot/regions.hpp>

namespace micrograd::plot {

/// What the classifier says at the nodes of a grid, from the low ends of both ranges, row after row.
struct Nodes {
  std::size_t columns = 0;
  std::size_t rows = 0;
  std::size_t classes = 0;            ///< how many there are, as far as the nodes say
  std::vector<std::size_t> labels{};  ///< by node, where the classifier names classes only
  std::vector<double> scores{};       ///< else: [node * classes + class]
};

/// Classes of the pixels of a picture, from the upper left one, row after row.
struct Field {
  static constexpr std::size_t unknown = static_cast<std::size_t>(-1);

  std::size_t columns = 0;
  std::vector<std::size_t> labels{};  ///< `unknown` where a score is NaN
  std::vector<double> confidence{};   ///< from 0 (all classes alike) to 1; empty where only classes are known
};

/// Asks the classifier of `regions`, which must have exactly one, and a valid grid if it has a grid. Throws
/// UsageError for scores that are none or change in number, and for classes that are not less than `limit`;
/// what the functions throw passes on.
Nodes ask(const DecisionRegions& regions, Range x, Range y, std::size_t limit);

/// The field over these ranges with columns x rows pixels. Throws as `ask` does.
Field spread(const Nodes& nodes, const DecisionRegions& regions, Range x, Range y, std::size_t limit,
             std::size_t columns, std::size_t rows);

}  // namespace micrograd::plot
