// The layout of charts.
#include <micrograd/plot/axes.hpp>

#include <algorithm>
#include <cmath>

#include <micrograd/error.hpp>
#include <micrograd/plot/svg.hpp>

namespace micrograd::plot {
namespace {

constexpr double tick_length = 4;
constexpr double tick_gap = 5;       // between a tick and its label
constexpr double label_room = 22;    // for the name of an axis
constexpr double widest_tick = 120;  // of labels

constexpr double smallest_area = 40;

const Stroke axis_stroke{.colour = {.red = 0.35, .green = 0.35, .blue = 0.37}, .width = 1};
const Stroke grid_stroke{.colour = grid_colour, .width = 1};
const Stroke minor_stroke{.colour = {.red = 0.955, .green = 0.955, .blue = 0.96}, .width = 1};

double widest_label(const Ticks& ticks) {
  double widest = 0;
  for (const Tick& tick : ticks.major) widest = std::max(widest, text_width(tick.label, tick_style));
  return std::min(widest, widest_tick);
}

Range with_round_ends(Range range, std::size_t wanted) {
  const double step = tick_step(range, wanted);
  const Range grown{.low = std::floor(range.low / step + 1e-9) * step,
                    .high = std::ceil(range.high / step - 1e-9) * step};
  return has_place(grown.low) && has_place(grown.high) && grown.low < grown.high ? grown : range;
}

Axis axis_for(const AxisPlan& plan, std::size_t wanted) {
  Axis axis{.label = plan.label, .range = plan.range, .logarithmic = plan.logarithmic};
  if (plan.logarithmic) {
    axis.ticks = logarithmic_ticks(axis.range, wanted);
  } else {
    if (plan.round_ends) axis.range = with_round_ends(axis.range, wanted);
    axis.ticks = linear_ticks(axis.range, wanted, plan.whole);
  }
  return axis;
}

/// As many ticks as have room for their labels side by side.
Axis axis_across(const AxisPlan& plan, double width) {
  for (auto wanted = static_cast<std::size_t>(std::clamp(width / 60, 1.0, 12.0)); wanted > 1; --wanted) {
    Axis axis = axis_for(plan, wanted);
    const std::vector<Tick>& ticks = axis.ticks.major;
    bool fits = true;
    for (std::size_t i = 1; fits && i < ticks.size(); ++i) {
      const double distance = (axis.share(ticks[i].value) - axis.share(ticks[i - 1].value)) * width;
      const double needed =
          (text_width(ticks[i].label, tick_style) + text_width(ticks[i - 1].label, tick_style)) / 2 + 14;
      fits = distance >= needed;
    }
    if (fits) return axis;
  }
  return axis_for(plan, 1);
}

}  // namespace

double Axis::share(double number) const {
  if (!logarithmic) return (number - range.low) / (range.high - range.low);
  return (std::log10(number) - std::log10(range.low)) / (std::log10(range.high) - std::log10(range.low));
}

Chart lay_out_chart(Canvas& canvas, const std::string& title, const std::vector<LegendEntry>& legend,
                    const AxisPlan& x, const AxisPlan& y) {
  const Size size = canvas.size();
  double top = draw_title(canvas, title, margin);
  const double below = margin + (x.label.empty() ? 0 : label_room) + tick_length + tick_gap + 12;
  top = draw_legend(canvas, legend, margin, top, size.width - 2 * margin, size.height * 0.3);
  if (top > margin) top += 10;

  Chart chart;
  chart.area.top = std::round(top);
  chart.area.height = std::round(size.height - below) - chart.area.top;
  const double rows = std::clamp(chart.area.height / 44, 2.0, 10.0);
  chart.y = axis_for(y, static_cast<std::size_t>(rows));
  chart.area.left = std::round(margin + (y.label.empty() ? 0 : label_room) + widest_label(chart.y.ticks) +
                               tick_length + tick_gap);
  chart.area.width = std::round(size.width - margin) - chart.area.left;
  chart.x = axis_across(x, chart.area.width);
  // The last label may stick out to the right.
  if (!chart.x.ticks.major.empty()) {
    const Tick& last = chart.x.ticks.major.back();
    const double end = chart.at(last.value, chart.y.range.low).x +
                       std::min(widest_tick, text_width(last.label, tick_style)) / 2;
    chart.area.width -= std::round(std::max(0.0, end - (size.width - margin / 2)));
  }
  if (chart.area.width < smallest_area || chart.area.height < smallest_area) {
    throw UsageError("draw: the picture is too small for what is written around its data (got " +
                     short_number(chart.area.width) + " x " + short_number(chart.area.height) +
                     " for the data, expected at least " + short_number(smallest_area) +
                     " each way); make it larger or its labels shorter");
  }
  return chart;
}

void draw_grid(Canvas& canvas, const Chart& chart) {
  const Box& area = chart.area;
  const auto across = [&](double value, const Stroke& stroke) {
    const double y = crisp(chart.at(chart.x.range.low, value).y);
    canvas.line({.x = area.left, .y = y}, {.x = area.right(), .y = y}, stroke);
  };
  const auto upright = [&](double value, const Stroke& stroke) {
    const double x = crisp(chart.at(value, chart.y.range.low).x);
    canvas.line({.x = x, .y = area.top}, {.x = x, .y = area.bottom()}, stroke);
  };
  for (const double value : chart.y.ticks.minor) across(value, minor_stroke);
  for (const double value : chart.x.ticks.minor) upright(value, minor_stroke);
  for (const Tick& tick : chart.y.ticks.major) across(tick.value, grid_stroke);
  if (chart.x.logarithmic) {
    for (const Tick& tick : chart.x.ticks.major) upright(tick.value, grid_stroke);
  }
}

void draw_axes(Canvas& canvas, const Chart& chart, bool framed) {
  const Box& area = chart.area;
  const double bottom = crisp(area.bottom());
  const double left = crisp(area.left);
  if (framed) {
    canvas.frame(
        {.left = left - 1, .top = crisp(area.top) - 1, .width = area.width + 1, .height = area.height + 1},
        axis_stroke);
  } else {
    canvas.line({.x = area.left, .y = bottom}, {.x = area.right(), .y = bottom}, axis_stroke);
  }
  TextStyle style = tick_style;
  style.align = Align::centre;
  style.max_width = widest_tick;
  for (const Tick& tick : chart.x.ticks.major) {
    const double x = crisp(chart.at(tick.value, chart.y.range.low).x);
    canvas.line({.x = x, .y = bottom}, {.x = x, .y = bottom + tick_length}, axis_stroke);
    canvas.text(tick.label, {.x = x, .y = area.bottom() + tick_length + tick_gap + 6}, style);
  }
  style.align = Align::right;
  for (const Tick& tick : chart.y.ticks.major) {
    const double y = crisp(chart.at(chart.x.range.low, tick.value).y);
    if (framed) canvas.line({.x = left - 1 - tick_length, .y = y}, {.x = left - 1, .y = y}, axis_stroke);
    canvas.text(tick.label, {.x = area.left - tick_gap - tick_length, .y = y}, style);
  }
  TextStyle name = label_style;
  name.align = Align::centre;
  if (!chart.x.label.empty()) {
    name.max_width = area.width;
    canvas.text(chart.x.label, {.x = area.centre().x, .y = canvas.size().height - margin - 4}, name);
  }
  if (!chart.y.label.empty()) {
    name.max_width = area.height;
    name.turn = 90;
    canvas.text(chart.y.label, {.x = margin + 5, .y = area.centre().y}, name);
  }
}

}  // namespace micrograd::plot
