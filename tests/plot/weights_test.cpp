// Weights in colours: signs, sizes, images, and every refusal.
#include <micrograd/plot/weights.hpp>

#include <cmath>
#include <limits>

#include "picture.hpp"

namespace micrograd::plot {
namespace {

Picture png(const WeightMap& map) { return Picture(draw(map, Format::png)); }

/// The first pixel of this colour in reading order, by columns, and the length of its run to the right.
struct Found {
  std::size_t x = 0, y = 0, run = 0;
};

Found first(const Picture& picture, Colour colour) {
  for (std::size_t x = 0; x < picture.width(); ++x) {
    for (std::size_t y = 0; y < picture.height(); ++y) {
      if (picture.at(x, y) != pixel_of(colour)) continue;
      std::size_t end = x;
      while (end < picture.width() && picture.at(end, y) == pixel_of(colour)) ++end;
      return {.x = x, .y = y, .run = end - x};
    }
  }
  ADD_FAILURE() << "no such pixel";
  return {};
}

TEST(WeightMap, has_neurons_from_the_top_and_inputs_from_the_left) {
  const Picture picture = png({.neurons = 2, .inputs = 2, .weights = {2, -2, -1, 0}});
  const Found largest = first(picture, diverging(1));
  EXPECT_EQ(largest.run, 55U);  // a cell of 28 units without its gap
  const std::size_t cell = 56;
  EXPECT_EQ(picture.at(largest.x + cell, largest.y), pixel_of(diverging(-1)));
  EXPECT_EQ(picture.at(largest.x, largest.y + cell), pixel_of(diverging(-0.5)));
  EXPECT_EQ(picture.at(largest.x + cell, largest.y + cell), pixel_of(diverging(0)));
}

TEST(WeightMap, takes_the_limit_it_is_given) {
  const Picture picture = png({.neurons = 1, .inputs = 2, .weights = {1, 9}, .limit = 2});
  const Found one = first(picture, diverging(0.5));
  EXPECT_EQ(picture.at(one.x + 56, one.y), pixel_of(diverging(1)));
}

TEST(WeightMap, draws_each_neuron_as_an_image_if_told) {
  WeightMap map{.neurons = 3, .inputs = 64, .weights = std::vector<double>(192), .image_width = 8};
  map.weights[0] = 1;            // neuron 0, upper left
  map.weights[64 + 7] = -1;      // neuron 1, upper right
  map.weights[128 + 56] = 0.25;  // neuron 2, lower left
  const Picture picture = png(map);
  const Found corner = first(picture, diverging(1));
  EXPECT_EQ(corner.run, 16U);
  const std::size_t image = 8 * 16;
  const std::size_t pitch = image + 20;
  EXPECT_EQ(picture.at(corner.x + pitch + image - 1, corner.y), pixel_of(diverging(-1)));
  EXPECT_EQ(picture.at(corner.x + 2 * pitch, corner.y + image - 1), pixel_of(diverging(0.25)));
  EXPECT_EQ(picture.at(corner.x + 2 * pitch, corner.y), pixel_of(diverging(0)));
}

TEST(WeightMap, shows_nan_in_grey_and_all_zeros) {
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  const Picture picture = png({.neurons = 1, .inputs = 3, .weights = {nan, infinity, 1}});
  EXPECT_NEAR(static_cast<double>(picture.count(like(unknown_colour))), 2 * 55 * 55,
              40);  // text has grey pixels too
  const Found grey = first(picture, unknown_colour);
  EXPECT_EQ(picture.at(grey.x + 2 * 56, grey.y), pixel_of(diverging(1)));
  EXPECT_GT(png({.neurons = 2, .inputs = 2, .weights = {0, 0, 0, 0}}).count(like(diverging(0))),
            4U * 55 * 55 - 1);
  EXPECT_EQ(first(png({.neurons = 1, .inputs = 1, .weights = {nan}}), unknown_colour).run, 55U);
}

TEST(WeightMap, fits_layers_of_all_sizes_on_a_page) {
  for (const auto& [neurons, inputs] : std::vector<std::pair<std::size_t, std::size_t>>{
           {1, 1}, {1, 2000}, {2000, 1}, {2000, 2000}, {16, 64}, {300, 2}, {30, 784}}) {
    std::vector<double> weights(neurons * inputs);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = std::sin(static_cast<double>(i));
    const Picture picture = png({.title = "Layer", .neurons = neurons, .inputs = inputs, .weights = weights});
    EXPECT_LE(picture.width(), 2400U) << neurons << " " << inputs;
    EXPECT_LE(picture.height(), 2400U) << neurons << " " << inputs;
    // Nothing touches the right edge or the lower one.
    for (std::size_t y = 0; y < picture.height(); ++y)
      ASSERT_EQ(picture.at(picture.width() - 1, y), 0xFFFFFFU);
    for (std::size_t x = 0; x < picture.width(); ++x)
      ASSERT_EQ(picture.at(x, picture.height() - 1), 0xFFFFFFU);
  }
}

TEST(WeightMap, takes_every_range) {
  for (const double size : {5e-324, 1e-300, 1e-8, 1e8, 1e300}) {
    const Picture picture = png({.neurons = 1, .inputs = 2, .weights = {size, -size}});
    if (size >= 1e-289) {
      EXPECT_EQ(first(picture, diverging(1)).run, 55U) << size;
    }
  }
}

TEST(WeightMap, gives_the_same_bytes_and_says_what_it_shows) {
  WeightMap map{.title = "第一层 <1>", .neurons = 4, .inputs = 6, .weights = std::vector<double>(24, 0.5)};
  for (const std::size_t width : {0U, 3U}) {
    map.image_width = width;
    const std::string svg = draw(map, Format::svg);
    EXPECT_EQ(svg, draw(map, Format::svg));
    EXPECT_TRUE(contains(svg, "<title>第一层 &lt;1&gt;</title>"));
    EXPECT_TRUE(contains(svg, "<desc>Weights of 4 neurons with 6 inputs each</desc>"));
    EXPECT_TRUE(contains(svg, "<image"));
  }
}

TEST(WeightMap, refuses_what_it_cannot_draw) {
  const auto refused = [](const WeightMap& map, std::initializer_list<std::string_view> parts) {
    expect_usage_error([&] { static_cast<void>(draw(map, Format::svg)); }, parts);
  };
  refused({}, {"no such layer", "got 0 neurons of 0 inputs"});
  refused({.neurons = 1, .inputs = 2001}, {"got 1 neurons of 2001 inputs", "1 to 2000"});
  refused({.neurons = 2, .inputs = 2, .weights = {1, 2, 3}}, {"got 3, expected 2 x 2"});
  refused({.neurons = 1, .inputs = 3, .weights = {1, 2, 3}, .image_width = 2},
          {"got 3 inputs", "multiple of the width 2"});
  refused({.neurons = 1, .inputs = 1, .weights = {1}, .limit = -1}, {"no such limit", "got -1"});
  refused({.neurons = 1, .inputs = 1, .weights = {1}, .limit = std::nan("")}, {"no such limit", "got nan"});
  refused({.title = "\x80", .neurons = 1, .inputs = 1, .weights = {1}}, {"not UTF-8"});
  refused({.neurons = 2000, .inputs = 2000, .weights = std::vector<double>(4000000), .image_width = 2000},
          {"do not fit on a page", "got 2000 neurons of 2000 x 1"});
  expect_usage_error([] { save(WeightMap{.neurons = 1, .inputs = 1, .weights = {1}}, "w"); }, {"\"w\""});
}

}  // namespace
}  // namespace micrograd::plot
