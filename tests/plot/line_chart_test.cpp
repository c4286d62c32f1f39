// Line charts: what is drawn where, gaps, odd ranges, and every refusal.
#include <micrograd/plot/line_chart.hpp>

#include <cmath>
#include <filesystem>

#include <micrograd/file.hpp>
#include <micrograd/plot/axes.hpp>

#include "picture.hpp"

namespace micrograd::plot {
namespace {

std::vector<double> falling(std::size_t count) {
  std::vector<double> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(std::exp(-static_cast<double>(i) / 10));
  return numbers;
}

Picture png(const LineChart& chart) { return Picture(draw(chart, Format::png)); }

/// The row with the most pixels of the first curve's colour.
std::size_t row_of_curve(const Picture& picture) {
  std::size_t best = 0;
  std::size_t most = 0;
  for (std::size_t y = 0; y < picture.height(); ++y) {
    std::size_t found = 0;
    for (std::size_t x = 0; x < picture.width(); ++x) found += picture.at(x, y) == pixel_of(class_colour(0));
    if (found > most) {
      most = found;
      best = y;
    }
  }
  return best;
}

TEST(LineChart, draws_each_curve_in_its_colour) {
  const LineChart chart{
      .title = "Loss",
      .curves = {{.name = "training", .y = falling(50)}, {.name = "validation", .y = falling(40)}}};
  const Picture picture = png(chart);
  EXPECT_EQ(picture.width(), 1440U);
  EXPECT_EQ(picture.height(), 880U);
  EXPECT_GT(picture.count(like(class_colour(0)), 200), 100U);
  EXPECT_GT(picture.count(like(class_colour(1)), 200), 100U);
  EXPECT_EQ(picture.count(like(class_colour(2))), 0U);
}

TEST(LineChart, says_in_svg_what_it_shows) {
  const std::string svg =
      draw(LineChart{.title = "Loss & more", .curves = {{.name = "训练", .y = {3, 2, 1}}, {.y = {1, 2}}}},
           Format::svg);
  EXPECT_TRUE(contains(svg, "<title>Loss &amp; more</title>"));
  EXPECT_TRUE(contains(svg, "<desc>Curves: 训练 (3 numbers), curve 2 (2 numbers)</desc>"));
  EXPECT_TRUE(contains(svg, "<symbol"));  // the glyphs of its text
}

TEST(LineChart, gives_the_same_bytes_for_the_same_chart) {
  const LineChart chart{.title = "Loss",
                        .curves = {{.name = "a", .y = falling(50)}, {.name = "b", .y = {1, NAN, 2}}}};
  for (const Format format : {Format::svg, Format::png}) {
    const std::string first = draw(chart, format);
    EXPECT_EQ(first, draw(chart, format));
  }
}

TEST(LineChart, has_gaps_where_numbers_have_no_place) {
  Curve curve{.y = std::vector<double>(100, 1.0)};
  const auto runs = [&] {
    const Picture picture = png({.curves = {curve}});
    return picture.runs(pixel_of(class_colour(0)), row_of_curve(picture));
  };
  EXPECT_EQ(runs(), 1U);
  curve.y[30] = NAN;
  EXPECT_EQ(runs(), 2U);
  curve.y[60] = infinity;
  EXPECT_EQ(runs(), 3U);
  curve.y[70] = -infinity;
  curve.y[72] = 1e301;  // the number between two gaps is a dot
  EXPECT_EQ(runs(), 5U);
}

TEST(LineChart, has_gaps_where_a_logarithm_has_none) {
  Curve curve{.y = std::vector<double>(100, 1.0)};
  curve.y[30] = 0;
  curve.y[60] = -1;
  const Picture picture = png({.curves = {curve}, .logarithmic_y = true});
  EXPECT_EQ(picture.runs(pixel_of(class_colour(0)), row_of_curve(picture)), 3U);
}

TEST(LineChart, draws_one_number_as_a_dot) {
  for (const bool logarithmic : {false, true}) {
    const Picture picture = png({.curves = {{.y = {0.25}}}, .logarithmic_y = logarithmic});
    EXPECT_NEAR(static_cast<double>(picture.count(like(class_colour(0)))), 3.14 * 36, 30);
  }
}

TEST(LineChart, says_so_if_there_is_nothing_to_draw) {
  const LineChart nothing{.curves = {{.y = {NAN, infinity}}}};
  const LineChart negative{.curves = {{.y = {-1, 0}}}, .logarithmic_x = true, .logarithmic_y = true};
  for (const LineChart& chart : {nothing, negative}) {
    const Picture picture = png(chart);
    EXPECT_EQ(picture.count(like(class_colour(0))), 0U);
    std::size_t written = 0;
    for (std::size_t x = 600; x < 900; ++x) {
      for (std::size_t y = 400; y < 460; ++y) written += channel(picture.at(x, y), 8) < 160;
    }
    EXPECT_GT(written, 100U);
  }
}

TEST(LineChart, takes_every_range) {
  for (const std::vector<double>& y : std::vector<std::vector<double>>{{0, 0, 0},
                                                                       {-1e300, 1e300},
                                                                       {1e-300, 2e-300},
                                                                       {5e-324, 1},
                                                                       {1e300, 1e300},
                                                                       {1e15, 1e15 + 1},
                                                                       {-1e-12, 1e12}}) {
    for (const bool logarithmic : {false, true}) {
      const Picture picture =
          png({.curves = {{.y = y}}, .logarithmic_x = logarithmic, .logarithmic_y = logarithmic});
      const bool positive = std::any_of(y.begin(), y.end(), [](double v) { return v >= 1e-300; });
      if (!logarithmic || positive) {
        EXPECT_GT(picture.count(like(class_colour(0))), 0U) << y[0] << " " << y[1];
      }
    }
  }
}

TEST(LineChart, thins_long_curves_without_changing_how_they_look) {
  // One spike among a million numbers must still be seen, and the file must stay small.
  Curve curve{.y = std::vector<double>(1000000, 1.0)};
  curve.y[500000] = 9;
  const LineChart chart{.curves = {curve}};
  EXPECT_LT(draw(chart, Format::svg).size(), 300000U);
  const Picture picture = png(chart);
  std::size_t spike = 0;
  for (std::size_t x = 650; x < 850; ++x) spike += alike(picture.at(x, 300), pixel_of(class_colour(0)));
  EXPECT_GE(spike, 2U);
  EXPECT_LE(spike, 6U);
}

TEST(LineChart, uses_x_where_it_is_given) {
  // The dot at x = 10 of 0 to 100 stands at a tenth of the width.
  const LineChart chart{.curves = {{.y = {1, 2, 1}, .x = {0, 10, 100}}}};
  const Picture picture = png(chart);
  std::size_t left = 0;
  while (picture.at(left, 300) != pixel_of(class_colour(0))) ++left;
  EXPECT_LT(left, 300U);
}

TEST(LineChart, puts_ticks_where_the_numbers_are) {
  Canvas canvas({.width = 700, .height = 400}, Format::svg);
  const Chart chart = lay_out_chart(canvas, "T", {}, {.range = {.low = 0, .high = 10}},
                                    {.range = {.low = 0.01, .high = 100}, .logarithmic = true});
  EXPECT_EQ(chart.at(0, 1).x, chart.area.left);
  EXPECT_EQ(chart.at(10, 1).x, chart.area.right());
  EXPECT_NEAR(chart.at(5, 1).y, chart.area.centre().y, 1e-9);
  EXPECT_EQ(chart.at(5, 0.01).y, chart.area.bottom());
  EXPECT_NEAR(chart.at(5, 10).y, chart.area.top + chart.area.height / 4, 1e-9);
}

TEST(LineChart, grows_an_axis_to_round_numbers_if_told) {
  Canvas canvas({.width = 700, .height = 400}, Format::svg);
  const Chart chart = lay_out_chart(canvas, "", {}, {.range = {.low = 1, .high = 7}},
                                    {.range = {.low = 0.07, .high = 2.31}, .round_ends = true});
  EXPECT_EQ(chart.y.range, (Range{.low = 0, .high = 2.5}));
  EXPECT_EQ(chart.y.ticks.major.back().label, "2.5");
  EXPECT_EQ(chart.x.range, (Range{.low = 1, .high = 7}));
}

TEST(LineChart, leaves_room_between_labels_on_the_horizontal_axis) {
  for (const double width : {240.0, 320.0, 500.0, 1200.0}) {
    Canvas canvas({.width = width, .height = 300}, Format::svg);
    const Chart chart = lay_out_chart(canvas, "", {}, {.range = {.low = -9e-7, .high = 9e-7}},
                                      {.range = {.low = 0, .high = 1}});
    for (std::size_t i = 1; i < chart.x.ticks.major.size(); ++i) {
      const Tick& a = chart.x.ticks.major[i - 1];
      const Tick& b = chart.x.ticks.major[i];
      const double needed = (text_width(a.label, tick_style) + text_width(b.label, tick_style)) / 2;
      EXPECT_GT(chart.at(b.value, 0).x - chart.at(a.value, 0).x, needed) << width;
    }
  }
}

TEST(LineChart, cuts_long_names_and_counts_what_the_legend_leaves_out) {
  LineChart chart{
      .title = std::string(1500, 'W'), .x_label = std::string(900, 'x'), .y_label = std::string(900, 'y')};
  for (std::size_t i = 0; i < 20; ++i) {
    chart.curves.push_back({.name = std::string(100, 'n') + std::to_string(i), .y = falling(5 + i)});
  }
  chart.size = {.width = 400, .height = 300};
  const Picture picture = png(chart);
  // Nothing is written into the margin.
  for (std::size_t y = 0; y < picture.height(); ++y) {
    ASSERT_EQ(picture.at(0, y), 0xFFFFFFU);
    ASSERT_EQ(picture.at(picture.width() - 1, y), 0xFFFFFFU);
  }
  for (std::size_t x = 0; x < picture.width(); ++x) ASSERT_EQ(picture.at(x, 4), 0xFFFFFFU);
}

TEST(Legend, takes_as_many_rows_as_it_needs_and_no_more_than_it_may) {
  Canvas canvas({.width = 300, .height = 300}, Format::svg);
  std::vector<LegendEntry> entries;
  EXPECT_EQ(draw_legend(canvas, entries, 0, 50, 300, 100), 50);
  for (int i = 0; i < 12; ++i) entries.push_back({.name = "a class"});
  const double one_row = draw_legend(canvas, {entries.begin(), entries.begin() + 2}, 0, 50, 300, 100);
  const double all_rows = draw_legend(canvas, entries, 0, 50, 300, 1000);
  EXPECT_GT(all_rows, one_row + 20);
  EXPECT_EQ(draw_legend(canvas, entries, 0, 50, 300, 20), one_row);
}

TEST(LineChart, refuses_what_it_cannot_draw) {
  const auto refused = [](const LineChart& chart, std::initializer_list<std::string_view> parts) {
    expect_usage_error([&] { static_cast<void>(draw(chart, Format::svg)); }, parts);
  };
  refused({}, {"draw:", "got none, expected 1 to 20"});
  refused({.curves = {{.name = "a", .y = {1}}, {.name = "b"}}}, {"needs numbers", "\"b\""});
  refused({.curves = {{.name = "a", .y = {1, 2}, .x = {1}}}}, {"got 1 x for \"a\", expected 2"});
  refused({.curves = std::vector<Curve>(21, {.y = {1}})}, {"too many curves", "got 21", "at most 20"});
  refused({.curves = {{.y = {1}}}, .size = {.width = 10, .height = 10}}, {"got 10 x 10"});
  refused({.title = "\xC3", .curves = {{.y = {1}}}}, {"not UTF-8"});
  refused({.curves = {{.name = "\xC3", .y = {1}}}}, {"not UTF-8"});
  refused({.title = "T", .curves = std::vector<Curve>(20, {.y = {1}}), .size = {.width = 160, .height = 160}},
          {"too small", "at least 40 each way"});
}

TEST(LineChart, is_saved_in_the_format_that_the_name_says) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "line_chart_saved";
  std::filesystem::create_directories(folder);
  const LineChart chart{.title = "T", .curves = {{.y = {1, 2}}}};
  save(chart, folder / "a.svg");
  save(chart, folder / "a.png");
  EXPECT_EQ(read_file(folder / "a.svg"), draw(chart, Format::svg));
  EXPECT_EQ(read_file(folder / "a.png"), draw(chart, Format::png));
  expect_usage_error([&] { save(chart, folder / "a.pdf"); }, {"a.pdf", ".svg or .png"});
  EXPECT_THROW(save(chart, folder / "missing" / "a.svg"), IoError);
  EXPECT_FALSE(std::filesystem::exists(folder / "a.pdf"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace micrograd::plot
