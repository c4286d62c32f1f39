// The page: sizes, colours at known places, text of all kinds, and the same bytes every time.
#include <micrograd/plot/canvas.hpp>

#include <array>
#include <cmath>
#include <limits>

#include <micrograd/plot/svg.hpp>

#include "picture.hpp"

namespace micrograd::plot {
namespace {

constexpr Colour red{.red = 1};
constexpr Size small{.width = 200, .height = 160};

std::size_t dark_pixels(const std::string& text, const TextStyle& style, Point at = {.x = 100, .y = 80}) {
  Canvas canvas(small, Format::png);
  canvas.text(text, at, style);
  return Picture(canvas.finish("", "")).count([](unsigned pixel) { return channel(pixel, 8) < 128; });
}

TEST(Canvas, has_four_pixels_for_each_unit) {
  Canvas canvas({.width = 200.2, .height = 160}, Format::png);
  EXPECT_EQ(canvas.size().width, 201);
  canvas.fill({.left = 10, .top = 20, .width = 5, .height = 5}, red);
  const Picture picture(canvas.finish("", ""));
  EXPECT_EQ(picture.width(), 402U);
  EXPECT_EQ(picture.height(), 320U);
  EXPECT_EQ(picture.at(20, 40), 0xFF0000U);
  EXPECT_EQ(picture.at(29, 49), 0xFF0000U);
  EXPECT_EQ(picture.at(19, 40), 0xFFFFFFU);
  EXPECT_EQ(picture.count(like(red)), 100U);
}

TEST(Canvas, draws_sharp_lines) {
  Canvas canvas(small, Format::png);
  canvas.line({.x = 10, .y = crisp(50.7)}, {.x = 60, .y = crisp(50.7)}, {.colour = red, .width = 1});
  const Picture picture(canvas.finish("", ""));
  EXPECT_EQ(picture.at(40, 99), 0xFFFFFFU);
  EXPECT_EQ(picture.at(40, 100), 0xFF0000U);
  EXPECT_EQ(picture.at(40, 101), 0xFF0000U);
  EXPECT_EQ(picture.at(40, 102), 0xFFFFFFU);
}

TEST(Canvas, does_not_join_a_line_to_the_text_before_it) {
  Canvas canvas(small, Format::png);
  canvas.text(" ", {.x = 10, .y = 10}, {});
  canvas.line({.x = 100, .y = 100.5}, {.x = 150, .y = 100.5}, {.colour = red});
  EXPECT_EQ(Picture(canvas.finish("", "")).count(like(red)), 200U);
}

TEST(Canvas, draws_images_pixel_by_pixel) {
  Canvas canvas(small, Format::png);
  const std::array pixels{red, Colour{.green = 1}, Colour{.blue = 1}, Colour{}};
  canvas.image({.left = 10, .top = 10, .width = 20, .height = 10}, 2, pixels);
  const Picture picture(canvas.finish("", ""));
  EXPECT_EQ(picture.at(39, 29), 0xFF0000U);
  EXPECT_EQ(picture.at(40, 29), 0x00FF00U);
  EXPECT_EQ(picture.at(39, 30), 0x0000FFU);
  EXPECT_EQ(picture.at(40, 30), 0x000000U);
  EXPECT_EQ(picture.at(60, 30), 0xFFFFFFU);
}

TEST(Canvas, clips_only_what_it_is_told_to) {
  Canvas canvas(small, Format::png);
  canvas.clipped({.left = 0, .top = 0, .width = 10, .height = 10},
                 [&] { canvas.fill({.left = 5, .top = 5, .width = 50, .height = 50}, red); });
  canvas.fill({.left = 100, .top = 100, .width = 1, .height = 1}, red);
  EXPECT_EQ(Picture(canvas.finish("", "")).count(like(red)), 100U + 4U);
}

TEST(Canvas, draws_every_marker_about_as_large) {
  for (const Marker shape : {Marker::disc, Marker::square, Marker::triangle, Marker::diamond}) {
    Canvas canvas(small, Format::png);
    canvas.marker(shape, {.x = 50, .y = 50}, 10, red, {.colour = {}, .width = 2});
    const Picture picture(canvas.finish("", ""));
    EXPECT_NEAR(static_cast<double>(picture.count(like(red))), 4 * 314, 100);
    EXPECT_EQ(picture.at(100, 100), 0xFF0000U);
  }
}

TEST(Canvas, aligns_text) {
  const auto leftmost = [](Align align) {
    Canvas canvas(small, Format::png);
    canvas.text("HHH", {.x = 100, .y = 80}, {.align = align});
    const Picture picture(canvas.finish("", ""));
    for (std::size_t x = 0; x < picture.width(); ++x) {
      if (channel(picture.at(x, 160), 8) < 128) return static_cast<double>(x) / 2;
    }
    return -1.0;
  };
  const double width = text_width("HHH", {});
  EXPECT_NEAR(leftmost(Align::left), 101, 1.5);
  EXPECT_NEAR(leftmost(Align::centre), 101 - width / 2, 1.5);
  EXPECT_NEAR(leftmost(Align::right), 101 - width, 1.5);
}

TEST(Canvas, puts_the_middle_of_capitals_where_it_is_told) {
  Canvas canvas(small, Format::png);
  canvas.text("H", {.x = 100, .y = 80}, {.size = 40});
  const Picture picture(canvas.finish("", ""));
  std::size_t first = picture.height();
  std::size_t last = 0;
  for (std::size_t y = 0; y < picture.height(); ++y) {
    for (std::size_t x = 0; x < picture.width(); ++x) {
      if (channel(picture.at(x, y), 8) > 128) continue;
      first = std::min(first, y);
      last = y;
    }
  }
  EXPECT_NEAR(static_cast<double>(first + last) / 2, 160, 1.5);
}

TEST(Canvas, cuts_text_that_is_too_wide) {
  const TextStyle style{.max_width = 50};
  EXPECT_GT(text_width("a long piece of text", {}), 100);
  EXPECT_LE(text_width("a long piece of text", style), 50);
  EXPECT_LE(text_width("一个很长的类别名称一个很长的类别名称", style), 50);
  EXPECT_EQ(text_width("short", style), text_width("short", {}));
}

TEST(Canvas, has_glyphs_for_chinese) {
  // Chinese characters are as wide as they are high.
  EXPECT_NEAR(text_width("汽车", {.size = 20}), 40, 3);
  EXPECT_GT(dark_pixels("汽车", {.size = 20}), 200U);
  EXPECT_NE(dark_pixels("汽车", {.size = 20}), dark_pixels("飞机", {.size = 20}));
}

TEST(Canvas, takes_odd_text) {
  EXPECT_EQ(dark_pixels("", {}), 0U);
  EXPECT_GT(dark_pixels("two\nlines\ttab", {}), 0U);
  EXPECT_GT(dark_pixels("שלום", {.max_width = 90}), 0U);
  EXPECT_GT(dark_pixels("<b>&amp;</b>", {}), dark_pixels("b", {}) * 4);
}

TEST(Canvas, refuses_text_that_is_none) {
  expect_usage_error([] { text_width("\xFF\xFE", {}); }, {"not UTF-8", "\\xFF\\xFE"});
  expect_usage_error([] { text_width(std::string("a\0b", 3), {}); }, {"not UTF-8", "a\\x00b"});
  expect_usage_error([] { text_width(std::string(2001, 'x'), {}); }, {"got 2001 bytes", "at most 2000"});
}

TEST(Canvas, refuses_sizes_that_are_none) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const Size size : {Size{.width = 159, .height = 200}, Size{.width = 200, .height = 4001},
                          Size{.width = -1, .height = 200}, Size{.width = NAN, .height = 200},
                          Size{.width = 200, .height = infinity}}) {
    expect_usage_error([&] { Canvas(size, Format::svg); }, {"no such size", "expected 160 to 4000"});
  }
  EXPECT_NO_THROW(Canvas({.width = 160, .height = 4000}, Format::svg));
}

TEST(Canvas, refuses_images_that_are_not_rectangles) {
  Canvas canvas(small, Format::png);
  const std::array<Colour, 3> pixels{};
  const Box box{.width = 10, .height = 10};
  expect_usage_error([&] { canvas.image(box, 2, pixels); }, {"image:", "got 3 pixels", "multiple of 2"});
  expect_usage_error([&] { canvas.image(box, 0, pixels); }, {"image:"});
  expect_usage_error([&] { canvas.image(box, 2, {}); }, {"image:", "got 0 pixels"});
}

TEST(Formats, follow_from_the_extension) {
  EXPECT_EQ(format_of("a/b.svg"), Format::svg);
  EXPECT_EQ(format_of("b.PNG"), Format::png);
  for (const char* name : {"picture", "picture.pdf", "svg", ".svg", "picture.svg.gz", ""}) {
    expect_usage_error([&] { format_of(name); }, {"save:", name, ".svg or .png"});
  }
}

TEST(Svg, says_title_and_description_and_escapes_them) {
  Canvas canvas(small, Format::svg);
  const std::string svg = canvas.finish("a < b & \"c\"\x01", "汽车");
  EXPECT_TRUE(contains(svg, "<title>a &lt; b &amp; &quot;c&quot;\uFFFD</title>")) << svg;
  EXPECT_TRUE(contains(svg, "<desc>汽车</desc>"));
  EXPECT_TRUE(contains(svg, "width=\"200px\" height=\"160px\""));
  EXPECT_TRUE(svg.starts_with("<?xml"));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(Svg, does_not_depend_on_what_was_drawn_before) {
  const auto drawn = [] {
    Canvas canvas(small, Format::svg);
    const std::array pixels{red, paper};
    canvas.image({.width = 20, .height = 10}, 2, pixels);
    canvas.clipped({.width = 30, .height = 30},
                   [&] { canvas.image({.width = 10, .height = 10}, 1, pixels); });
    canvas.text("text 文字", {.x = 50, .y = 50}, {});
    return canvas.finish("t", "d");
  };
  const std::string first = drawn();
  Canvas(small, Format::png).finish("", "");
  EXPECT_EQ(first, drawn());
}

TEST(Svg, numbers_names_but_leaves_other_text_alone) {
  EXPECT_EQ(completed_svg("<svg a=\"1\"><g id=\"image17\"/><use href=\"#image17\" x=\"image17\"/>"
                          "<g id=\"surface30\" f=\"url(#surface30)\"/></svg>",
                          "T", "D"),
            "<svg a=\"1\">\n<title>T</title>\n<desc>D</desc><g id=\"image1\"/><use href=\"#image1\" "
            "x=\"image17\"/><g id=\"surface2\" f=\"url(#surface2)\"/></svg>");
}

TEST(Palette, tells_ten_classes_apart) {
  for (std::size_t i = 0; i < class_colours; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Colour a = class_colour(i);
      const Colour b = class_colour(j);
      const double distance = std::hypot(a.red - b.red, a.green - b.green, a.blue - b.blue);
      EXPECT_GT(distance, 0.2) << i << " and " << j;
    }
  }
  EXPECT_EQ(class_colour(3), class_colour(13));
}

TEST(Palette, goes_from_blue_over_white_to_orange) {
  EXPECT_TRUE(is_blue(pixel_of(diverging(-0.5))));
  EXPECT_TRUE(is_orange(pixel_of(diverging(0.5))));
  EXPECT_EQ(diverging(-0.0), diverging(0.0));
  EXPECT_EQ(diverging(7), diverging(1));
  EXPECT_EQ(diverging(-std::numeric_limits<double>::infinity()), diverging(-1));
  EXPECT_EQ(diverging(NAN), unknown_colour);
  EXPECT_EQ(readable_on(diverging(-1)), paper);
  EXPECT_EQ(readable_on(diverging(0)), ink);
}

}  // namespace
}  // namespace micrograd::plot
