// The frame of a chart over two axes: title and legend on top, ticks and labels at the sides, and in the
// middle the area for the data. What has to fit is measured first, so nothing overlaps.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <micrograd/plot/canvas.hpp>
#include <micrograd/plot/legend.hpp>
#include <micrograd/plot/ticks.hpp>

namespace micrograd::plot {

/// What an axis shows.
struct AxisPlan {
  std::string label{};
  Range range{};  ///< as `widened` gives it
  bool logarithmic = false;
  bool whole = false;       ///< ticks at whole numbers only
  bool round_ends = false;  ///< the range grows to the next ticks
};

/// An axis in a chart whose size is known.
struct Axis {
  std::string label{};
  Range range{};
  bool logarithmic = false;
  Ticks ticks{};

  /// 0 at the lower end, 1 at the upper one. `number` must have a place on the axis.
  double share(double number) const;
};

struct Chart {
  Box area{};
  Axis x{};
  Axis y{};

  Point at(double x_value, double y_value) const {
    return {.x = area.left + x.share(x_value) * area.width,
            .y = area.bottom() - y.share(y_value) * area.height};
  }
};

/// Draws the title and the legend (where there are any) and finds the area that remains. Throws UsageError if
/// less than 40 x 40 remain, or for text that Canvas::text does not take.
Chart lay_out_chart(Canvas& canvas, const std::string& title, const std::vector<LegendEntry>& legend,
                    const AxisPlan& x, const AxisPlan& y);

/// Pale lines across the area at the ticks; to be drawn before the data.
void draw_grid(Canvas& canvas, const Chart& chart);

/// The axis lines, the ticks and what is written there. `framed`: the area gets a line on all four sides.
void draw_axes(Canvas& canvas, const Chart& chart, bool framed);

}  // namespace micrograd::plot
