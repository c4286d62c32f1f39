// Weights as one map of neurons and inputs, or as an image for each neuron; a bar says what the colours mean.
#include <micrograd/plot/weights.hpp>

#include <algorithm>
#include <cmath>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/plot/legend.hpp>
#include <micrograd/plot/svg.hpp>
#include <micrograd/plot/ticks.hpp>

namespace micrograd::plot {
namespace {

constexpr std::size_t longest_side = 2000;
constexpr double bar_width = 12;
constexpr double bar_gap = 18;
const Stroke thin{.colour = {.red = 0.55, .green = 0.55, .blue = 0.57}, .width = 1};

void check(const WeightMap& map) {
  const auto allowed = [](std::size_t count) { return count >= 1 && count <= longest_side; };
  if (!allowed(map.neurons) || !allowed(map.inputs)) {
    throw UsageError("draw: no such layer (got " + std::to_string(map.neurons) + " neurons of " +
                     std::to_string(map.inputs) + " inputs, expected 1 to " + std::to_string(longest_side) +
                     " of each)");
  }
  if (map.weights.size() != map.neurons * map.inputs) {
    throw UsageError("draw: a layer needs neurons x inputs weights (got " +
                     std::to_string(map.weights.size()) + ", expected " + std::to_string(map.neurons) +
                     " x " + std::to_string(map.inputs) + ")");
  }
  if (map.image_width != 0 && map.inputs % map.image_width != 0) {
    throw UsageError("draw: the inputs of a neuron must fill an image (got " + std::to_string(map.inputs) +
                     " inputs, expected a multiple of the width " + std::to_string(map.image_width) + ")");
  }
  if (!(map.limit >= 0) || !has_place(map.limit)) {
    throw UsageError("draw: no such limit of weights (got " + short_number(map.limit) +
                     ", expected 0 or a positive finite number)");
  }
}

/// The weight with the strongest colour; 1 if all are 0.
double limit_of(const WeightMap& map) {
  if (map.limit > 0) return std::max(map.limit, 1e-290);
  double largest = 0;
  for (const double weight : map.weights) {
    if (has_place(weight)) largest = std::max(largest, std::abs(weight));
  }
  return largest < 1e-290 ? 1 : largest;
}

/// The largest length that lets `count` of them fit into `room`: half a unit, or a whole number up to `most`.
double side_for(std::size_t count, double room, double most) {
  const double side = std::floor(room / static_cast<double>(count));
  return side < 1 ? 0.5 : std::min(side, most);
}

/// /// Weights as cells, with thin gaps where there is room for them.
void draw_cells(Canvas& canvas, const double* weights, std::size_t columns, std::size_t rows, Point corner,
                Size cell, double limit) {
  const auto pixels_in = [](double length) {
    return static_cast<std::size_t>(length * static_cast<double>(Canvas::pixels_per_unit));
  };
  const std::size_t cell_width = pixels_in(cell.width);
  const std::size_t cell_height = pixels_in(cell.height);
  const std::size_t gap = cell.width >= 10 && cell.height >= 10 ? 1 : 0;
  const std::size_t width = columns * cell_width;
  std::vector<Colour> pixels(width * rows * cell_height, paper);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      const double weight = weights[row * columns + column];
      const Colour colour = has_place(weight) ? diverging(weight / limit) : unknown_colour;
      for (std::size_t y = 0; y + gap < cell_height; ++y) {
        const std::size_t first = (row * cell_height + y) * width + column * cell_width;
        std::fill_n(pixels.begin() + static_cast<std::ptrdiff_t>(first), cell_width - gap, colour);
      }
    }
  }
  const Box box{.left = corner.x,
                .top = corner.y,
                .width = cell.width * static_cast<double>(columns),
                .height = cell.height * static_cast<double>(rows)};
  canvas.image(box, width, pixels);
  // Weights near 0 are hardly darker than paper.
  if (gap == 0) {
    canvas.frame(
        {.left = box.left - 0.5, .top = box.top - 0.5, .width = box.width + 1, .height = box.height + 1},
        {.colour = {.red = 0.84, .green = 0.84, .blue = 0.85}, .width = 1});
  }
}

Ticks bar_ticks(double limit, double height) {
  return linear_ticks({.low = -limit, .high = limit}, height < 100 ? 2 : height < 240 ? 4 : 8);
}

double bar_room(double limit, double height) {
  double widest = 0;
  for (const Tick& tick : bar_ticks(limit, height).major)
    widest = std::max(widest, text_width(tick.label, tick_style));
  return bar_gap + bar_width + 9 + widest;
}

void draw_bar(Canvas& canvas, const Box& bar, double limit) {
  const auto rows = static_cast<std::size_t>(bar.height) * Canvas::pixels_per_unit;
  std::vector<Colour> pixels;
  pixels.reserve(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    pixels.push_back(diverging(1 - 2 * (static_cast<double>(row) + 0.5) / static_cast<double>(rows)));
  }
  canvas.image(bar, 1, pixels);
  for (const Tick& tick : bar_ticks(limit, bar.height).major) {
    const double y = bar.top + (1 - tick.value / limit) / 2 * bar.height;
    const double sharp = crisp(std::min(y, bar.bottom() - 1));
    canvas.line({.x = bar.right(), .y = sharp}, {.x = bar.right() + 4, .y = sharp}, thin);
    canvas.text(tick.label, {.x = bar.right() + 8, .y = sharp}, tick_style);
  }
}

/// A page for `content` (its left and top are kept) with a title above and a bar to its right.
Canvas page(const WeightMap& map, const Box& content, double limit, Format format, double below) {
  const double height = std::max(content.height, 60.0);
  const double titled =
      map.title.empty() ? 0 : std::min(text_width(map.title, title_style), 640.0) + 2 * margin + 1;
  Canvas canvas(
      {.width = std::max({content.right() + bar_room(limit, height) + margin, titled, Canvas::smallest}),
       .height = std::max(content.top + height + below + margin, Canvas::smallest)},
      format);
  draw_title(canvas, map.title, margin);
  draw_bar(canvas,
           {.left = content.right() + bar_gap,
            .top = content.top,
            .width = bar_width,
            .height = std::floor(height)},
           limit);
  return canvas;
}

double top_of(const WeightMap& map) { return map.title.empty() ? margin + 4 : margin + 32; }

/// Numbers of rows or columns that have room for a label: all, every second, fifth, ...
std::vector<std::size_t> numbered(std::size_t count, double side, double needed) {
  std::size_t stride = 1;
  for (std::size_t power = 1; static_cast<double>(stride) * side < needed; power *= 10) {
    for (const std::size_t factor : {1U, 2U, 5U}) {
      stride = factor * power;
      if (static_cast<double>(stride) * side >= needed) break;
    }
  }
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < count; i += stride) numbers.push_back(i);
  return numbers;
}

std::string draw_map(const WeightMap& map, double limit, Format format, const std::string& description) {
  // Square, except that many neurons do not make few inputs narrow, nor the other way round.
  const Size most{.width = side_for(map.inputs, 840, 28), .height = side_for(map.neurons, 840, 28)};
  const Size cell{.width = std::min(most.width, std::max(most.height, 12.0)),
                  .height = std::min(most.height, std::max(most.width, 12.0))};
  const double label = text_width(std::to_string(map.neurons - 1), tick_style);
  const Box cells{.left = std::ceil(margin + 22 + label + 8),
                  .top = top_of(map),
                  .width = cell.width * static_cast<double>(map.inputs),
                  .height = cell.height * static_cast<double>(map.neurons)};
  Canvas canvas = page(map, cells, limit, format, 44);
  draw_cells(canvas, map.weights.data(), map.inputs, map.neurons, {.x = cells.left, .y = cells.top}, cell,
             limit);
  TextStyle style = tick_style;
  style.align = Align::right;
  for (const std::size_t i : numbered(map.neurons, cell.height, 14)) {
    canvas.text(std::to_string(i),
                {.x = cells.left - 6, .y = cells.top + (static_cast<double>(i) + 0.5) * cell.height}, style);
  }
  style.align = Align::centre;
  const double needed = text_width(std::to_string(map.inputs - 1), tick_style) + 14;
  for (const std::size_t i : numbered(map.inputs, cell.width, needed)) {
    canvas.text(std::to_string(i),
                {.x = cells.left + (static_cast<double>(i) + 0.5) * cell.width, .y = cells.bottom() + 10},
                style);
  }
  TextStyle name = label_style;
  name.align = Align::centre;
  canvas.text("input", {.x = cells.centre().x, .y = cells.bottom() + 30}, name);
  name.turn = 90;
  canvas.text("neuron", {.x = margin + 5, .y = cells.centre().y}, name);
  return canvas.finish(map.title, description);
}

std::string draw_images(const WeightMap& map, double limit, Format format, const std::string& description) {
  constexpr double gap = 10;
  constexpr double caption = 18;
  const std::size_t width = map.image_width;
  const std::size_t height = map.inputs / width;
  const double side = side_for(std::max(width, height), 96, 8);
  const double tile_width = std::max(side * static_cast<double>(width), 28.0);
  const double tile_height = side * static_cast<double>(height) + caption;
  // As many side by side as make the page somewhat wider than high.
  const double shape = 1.6 * (tile_height + gap) / (tile_width + gap);
  const auto columns = static_cast<std::size_t>(std::clamp(
      std::ceil(std::sqrt(static_cast<double>(map.neurons) * shape)), 1.0, static_cast<double>(map.neurons)));
  const std::size_t rows = (map.neurons + columns - 1) / columns;
  const Box tiles{.left = margin,
                  .top = top_of(map),
                  .width = static_cast<double>(columns) * (tile_width + gap) - gap,
                  .height = static_cast<double>(rows) * (tile_height + gap) - gap - 4};
  if (tiles.right() + 200 > Canvas::largest || tiles.bottom() + 2 * margin > Canvas::largest) {
    throw UsageError("draw: so many images do not fit on a page (got " + std::to_string(map.neurons) +
                     " neurons of " + std::to_string(width) + " x " + std::to_string(height) +
                     " inputs); draw fewer neurons");
  }
  Canvas canvas = page(map, tiles, limit, format, 0);
  TextStyle style = tick_style;
  style.align = Align::centre;
  for (std::size_t i = 0; i < map.neurons; ++i) {
    const std::size_t row = i / columns;
    const Point corner{.x = tiles.left + static_cast<double>(i % columns) * (tile_width + gap),
                       .y = tiles.top + static_cast<double>(row) * (tile_height + gap)};
    const double drawn = side * static_cast<double>(width);
    const double left = std::floor(corner.x + (tile_width - drawn) / 2);
    draw_cells(canvas, map.weights.data() + i * map.inputs, width, height, {.x = left, .y = corner.y},
               {.width = side, .height = side}, limit);
    canvas.text(std::to_string(i), {.x = corner.x + tile_width / 2, .y = corner.y + tile_height - 8}, style);
  }
  return canvas.finish(map.title, description);
}

}  // namespace

std::string draw(const WeightMap& map, Format format) {
  check(map);
  const std::string description = "Weights of " + std::to_string(map.neurons) + " neurons with " +
                                  std::to_string(map.inputs) + " inputs each";
  const double limit = limit_of(map);
  return map.image_width == 0 ? draw_map(map, limit, format, description)
                              : draw_images(map, limit, format, description);
}

void save(const WeightMap& map, const std::filesystem::path& file) {
  write_file(file, draw(map, format_of(file)));
}

}  // namespace micrograd::plot
