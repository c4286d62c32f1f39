// Decision regions: the field as an image, the borders between classes, the examples on top.
#include <micrograd/plot/regions.hpp>

#include <algorithm>
#include <cmath>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/plot/axes.hpp>
#include <micrograd/plot/field.hpp>
#include <micrograd/plot/svg.hpp>

namespace micrograd::plot {
namespace {

void check_examples(const DecisionRegions& r) {
  if (r.x.size() != r.labels.size() || r.y.size() != r.labels.size()) {
    throw UsageError("draw: every example needs x, y and a label (got " + std::to_string(r.x.size()) +
                     " x, " + std::to_string(r.y.size()) + " y, expected " + std::to_string(r.labels.size()) +
                     ", the number of labels)");
  }
  const std::size_t classes = r.classes.empty() ? most_classes : r.classes.size();
  for (std::size_t i = 0; i < r.labels.size(); ++i) {
    if (!has_place(r.x[i]) || !has_place(r.y[i])) {
      throw UsageError("draw: example " + std::to_string(i) + " has no place (got " + short_number(r.x[i]) +
                       ", " + short_number(r.y[i]) + ", expected finite numbers up to 1e300)");
    }
    if (r.labels[i] >= classes) {
      throw UsageError("draw: example " + std::to_string(i) + " has a label beyond the classes (got " +
                       std::to_string(r.labels[i]) + ", expected less than " + std::to_string(classes) + ")");
    }
  }
}

void check_grid(const DecisionRegions& r) {
  const auto allowed = [](std::size_t count) { return count >= 2 && count <= 4000; };
  if (!allowed(r.grid.columns) || !allowed(r.grid.rows)) {
    throw UsageError("draw: no such grid (got " + std::to_string(r.grid.columns) + " x " +
                     std::to_string(r.grid.rows) + " nodes, expected 2 to 4000 each way)");
  }
  if (r.grid.scores.size() % (r.grid.columns * r.grid.rows) != 0) {
    throw UsageError("draw: the nodes of a grid need as many scores each (got " +
                     std::to_string(r.grid.scores.size()) + " scores, expected a multiple of " +
                     std::to_string(r.grid.columns) + " x " + std::to_string(r.grid.rows) + ")");
  }
  if (!r.x_range || !r.y_range) {
    throw UsageError("draw: a grid needs to know where it lies (got no x_range or y_range, expected both)");
  }
}

void check(const DecisionRegions& r) {
  check_examples(r);
  if (r.classes.size() > most_classes) {
    throw UsageError("draw: too many classes to tell apart (got " + std::to_string(r.classes.size()) +
                     ", expected at most " + std::to_string(most_classes) + ")");
  }
  const int ways =
      (r.class_at ? 1 : 0) + (r.score_at ? 1 : 0) + (r.scores_at ? 1 : 0) + (r.grid.scores.empty() ? 0 : 1);
  if (ways != 1) {
    throw UsageError("draw: regions need one way of classifying (got " + std::to_string(ways) +
                     ", expected one of class_at, score_at, scores_at and grid)");
  }
  if (r.resolution < 2 || r.resolution > 1000) {
    throw UsageError("draw: no such resolution (got " + std::to_string(r.resolution) +
                     ", expected 2 to 1000)");
  }
  if (!r.grid.scores.empty()) check_grid(r);
  for (const auto& range : {r.x_range, r.y_range}) {
    if (!range) continue;
    const bool rising = has_place(range->low) && has_place(range->high) && range->low < range->high;
    if (!rising || *range != widened(*range)) {
      throw UsageError("draw: no such range (got " + short_number(range->low) + " to " +
                       short_number(range->high) +
                       ", expected two different finite numbers, the lower one first)");
    }
  }
  if (r.x.empty() && (!r.x_range || !r.y_range)) {
    throw UsageError(
        "draw: nothing says which part of the plane to draw (got 0 examples, expected 1 or more); "
        "or give x_range and y_range");
  }
}

Range with_room(const std::vector<double>& numbers) {
  const Range range = widened(range_of(numbers));
  const double room = (range.high - range.low) * 0.07;
  return {.low = std::max(range.low - room, -largest_number),
          .high = std::min(range.high + room, largest_number)};
}

std::string class_name(const DecisionRegions& r, std::size_t label) {
  return label < r.classes.size() ? r.classes[label] : std::to_string(label);
}

/// The colours of the pixels: the surer, the stronger; and a line where classes meet.
std::vector<Colour> shaded(const Field& field) {
  constexpr double faint = 0.10;
  constexpr double strong = 0.46;
  constexpr double plain = 0.30;  // where nothing is known about confidence
  const std::size_t columns = field.columns;
  const std::size_t rows = field.labels.size() / columns;
  const auto meets_another = [&](std::size_t row, std::size_t column) {
    const std::size_t label = field.labels[row * columns + column];
    return (column + 1 < columns && field.labels[row * columns + column + 1] != label) ||
           (column > 0 && field.labels[row * columns + column - 1] != label) ||
           (row + 1 < rows && field.labels[(row + 1) * columns + column] != label) ||
           (row > 0 && field.labels[(row - 1) * columns + column] != label);
  };
  std::vector<Colour> pixels;
  pixels.reserve(field.labels.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      const std::size_t i = row * columns + column;
      const std::size_t label = field.labels[i];
      if (label == Field::unknown) {
        pixels.push_back(unknown_colour);
        continue;
      }
      const double share = field.confidence.empty() ? plain : faint + (strong - faint) * field.confidence[i];
      pixels.push_back(mix(paper, class_colour(label), meets_another(row, column) ? 0.85 : share));
    }
  }
  return pixels;
}

double radius_for(std::size_t examples) {
  return std::clamp(5.2 - std::log10(static_cast<double>(examples + 1)) * 0.75, 1.8, 4.2);
}

bool inside(Range range, double number) { return number >= range.low && number <= range.high; }

void draw_examples(Canvas& canvas, const Chart& chart, const DecisionRegions& regions) {
  const double radius = radius_for(regions.labels.size());
  for (std::size_t i = 0; i < regions.labels.size(); ++i) {
    if (!inside(chart.x.range, regions.x[i]) || !inside(chart.y.range, regions.y[i])) continue;
    canvas.marker(class_marker(regions.labels[i]), chart.at(regions.x[i], regions.y[i]), radius,
                  class_colour(regions.labels[i]), {.colour = paper, .width = 1});
  }
}

}  // namespace

std::string draw(const DecisionRegions& regions, Format format) {
  check(regions);
  Canvas canvas(regions.size, format);
  const Range x = regions.x_range ? *regions.x_range : with_room(regions.x);
  const Range y = regions.y_range ? *regions.y_range : with_room(regions.y);

  const std::size_t limit = regions.classes.empty() ? most_classes : regions.classes.size();
  const Nodes nodes = ask(regions, x, y, limit);
  if (nodes.classes > limit) {
    throw UsageError("draw: more scores than classes (got " + std::to_string(nodes.classes) +
                     " scores, expected at most " + std::to_string(limit) + ")");
  }
  std::size_t classes = std::max(regions.classes.size(), nodes.classes);
  for (const std::size_t label : regions.labels) classes = std::max(classes, label + 1);

  std::vector<LegendEntry> legend;
  std::string description = "Decision regions of the classes";
  for (std::size_t k = 0; k < classes; ++k) {
    legend.push_back({.name = class_name(regions, k), .colour = class_colour(k), .marker = class_marker(k)});
    description += (k == 0 ? " " : ", ") + class_name(regions, k);
  }
  description += "; " + std::to_string(regions.labels.size()) + " examples";

  const Chart chart = lay_out_chart(canvas, regions.title, legend, {.label = regions.x_label, .range = x},
                                    {.label = regions.y_label, .range = y});
  const auto pixels = [](double length) {
    return static_cast<std::size_t>(length) * Canvas::pixels_per_unit;
  };
  const Field field =
      spread(nodes, regions, x, y, limit, pixels(chart.area.width), pixels(chart.area.height));
  canvas.image(chart.area, field.columns, shaded(field));
  canvas.clipped(chart.area, [&] { draw_examples(canvas, chart, regions); });
  draw_axes(canvas, chart, true);
  return canvas.finish(regions.title, description);
}

void save(const DecisionRegions& regions, const std::filesystem::path& file) {
  write_file(file, draw(regions, format_of(file)));
}

}  // namespace micrograd::plot
