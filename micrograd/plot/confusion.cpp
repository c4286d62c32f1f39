// Confusion matrices. Sizes are measured first; names that do not fit above their columns stand slanted.
#include <micrograd/plot/confusion.hpp>

#include <algorithm>
#include <array>
#include <cmath>

#include <numbers>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/plot/legend.hpp>
#include <micrograd/plot/svg.hpp>

namespace micrograd::plot {
namespace {

constexpr std::size_t most_names = 50;
constexpr double widest_name = 130;

void check(const ConfusionMatrix& matrix) {
  const std::size_t classes = matrix.classes.size();
  if (classes == 0 || classes > most_names) {
    throw UsageError("draw: no such confusion matrix (got " + std::to_string(classes) +
                     " names of classes, expected 1 to " + std::to_string(most_names) + ")");
  }
  if (matrix.counts.size() != classes * classes) {
    throw UsageError("draw: a confusion matrix needs classes x classes counts (got " +
                     std::to_string(matrix.counts.size()) + ", expected " +
                     std::to_string(classes * classes) + ")");
  }
}

/// Exact below a million, then with three digits: "1.23M".
std::string count_label(std::size_t count) {
  if (count < 1000000) return std::to_string(count);
  constexpr std::array<char, 5> units{'M', 'G', 'T', 'P', 'E'};
  double size = static_cast<double>(count) / 1e6;
  std::size_t unit = 0;
  while (size >= 999.5 && unit + 1 < units.size()) {
    size /= 1000;
    ++unit;
  }
  return fixed_number(size, size < 9.995 ? 2 : size < 99.95 ? 1 : 0) + units[unit];
}

/// "97.2 %"; 100 and 0 only where they are exact.
std::string percent(double part, double whole) {
  double share = 100 * part / whole;
  if (part < whole) share = std::min(share, 99.9);
  if (part > 0) share = std::max(share, 0.1);
  return fixed_number(share, part == whole || part == 0 ? 0 : 1) + " %";
}

struct Totals {
  double all = 0;
  double right = 0;
  std::vector<double> rows{};
};

Totals totals_of(const ConfusionMatrix& matrix) {
  const std::size_t n = matrix.classes.size();
  Totals totals{.rows = std::vector<double>(n)};
  for (std::size_t i = 0; i < n * n; ++i) {
    const auto count = static_cast<double>(matrix.counts[i]);
    totals.all += count;
    totals.rows[i / n] += count;
    if (i / n == i % n) totals.right += count;
  }
  return totals;
}

/// The title in two parts, so that a long one can be cut and the accuracy still be read.
struct Heading {
  std::string title;
  std::string accuracy;
};

Heading heading_of(const ConfusionMatrix& matrix, const Totals& totals) {
  const std::string accuracy =
      totals.all == 0 ? "ccuracy unknown" : "ccuracy " + percent(totals.right, totals.all);
  return matrix.title.empty() ? Heading{.title = "", .accuracy = "A" + accuracy}
                              : Heading{.title = matrix.title, .accuracy = ": a" + accuracy};
}

void draw_heading(Canvas& canvas, const Heading& heading) {
  TextStyle style = title_style;
  const double room = canvas.size().width - 2 * margin - text_width(heading.accuracy, title_style);
  const Point at{.x = margin, .y = margin + 9};
  double end = margin;
  if (!heading.title.empty() && room > 0) {
    style.max_width = room;
    canvas.text(heading.title, at, style);
    end += text_width(heading.title, style);
  }
  canvas.text(heading.accuracy, {.x = end, .y = at.y}, title_style);
}

TextStyle name_style() {
  TextStyle style = tick_style;
  style.colour = ink;
  style.max_width = widest_name;
  return style;
}

struct Layout {
  double side = 0;  // of a cell
  Box cells{};
  bool slanted = false;
  Size size{};
};

constexpr TextStyle count_style{.size = 12, .align = Align::centre};

Layout lay_out(const ConfusionMatrix& matrix, const Heading& heading) {
  const auto n = static_cast<double>(matrix.classes.size());
  Layout layout;
  layout.side = n <= 4 ? 64 : n <= 12 ? 46 : n <= 25 ? 34 : 24;
  for (const std::size_t count : matrix.counts) {
    layout.side = std::max(layout.side, std::ceil(text_width(count_label(count), count_style)) + 10);
  }
  const TextStyle style = name_style();
  double widest = 0;
  for (const std::string& name : matrix.classes) widest = std::max(widest, text_width(name, style));
  widest = std::min(widest, widest_name);
  layout.slanted = widest > layout.side - 6;
  const double leaning = widest / std::numbers::sqrt2;  // how far slanted names reach, up and to the right

  const double extent = layout.side * n;
  layout.cells = {.left = std::ceil(margin + 22 + widest + 8),
                  .top = std::ceil(margin + 26 + 24 + (layout.slanted ? leaning + 12 : 18)),
                  .width = extent,
                  .height = extent};
  const double right = std::max(margin, layout.slanted ? leaning + 12 - layout.side / 2 : 0);
  const double titled =
      std::min(text_width(heading.title + heading.accuracy, title_style), 640.0) + 2 * margin + 1;
  layout.size = {.width = std::max({layout.cells.right() + right, titled, Canvas::smallest}),
                 .height = std::max(layout.cells.bottom() + margin, Canvas::smallest)};
  return layout;
}

Colour shade(double share, bool right) {
  if (share == 0) return {.red = 0.972, .green = 0.972, .blue = 0.972};
  // Errors are few; the root lets them be seen beside the right ones.
  const double strength = 0.06 + 0.72 * std::sqrt(share);
  return diverging(right ? -strength : strength);
}

void draw_cells(Canvas& canvas, const ConfusionMatrix& matrix, const Totals& totals, const Layout& layout) {
  const std::size_t n = matrix.classes.size();
  for (std::size_t row = 0; row < n; ++row) {
    for (std::size_t column = 0; column < n; ++column) {
      const std::size_t count = matrix.counts[row * n + column];
      const double share = totals.rows[row] == 0 ? 0 : static_cast<double>(count) / totals.rows[row];
      const Box cell{.left = layout.cells.left + static_cast<double>(column) * layout.side,
                     .top = layout.cells.top + static_cast<double>(row) * layout.side,
                     .width = layout.side - 1,
                     .height = layout.side - 1};
      const Colour colour = shade(share, row == column);
      canvas.fill(cell, colour);
      TextStyle style = count_style;
      style.colour = count == 0 ? Colour{.red = 0.72, .green = 0.72, .blue = 0.73} : readable_on(colour);
      canvas.text(count_label(count), cell.centre(), style);
    }
  }
}

void draw_names(Canvas& canvas, const ConfusionMatrix& matrix, const Layout& layout) {
  TextStyle style = name_style();
  TextStyle above = style;
  style.align = Align::right;
  above.align = layout.slanted ? Align::left : Align::centre;
  above.turn = layout.slanted ? 45 : 0;
  for (std::size_t i = 0; i < matrix.classes.size(); ++i) {
    const double along = (static_cast<double>(i) + 0.5) * layout.side;
    canvas.text(matrix.classes[i], {.x = layout.cells.left - 8, .y = layout.cells.top + along}, style);
    canvas.text(matrix.classes[i], {.x = layout.cells.left + along, .y = layout.cells.top - 10}, above);
  }
  TextStyle name = label_style;
  name.align = layout.cells.width < 90 ? Align::left : Align::centre;
  canvas.text(
      "predicted class",
      {.x = layout.cells.width < 90 ? layout.cells.left : layout.cells.centre().x, .y = margin + 26 + 10},
      name);
  name.align = Align::centre;
  name.turn = 90;
  canvas.text("true class", {.x = margin + 5, .y = layout.cells.centre().y}, name);
}

}  // namespace

ConfusionMatrix count_confusions(std::span<const std::size_t> labels,
                                 std::span<const std::size_t> predictions, std::vector<std::string> classes) {
  if (labels.size() != predictions.size()) {
    throw UsageError("count_confusions: every label needs a prediction (got " +
                     std::to_string(predictions.size()) + " predictions, expected " +
                     std::to_string(labels.size()) + ")");
  }
  const std::size_t n = classes.size();
  ConfusionMatrix matrix{.classes = std::move(classes), .counts = std::vector<std::size_t>(n * n)};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] >= n || predictions[i] >= n) {
      throw UsageError("count_confusions: example " + std::to_string(i) + " is of no such class (got label " +
                       std::to_string(labels[i]) + " and prediction " + std::to_string(predictions[i]) +
                       ", expected less than " + std::to_string(n) + ")");
    }
    ++matrix.counts[labels[i] * n + predictions[i]];
  }
  return matrix;
}

std::string draw(const ConfusionMatrix& matrix, Format format) {
  check(matrix);
  const Totals totals = totals_of(matrix);
  const Heading heading = heading_of(matrix, totals);
  const Layout layout = lay_out(matrix, heading);
  Canvas canvas(layout.size, format);
  draw_heading(canvas, heading);
  draw_cells(canvas, matrix, totals, layout);
  draw_names(canvas, matrix, layout);
  std::string description = "Confusion matrix of the classes";
  for (std::size_t i = 0; i < matrix.classes.size(); ++i)
    description += (i == 0 ? " " : ", ") + matrix.classes[i];
  return canvas.finish(heading.title + heading.accuracy, description);
}

void save(const ConfusionMatrix& matrix, const std::filesystem::path& file) {
  write_file(file, draw(matrix, format_of(file)));
}

}  // namespace micrograd::plot
