// Curves over epochs or steps.
#include <micrograd/plot/line_chart.hpp>

#include <algorithm>
#include <cmath>
#include <span>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/plot/axes.hpp>
#include <micrograd/plot/svg.hpp>

namespace micrograd::plot {
namespace {

constexpr std::size_t most_curves = 2 * class_colours;  // drawn through, then dashed
constexpr std::size_t most_dots = 30;                   // of a curve whose every number is marked

std::string name_of(const LineChart& chart, std::size_t i) {
  const std::string& name = chart.curves[i].name;
  return name.empty() ? "curve " + std::to_string(i + 1) : name;
}

void check(const LineChart& chart) {
  const std::size_t count = chart.curves.size();
  if (count == 0) throw UsageError("draw: a line chart needs curves (got none, expected 1 to 20)");
  if (count > most_curves) {
    throw UsageError("draw: too many curves to tell apart (got " + std::to_string(count) +
                     ", expected at most " + std::to_string(most_curves) + ")");
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Curve& curve = chart.curves[i];
    const std::string name = "\"" + name_of(chart, i) + "\"";
    if (curve.y.empty()) {
      throw UsageError("draw: a curve needs numbers (got none for " + name + ", expected 1 or more)");
    }
    if (!curve.x.empty() && curve.x.size() != curve.y.size()) {
      throw UsageError("draw: every y of a curve needs its x (got " + std::to_string(curve.x.size()) +
                       " x for " + name + ", expected " + std::to_string(curve.y.size()) +
                       "); leave x empty to count from 1");
    }
  }
}

double x_of(const Curve& curve, std::size_t i) {
  return curve.x.empty() ? static_cast<double>(i + 1) : curve.x[i];
}

/// The numbers that are drawn, of all curves.
struct Shown {
  std::vector<double> x{};
  std::vector<double> y{};
};

Shown shown_of(const LineChart& chart) {
  Shown shown;
  for (const Curve& curve : chart.curves) {
    for (std::size_t i = 0; i < curve.y.size(); ++i) {
      if (!has_place(x_of(curve, i), chart.logarithmic_x) || !has_place(curve.y[i], chart.logarithmic_y))
        continue;
      shown.x.push_back(x_of(curve, i));
      shown.y.push_back(curve.y[i]);
    }
  }
  return shown;
}

/// The range of y: on a logarithmic axis with a little room, else it will end at ticks.
Range vertical_range(const LineChart& chart, const Shown& shown) {
  Range range = widened(range_of(shown.y, chart.logarithmic_y), chart.logarithmic_y);
  if (!chart.logarithmic_y) return range;
  const double room = std::pow(range.high / range.low, 0.04);
  return {.low = std::max(range.low / room, 1 / largest_number),
          .high = std::min(range.high * room, largest_number)};
}

Range horizontal_range(const LineChart& chart, const Shown& shown) {
  const Range range = range_of(shown.x, chart.logarithmic_x);
  const bool counted = std::all_of(chart.curves.begin(), chart.curves.end(),
                                   [](const Curve& curve) { return curve.x.empty(); });
  // One epoch stands in the middle.
  if (counted && !chart.logarithmic_x && range.low == range.high)
    return {.low = range.low - 0.5, .high = range.high + 0.5};
  return widened(range, chart.logarithmic_x);
}

/// The piece with what would be drawn inside one half-pixel column reduced to its first, lowest, highest and
/// last point, which look the same.
std::vector<Point> thinned(std::span<const Point> piece) {
  std::vector<Point> result;
  for (std::size_t i = 0; i < piece.size();) {
    const auto column = [](const Point& p) { return std::floor(p.x * 2); };
    std::size_t end = i;
    std::size_t lowest = i;
    std::size_t highest = i;
    for (; end < piece.size() && column(piece[end]) == column(piece[i]); ++end) {
      if (piece[end].y < piece[lowest].y) lowest = end;
      if (piece[end].y > piece[highest].y) highest = end;
    }
    std::size_t previous = piece.size();
    for (const std::size_t kept : {i, std::min(lowest, highest), std::max(lowest, highest), end - 1}) {
      if (kept != previous) result.push_back(piece[kept]);
      previous = kept;
    }
    i = end;
  }
  return result;
}

void draw_piece(Canvas& canvas, const std::vector<Point>& piece, const Stroke& stroke, bool dots) {
  if (piece.empty()) return;
  if (piece.size() > 1) canvas.line(thinned(piece), stroke);
  if (piece.size() > 1 && !dots) return;
  for (const Point& point : piece) canvas.marker(Marker::disc, point, 3, stroke.colour, {.width = 0});
}

void draw_curve(Canvas& canvas, const Chart& frame, const Curve& curve, const Stroke& stroke) {
  const bool dots = curve.y.size() <= most_dots;
  std::vector<Point> piece;
  for (std::size_t i = 0; i < curve.y.size(); ++i) {
    const double x = x_of(curve, i);
    if (has_place(x, frame.x.logarithmic) && has_place(curve.y[i], frame.y.logarithmic)) {
      piece.push_back(frame.at(x, curve.y[i]));
      continue;
    }
    draw_piece(canvas, piece, stroke, dots);
    piece.clear();
  }
  draw_piece(canvas, piece, stroke, dots);
}

Stroke stroke_of(std::size_t curve) {
  return {.colour = class_colour(curve), .width = 2, .dashed = curve >= class_colours};
}

}  // namespace

std::string draw(const LineChart& chart, Format format) {
  check(chart);
  const bool one_without_name = chart.curves.size() == 1 && chart.curves[0].name.empty();
  std::vector<LegendEntry> legend;
  std::string description = "Curves:";
  for (std::size_t i = 0; i < chart.curves.size(); ++i) {
    const Stroke stroke = stroke_of(i);
    const std::string name = name_of(chart, i);
    if (!one_without_name) {
      legend.push_back({.name = name, .colour = stroke.colour, .line = true, .dashed = stroke.dashed});
    }
    description +=
        (i == 0 ? " " : ", ") + name + " (" + std::to_string(chart.curves[i].y.size()) + " numbers)";
  }

  Canvas canvas(chart.size, format);
  const Shown shown = shown_of(chart);
  const bool counted = std::all_of(chart.curves.begin(), chart.curves.end(),
                                   [](const Curve& curve) { return curve.x.empty(); });
  const Chart frame = lay_out_chart(canvas, chart.title, legend,
                                    {.label = chart.x_label,
                                     .range = horizontal_range(chart, shown),
                                     .logarithmic = chart.logarithmic_x,
                                     .whole = counted},
                                    {.label = chart.y_label,
                                     .range = vertical_range(chart, shown),
                                     .logarithmic = chart.logarithmic_y,
                                     .round_ends = true});
  draw_grid(canvas, frame);
  draw_axes(canvas, frame, false);
  if (shown.y.empty()) {
    TextStyle style = label_style;
    style.align = Align::centre;
    canvas.text("no numbers to draw", frame.area.centre(), style);
  }
  for (std::size_t i = 0; i < chart.curves.size(); ++i)
    draw_curve(canvas, frame, chart.curves[i], stroke_of(i));
  return canvas.finish(chart.title, description);
}

void save(const LineChart& chart, const std::filesystem::path& file) {
  write_file(file, draw(chart, format_of(file)));
}

}  // namespace micrograd::plot
