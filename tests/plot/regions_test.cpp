// Decision regions: every way of classifying colours the right places, and every refusal.
#include <micrograd/plot/regions.hpp>

#include <cmath>

#include "picture.hpp"

namespace micrograd::plot {
namespace {

constexpr Range unit{.low = -1, .high = 1};

Picture png(const DecisionRegions& regions) { return Picture(draw(regions, Format::png)); }

/// Pixels well inside the quarters of the area of a picture of 1280 x 1040 without examples.
struct Quarters {
  unsigned upper_left, upper_right, lower_left, lower_right;
};

Quarters quarters(const Picture& picture) {
  return {.upper_left = picture.at(320, 200),
          .upper_right = picture.at(1100, 200),
          .lower_left = picture.at(320, 850),
          .lower_right = picture.at(1100, 850)};
}

DecisionRegions empty_plane() { return {.x_range = unit, .y_range = unit}; }

const unsigned plain_0 = pixel_of(mix(paper, class_colour(0), 0.30));
const unsigned plain_1 = pixel_of(mix(paper, class_colour(1), 0.30));

TEST(Regions, by_class_have_the_colour_of_their_class) {
  DecisionRegions regions = empty_plane();
  regions.class_at = [](double x, double y) -> std::size_t { return x > 0 && y > 0 ? 1 : 0; };
  const Quarters q = quarters(png(regions));
  EXPECT_TRUE(alike(q.upper_right, plain_1));
  EXPECT_TRUE(alike(q.upper_left, plain_0));
  EXPECT_TRUE(alike(q.lower_left, plain_0));
  EXPECT_TRUE(alike(q.lower_right, plain_0));
}

TEST(Regions, by_one_score_are_class_1_above_0) {
  DecisionRegions regions = empty_plane();
  regions.score_at = [](double x, double y) { return 50 * (x + 2 * y); };
  const Quarters q = quarters(png(regions));
  EXPECT_TRUE(is_orange(q.upper_left) && is_orange(q.upper_right));
  EXPECT_TRUE(is_blue(q.lower_left) && is_blue(q.lower_right));
}

TEST(Regions, by_one_score_in_a_vector_look_as_by_one_score) {
  DecisionRegions one = empty_plane();
  one.score_at = [](double x, double y) { return x - y; };
  DecisionRegions vector = empty_plane();
  vector.scores_at = [](double x, double y) { return std::vector{x - y}; };
  DecisionRegions pair = empty_plane();
  pair.scores_at = [](double x, double y) { return std::vector{3.0, 3 + x - y}; };
  EXPECT_EQ(draw(one, Format::png), draw(vector, Format::png));
  const Quarters q = quarters(png(pair));
  EXPECT_TRUE(is_blue(q.upper_left) && is_orange(q.lower_right));
}

TEST(Regions, are_stronger_where_the_classifier_is_surer) {
  DecisionRegions regions = empty_plane();
  regions.score_at = [](double x, double) { return 4 * x; };
  const Picture picture = png(regions);
  const auto green = [&](std::size_t x) { return channel(picture.at(x, 500), 8); };
  EXPECT_GT(green(760), green(900) + 20);
  EXPECT_GT(green(900), green(1200) + 5);
}

TEST(Regions, of_a_grid_lie_where_the_nodes_are) {
  DecisionRegions regions = empty_plane();
  // Nodes from the low ends: lower left, lower right, upper left, upper right.
  regions.grid = {.columns = 2, .rows = 2, .scores = {9, 0, 0, 0, 9, 0, 0, 0, 9, 9, 0, 0}};
  const Quarters q = quarters(png(regions));
  EXPECT_TRUE(is_blue(q.lower_left));
  EXPECT_TRUE(is_orange(q.lower_right));
  EXPECT_GT(channel(q.upper_left, 8), channel(q.upper_left, 16) + 20);  // green
  EXPECT_TRUE(is_blue(q.upper_right));
}

TEST(Regions, with_nan_scores_are_grey) {
  DecisionRegions regions = empty_plane();
  regions.score_at = [](double x, double) { return x < 0 ? std::nan("") : infinity; };
  const Quarters q = quarters(png(regions));
  EXPECT_TRUE(alike(q.upper_left, pixel_of(unknown_colour)));
  EXPECT_TRUE(is_orange(q.upper_right));
}

TEST(Regions, with_infinite_scores_are_sure) {
  DecisionRegions regions = empty_plane();
  regions.scores_at = [](double x, double) {
    return std::vector{x < 0 ? 0 : -infinity, x < 0 ? -infinity : 0};
  };
  const Quarters q = quarters(png(regions));
  EXPECT_TRUE(alike(q.lower_left, pixel_of(mix(paper, class_colour(0), 0.46))));
  EXPECT_TRUE(alike(q.lower_right, pixel_of(mix(paper, class_colour(1), 0.46))));
}

TEST(Regions, have_smooth_borders_even_on_a_coarse_grid) {
  // A border at x = 0.1 that falls between the nodes is found to the pixel.
  DecisionRegions regions = empty_plane();
  regions.class_at = [](double x, double) -> std::size_t { return x > 0.1 ? 1 : 0; };
  const auto border = [&](std::size_t resolution) {
    regions.resolution = resolution;
    const Picture picture = png(regions);
    std::size_t x = 300;
    while (alike(picture.at(x, 500), plain_0)) ++x;
    return static_cast<double>(x);
  };
  EXPECT_EQ(border(2), border(1000));
}

TEST(Regions, show_examples_in_the_colours_of_their_labels) {
  DecisionRegions regions{.x = {0, 1, 2}, .y = {0, 1, 0}, .labels = {0, 1, 2}, .classes = {"a", "b", "c"}};
  regions.class_at = [](double, double) -> std::size_t { return 0; };
  const Picture picture = png(regions);
  constexpr std::size_t below_legend = 130;
  for (std::size_t label : {0U, 1U, 2U}) {
    EXPECT_GT(picture.count(like(class_colour(label)), below_legend), 100U) << label;
  }
}

TEST(Regions, take_ten_classes_and_forty) {
  for (const std::size_t classes : {10U, 40U}) {
    DecisionRegions regions = empty_plane();
    for (std::size_t i = 0; i < classes; ++i) {
      regions.x.push_back(std::cos(static_cast<double>(i)));
      regions.y.push_back(std::sin(static_cast<double>(i)));
      regions.labels.push_back(i);
      regions.classes.push_back("类别 number " + std::to_string(i));
    }
    regions.class_at = [&](double x, double) {
      return static_cast<std::size_t>((x + 1) / 2.001 * static_cast<double>(classes));
    };
    const std::string svg = draw(regions, Format::svg);
    EXPECT_TRUE(contains(svg, "类别 number 0, 类别 number 1, "));
    EXPECT_TRUE(contains(svg, "; " + std::to_string(classes) + " examples</desc>"));
    EXPECT_EQ(svg, draw(regions, Format::svg));
  }
}

TEST(Regions, take_examples_that_lie_in_one_place_or_far_apart) {
  for (const double far : {0.0, 1e-300, 1e300}) {
    DecisionRegions regions{.x = {far, -far}, .y = {3, 3}, .labels = {0, 1}};
    regions.score_at = [](double x, double) { return x; };
    EXPECT_GT(png(regions).count(like(class_colour(1)), 130), 10U) << far;
  }
}

TEST(Regions, refuse_what_they_cannot_draw) {
  const auto refused = [](const DecisionRegions& regions, std::initializer_list<std::string_view> parts) {
    expect_usage_error([&] { static_cast<void>(draw(regions, Format::svg)); }, parts);
  };
  const auto zero = [](double, double) -> std::size_t { return 0; };
  const auto with = [&](const std::function<void(DecisionRegions&)>& change) {
    DecisionRegions regions{.x = {0, 1}, .y = {0, 1}, .labels = {0, 1}};
    regions.class_at = zero;
    change(regions);
    return regions;
  };
  refused(with([](auto& r) { r.class_at = nullptr; }), {"one way of classifying", "got 0"});
  refused(with([](auto& r) { r.score_at = [](double, double) { return 0.0; }; }),
          {"one way of classifying", "got 2"});
  refused(with([](auto& r) { r.x.pop_back(); }), {"got 1 x, 2 y, expected 2"});
  refused(with([](auto& r) { r.labels.push_back(0); }), {"got 2 x, 2 y, expected 3"});
  refused(with([](auto& r) { r.x[1] = NAN; }), {"example 1", "got nan, 1"});
  refused(with([](auto& r) { r.y[0] = infinity; }), {"example 0", "got 0, inf"});
  refused(with([](auto& r) { r.labels[1] = 40; }), {"example 1", "got 40, expected less than 40"});
  refused(with([](auto& r) { r.classes = {"only"}; }), {"example 1", "got 1, expected less than 1"});
  refused(with([](auto& r) { r.classes.assign(41, "c"); }), {"too many classes", "got 41"});
  refused(with([](auto& r) { r.class_at = [](double, double) -> std::size_t { return 40; }; }),
          {"class_at", "got 40, expected less than 40"});
  refused(with([](auto& r) {
            r.classes = {"a", "b"};
            r.class_at = [](double, double) -> std::size_t { return 2; };
          }),
          {"class_at", "got 2, expected less than 2"});
  refused(with([](auto& r) { r.resolution = 1; }), {"resolution", "got 1, expected 2 to 1000"});
  refused(with([](auto& r) { r.resolution = 1001; }), {"resolution", "got 1001"});
  refused(with([](auto& r) { r.x = r.y = {}, r.labels = {}; }), {"got 0 examples"});
  refused(with([](auto& r) { r.x_range = {.low = 1, .high = 1}; }), {"no such range", "got 1 to 1"});
  refused(with([](auto& r) { r.y_range = {.low = 2, .high = 1}; }), {"no such range", "got 2 to 1"});
  refused(with([](auto& r) { r.y_range = {.low = 0, .high = infinity}; }), {"no such range", "got 0 to inf"});
  refused(with([](auto& r) { r.size.width = 5000; }), {"no such size"});
}

TEST(Regions, refuse_scores_that_do_not_fit) {
  const auto refused = [](const DecisionRegions& regions, std::initializer_list<std::string_view> parts) {
    expect_usage_error([&] { static_cast<void>(draw(regions, Format::svg)); }, parts);
  };
  DecisionRegions regions = empty_plane();
  regions.scores_at = [](double, double) { return std::vector<double>{}; };
  refused(regions, {"scores_at", "got 0, expected 1 or more"});
  regions.scores_at = [](double x, double) { return std::vector<double>(x < 0 ? 2 : 3); };
  refused(regions, {"scores_at", "got 3, expected 2"});
  regions.scores_at = [](double, double) { return std::vector<double>(41); };
  refused(regions, {"got 41 scores, expected at most 40"});
  regions.scores_at = [](double, double) { return std::vector<double>(3); };
  regions.classes = {"a", "b"};
  refused(regions, {"got 3 scores, expected at most 2"});

  regions = empty_plane();
  regions.grid = {.columns = 1, .rows = 2, .scores = {1, 2}};
  refused(regions, {"no such grid", "got 1 x 2"});
  regions.grid = {.columns = 2, .rows = 2, .scores = {1, 2, 3, 4, 5}};
  refused(regions, {"got 5 scores", "multiple of 2 x 2"});
  regions.grid.scores = {1, 2, 3, 4};
  regions.x_range.reset();
  refused(regions, {"needs to know where it lies"});
}

TEST(Regions, pass_on_what_the_functions_throw) {
  DecisionRegions regions = empty_plane();
  regions.score_at = [](double, double) -> double { throw std::out_of_range("mine"); };
  EXPECT_THROW(static_cast<void>(draw(regions, Format::png)), std::out_of_range);
}

}  // namespace
}  // namespace micrograd::plot
