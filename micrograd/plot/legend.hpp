// Titles and legends: what stands above a picture.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <micrograd/plot/canvas.hpp>

namespace micrograd::plot {

/// The margin around every picture.
inline constexpr double margin = 16;

inline constexpr TextStyle title_style{.size = 15, .bold = true};
inline constexpr TextStyle label_style{.size = 12, .colour = pale_ink};
inline constexpr TextStyle tick_style{.size = 11, .colour = pale_ink};

struct LegendEntry {
  std::string name{};
  Colour colour{};
  bool line = false;  ///< a piece of line, else a marker
  bool dashed = false;
  Marker marker = Marker::disc;
};

/// Draws the title at `top`, cut to the width of the canvas, and returns where it ends; draws nothing and
/// returns `top` if it is empty.
double draw_title(Canvas& canvas, const std::string& title, double top);

/// Draws entries side by side from (left, top), in as many rows as they need for `width`, and returns where
/// they end. What does not fit into `height` is counted in the last entry: "+ 5 more".
double draw_legend(Canvas& canvas, const std::vector<LegendEntry>& entries, double left, double top,
                   double width, double height);

/// The shape in which points of a class are drawn: disc until the colours repeat, then the next shape.
Marker class_marker(std::size_t label);

/// How many classes can be told apart.
inline constexpr std::size_t most_classes = 4 * class_colours;

}  // namespace micrograd::plot
