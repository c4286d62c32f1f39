// The made-up problems have the shapes that their headers promise, and the same points for the same seed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/train/blobs.hpp>
#include <micrograd/train/circles.hpp>
#include <micrograd/train/moons.hpp>
#include <micrograd/train/spirals.hpp>
#include <micrograd/train/xor.hpp>

namespace micrograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<std::size_t> sizes_of_classes(const Dataset& data) {
  std::vector<std::size_t> sizes(data.class_count());
  for (const std::size_t label : data.labels) ++sizes[label];
  return sizes;
}

struct Expected {
  double x, y;
  std::size_t label;
};

void expect_first_points(const Dataset& data, const std::array<Expected, 3>& expected) {
  EXPECT_EQ(data.columns, 2U);
  EXPECT_THAT(data.names, ElementsAre("x", "y"));
  ASSERT_EQ(data.rows(), 100U);
  ASSERT_EQ(data.values.size(), 200U);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(data.row(i)[0], expected[i].x, 1e-13);
    EXPECT_NEAR(data.row(i)[1], expected[i].y, 1e-13);
    EXPECT_EQ(data.labels[i], expected[i].label);
  }
}

TEST(Points, AreThoseOfTheSeedOnEveryMachine) {
  expect_first_points(make_moons(100, 0.1, 1), {{{0.24829750544263485, 0.95793391269848016, 0},
                                                 {1.946803591299421, 0.20053515018293949, 1},
                                                 {0.27558479247455869, 0.93810650451626976, 0}}});
  expect_first_points(make_circles(100, 0.1, 1), {{{-0.82603617640008431, 0.70401259657740867, 0},
                                                   {0.33859882882774395, -0.30945446632558082, 1},
                                                   {-0.81795978853142104, 0.56722390377208243, 0}}});
  expect_first_points(make_spirals(100, 0.02, 1, {.arms = 3}),
                      {{{-0.51954123669550767, -0.30577288003340652, 0},
                        {-0.81049966076911661, 0.092933557352249355, 2},
                        {-0.45823524299699597, -0.42021840254459886, 0}}});
  expect_first_points(make_blobs(100, 1, 1), {{{-6.5644455691262085, -7.361287214240793, 0},
                                               {-1.1813154083131461, -10.795521098452497, 1},
                                               {-0.61751841806824959, -9.8005285727582905, 1}}});
  expect_first_points(make_xor(100, 0.1, 1), {{{0.90293245102132702, 1.0194654906487197, 0},
                                               {0.019886833953399283, 1.075802155062314, 1},
                                               {-0.0089427941564737528, -0.020561348520390835, 0}}});
}

const std::vector<std::function<Dataset(std::size_t count, double noise, std::uint64_t seed)>> makers{
    make_moons,
    [](std::size_t count, double noise, std::uint64_t seed) { return make_circles(count, noise, seed); },
    [](std::size_t count, double noise, std::uint64_t seed) { return make_spirals(count, noise, seed); },
    [](std::size_t count, double noise, std::uint64_t seed) { return make_blobs(count, noise, seed); },
    make_xor};

TEST(Points, DependOnTheSeedAlone) {
  for (const auto& make : makers) {
    EXPECT_EQ(make(50, 0.1, 7).values, make(50, 0.1, 7).values);
    EXPECT_EQ(make(50, 0.1, 7).labels, make(50, 0.1, 7).labels);
    EXPECT_NE(make(50, 0.1, 7).values, make(50, 0.1, 8).values);
  }
}

TEST(Points, ComeInAnOrderThatDoesNotGiveTheLabelAway) {
  for (const auto& make : makers) {
    const Dataset data = make(200, 0.1, 3);
    const auto early = std::count(data.labels.begin(), data.labels.begin() + 100, 1U);
    const auto all = std::count(data.labels.begin(), data.labels.end(), 1U);
    EXPECT_GT(early, all * 3 / 10);
    EXPECT_LT(early, all * 7 / 10);
  }
}

TEST(Points, MayBeNoneOrOne) {
  for (const auto& make : makers) {
    EXPECT_EQ(make(0, 0.1, 1).rows(), 0U);
    EXPECT_EQ(make(1, 0.1, 1).rows(), 1U);
  }
}

TEST(Points, RejectANoiseThatIsNoDeviation) {
  for (const auto& make : makers) {
    for (const double bad : {-0.1, std::nan(""), std::numeric_limits<double>::infinity()}) {
      EXPECT_THROW(make(10, bad, 1), UsageError);
      EXPECT_THROW(make(0, bad, 1), UsageError);
    }
  }
  EXPECT_THAT([] { make_xor(10, -5e-9, 1); },
              ThrowsMessage<UsageError>("make_xor: the noise is not a deviation (got -5e-09, expected a "
                                        "finite number, 0 or more)"));
}

TEST(Circles, WithoutNoiseLieEvenlyOnTwoCircles) {
  const Dataset data = make_circles(101, 0, 3, 0.25);
  EXPECT_THAT(sizes_of_classes(data), ElementsAre(50U, 51U));
  std::vector<double> angles;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    EXPECT_NEAR(std::hypot(data.row(i)[0], data.row(i)[1]), data.labels[i] == 0 ? 1 : 0.25, 1e-12);
    if (data.labels[i] == 0) angles.push_back(std::atan2(data.row(i)[1], data.row(i)[0]));
  }
  std::sort(angles.begin(), angles.end());
  for (std::size_t i = 1; i < angles.size(); ++i) {
    EXPECT_NEAR(angles[i] - angles[i - 1], 2 * std::numbers::pi / 50, 1e-9);
  }
}

TEST(Circles, RejectAnInnerCircleThatIsNotInside) {
  EXPECT_THROW(make_circles(10, 0, 1, 1), UsageError);
  EXPECT_THROW(make_circles(10, 0, 1, -0.1), UsageError);
  EXPECT_THROW(make_circles(10, 0, 1, std::nan("")), UsageError);
}

TEST(Spirals, WithoutNoiseTurnEvenlyAndEndAtDistanceOne) {
  const Dataset data = make_spirals(100, 0, 3, {.arms = 3, .turns = 1.5});
  EXPECT_THAT(sizes_of_classes(data), ElementsAre(34U, 33U, 33U));
  double farthest = 0;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const double x = data.row(i)[0], y = data.row(i)[1], distance = std::hypot(x, y);
    const double angle = 2 * std::numbers::pi * (static_cast<double>(data.labels[i]) / 3 + 1.5 * distance);
    EXPECT_NEAR(x, distance * std::cos(angle), 1e-12);
    EXPECT_NEAR(y, distance * std::sin(angle), 1e-12);
    farthest = std::max(farthest, distance);
  }
  EXPECT_NEAR(farthest, 1, 1e-12);
}

TEST(Spirals, RejectOptionsOutOfRange) {
  EXPECT_THROW(make_spirals(10, 0, 1, {.arms = 0}), UsageError);
  EXPECT_THROW(make_spirals(10, 0, 1, {.turns = std::nan("")}), UsageError);
  EXPECT_EQ(make_spirals(2, 0, 1, {.arms = 1'000'000'000'000}).rows(), 2U);
}

TEST(Blobs, WithoutNoiseLieOnTheirCentres) {
  const Dataset data = make_blobs(10, 0, 3, 4);
  EXPECT_THAT(sizes_of_classes(data), ElementsAre(3U, 3U, 2U, 2U));
  std::array<std::vector<double>, 4> centres;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const std::vector<double> point(data.row(i).begin(), data.row(i).end());
    std::vector<double>& centre = centres.at(data.labels[i]);
    if (centre.empty()) centre = point;
    EXPECT_EQ(point, centre);
    for (const double coordinate : point) EXPECT_LE(std::abs(coordinate), 10);
  }
  EXPECT_NE(centres[0], centres[1]);
  EXPECT_THROW(make_blobs(10, 0, 3, 0), UsageError);
}

TEST(Blobs, HaveTheDeviationThatWasAskedFor) {
  const Dataset data = make_blobs(20'000, 2, 3, 1);
  const Dataset centre = make_blobs(1, 0, 3, 1);
  double squares = 0;
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const double x = data.row(i)[0] - centre.row(0)[0];
    squares += x * x;
  }
  EXPECT_NEAR(std::sqrt(squares / 20'000), 2, 0.05);
}

TEST(Xor, WithoutNoiseIsTheExclusiveOrOfTheCorners) {
  const Dataset data = make_xor(10, 0, 3);
  std::array<int, 4> corners{};
  for (std::size_t i = 0; i < data.rows(); ++i) {
    const double x = data.row(i)[0], y = data.row(i)[1];
    EXPECT_TRUE((x == 0 || x == 1) && (y == 0 || y == 1));
    EXPECT_EQ(data.labels[i], x != y ? 1U : 0U);
    ++corners.at(static_cast<std::size_t>(2 * x + y));
  }
  EXPECT_THAT(corners, ElementsAre(3, 3, 2, 2));
}

}  // namespace
}  // namespace micrograd
