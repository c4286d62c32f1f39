// Titles and legends.
#include <micrograd/plot/legend.hpp>

#include <algorithm>
#include <cmath>

namespace micrograd::plot {
namespace {

constexpr double row_height = 20;

constexpr double gap = 20;  // between entries
constexpr double widest_name = 180;

struct Placed {
  const LegendEntry* entry;  // none: the count of those left out
  std::string name;
  Point at;
};

/// With the gap before the name.
double swatch_width(const LegendEntry& entry) { return entry.line ? 24 : 17; }

}  // namespace

double draw_title(Canvas& canvas, const std::string& title, double top) {
  if (title.empty()) return top;
  TextStyle style = title_style;
  style.max_width = canvas.size().width - 2 * margin;
  canvas.text(title, {.x = margin, .y = top + 9}, style);
  return top + 26;
}

double draw_legend(Canvas& canvas, const std::vector<LegendEntry>& entries, double left, double top,
                   double width, double height) {
  if (entries.empty()) return top;
  TextStyle style = label_style;
  style.colour = ink;
  style.max_width = std::min(widest_name, width - 22);
  const auto rows = static_cast<std::size_t>(std::max(1.0, std::floor(height / row_height)));

  std::vector<Placed> placed;
  Point at{.x = left, .y = top + row_height / 2};
  std::size_t row = 0;
  const auto fits = [&](double entry) { return at.x == left || at.x + entry <= left + width; };
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const double wide = swatch_width(entries[i]) + text_width(entries[i].name, style);
    if (!fits(wide)) {
      if (row + 1 == rows) {  // take back entries until the count of the rest fits
        std::size_t rest = entries.size() - i;
        std::string more = "+ " + std::to_string(rest) + " more";
        while (placed.size() > 1 && at.x + text_width(more, style) > left + width) {
          at = placed.back().at;
          placed.pop_back();
          more = "+ " + std::to_string(++rest) + " more";
        }
        placed.push_back({.entry = nullptr, .name = more, .at = at});
        break;
      }
      ++row;
      at = {.x = left, .y = at.y + row_height};
    }
    placed.push_back({.entry = &entries[i], .name = entries[i].name, .at = at});
    at.x += wide + gap;
  }

  for (const Placed& p : placed) {
    if (p.entry == nullptr) {
      canvas.text(p.name, p.at, style);
      continue;
    }
    if (p.entry->line) {
      canvas.line({.x = p.at.x + 1, .y = p.at.y}, {.x = p.at.x + 17, .y = p.at.y},
                  {.colour = p.entry->colour, .width = 2.5, .dashed = p.entry->dashed});
    } else {
      canvas.marker(p.entry->marker, {.x = p.at.x + 5.5, .y = p.at.y}, 5, p.entry->colour, {.width = 0});
    }
    canvas.text(p.name, {.x = p.at.x + swatch_width(*p.entry), .y = p.at.y}, style);
  }
  return at.y + row_height / 2;
}

Marker class_marker(std::size_t label) { return static_cast<Marker>(label / class_colours % 4); }

}  // namespace micrograd::plot
