// Confusion matrices: shades, names of all lengths, accuracy, counting.
#include <micrograd/plot/confusion.hpp>

#include <array>
#include <limits>

#include "picture.hpp"

namespace micrograd::plot {
namespace {

Picture png(const ConfusionMatrix& matrix) { return Picture(draw(matrix, Format::png)); }
std::string svg(const ConfusionMatrix& matrix) { return draw(matrix, Format::svg); }

TEST(ConfusionMatrix, is_blue_where_right_and_orange_where_wrong) {
  const Picture right = png({.classes = {"a", "b"}, .counts = {5, 0, 0, 7}});
  EXPECT_GT(right.count(is_blue), 10000U);
  EXPECT_EQ(right.count(is_orange), 0U);
  const Picture wrong = png({.classes = {"a", "b"}, .counts = {0, 5, 7, 0}});
  EXPECT_EQ(wrong.count(is_blue), 0U);
  EXPECT_GT(wrong.count(is_orange), 10000U);
}

TEST(ConfusionMatrix, shades_by_share_of_the_row) {
  // Both rows have the same shares, so each shade covers the same area twice.
  const Picture same = png({.classes = {"a", "b"}, .counts = {90, 10, 100, 900}});
  const Picture other = png({.classes = {"a", "b"}, .counts = {90, 10, 500, 500}});
  EXPECT_GT(other.count(is_orange), same.count(is_orange) - 2000);
  EXPECT_NE(draw({.classes = {"a", "b"}, .counts = {90, 10, 100, 900}}, Format::png),
            draw({.classes = {"a", "b"}, .counts = {90, 10, 500, 500}}, Format::png));
}

TEST(ConfusionMatrix, has_the_accuracy_in_its_title) {
  const auto title = [](const std::string& name, std::vector<std::size_t> counts) {
    const std::string text = svg({.title = name, .classes = {"a", "b"}, .counts = std::move(counts)});
    const std::size_t first = text.find("<title>") + 7;
    return text.substr(first, text.find("</title>") - first);
  };
  EXPECT_EQ(title("Digits", {9, 1, 2, 8}), "Digits: accuracy 85.0 %");
  EXPECT_EQ(title("", {9, 1, 2, 8}), "Accuracy 85.0 %");
  EXPECT_EQ(title("T", {9, 0, 0, 8}), "T: accuracy 100 %");
  EXPECT_EQ(title("T", {100000, 1, 0, 100000}), "T: accuracy 99.9 %");
  EXPECT_EQ(title("T", {0, 100000, 100000, 1}), "T: accuracy 0.1 %");
  EXPECT_EQ(title("T", {0, 1, 1, 0}), "T: accuracy 0 %");
  EXPECT_EQ(title("T", {0, 0, 0, 0}), "T: accuracy unknown");
}

TEST(ConfusionMatrix, cuts_long_names_and_titles) {
  const auto size = [](std::size_t length) {
    const std::string name(length, 'M');
    const Picture picture =
        png({.title = name, .classes = {name, name, "c"}, .counts = std::vector<std::size_t>(9, 1)});
    for (std::size_t y = 0; y < picture.height(); ++y) {
      EXPECT_EQ(picture.at(picture.width() - 1, y), 0xFFFFFFU);
      EXPECT_EQ(picture.at(0, y), 0xFFFFFFU);
    }
    for (std::size_t x = 0; x < picture.width(); ++x) EXPECT_EQ(picture.at(x, 0), 0xFFFFFFU);
    return std::pair(picture.width(), picture.height());
  };
  EXPECT_EQ(size(200), size(1900));
  EXPECT_LT(size(3).second, size(200).second);  // long names stand slanted and need height
}

TEST(ConfusionMatrix, keeps_names_out_of_the_cells) {
  // Beside and above the cells nothing may change them: the lower right of the picture is the same for all
  // names.
  const auto corner = [](const std::string& name) {
    const Picture picture = png({.classes = {name, name, name}, .counts = {5, 1, 0, 0, 9, 0, 2, 2, 3}});
    std::vector<unsigned> pixels;
    // From the last cell's lower right corner.
    std::size_t bottom = picture.height() - 1;
    std::size_t right = 0;
    for (; bottom > 0 && right == 0; --bottom) {
      for (std::size_t x = 0; x < picture.width(); ++x) {
        if (is_blue(picture.at(x, bottom))) right = x;
      }
    }
    for (std::size_t y = 0; y < 3 * 64 * 2 - 4; ++y) {
      for (std::size_t x = 0; x < 3 * 64 * 2 - 4; ++x) pixels.push_back(picture.at(right - x, bottom - y));
    }
    return pixels;
  };
  const std::vector<unsigned> expected = corner("a");
  EXPECT_EQ(corner("a name that is far too long for its row"), expected);
  EXPECT_EQ(corner("一个非常非常长的类别名称一个非常非常长的类别名称"), expected);
}

TEST(ConfusionMatrix, takes_one_class_fifty_and_huge_counts) {
  EXPECT_GT(png({.classes = {"only"}, .counts = {3}}).count(is_blue), 5000U);
  const auto largest = std::numeric_limits<std::size_t>::max();
  const ConfusionMatrix fifty{.classes = std::vector<std::string>(50, "类"),
                              .counts = std::vector<std::size_t>(2500, largest)};
  EXPECT_TRUE(contains(svg(fifty), "<title>Accuracy 2.0 %</title>"));
  EXPECT_EQ(svg(fifty), svg(fifty));
}

TEST(ConfusionMatrix, is_counted_from_labels_and_predictions) {
  const std::vector<std::size_t> labels{0, 0, 1, 2, 2, 2};
  const std::vector<std::size_t> predictions{0, 1, 1, 2, 0, 2};
  const ConfusionMatrix matrix = count_confusions(labels, predictions, {"a", "b", "c"});
  EXPECT_EQ(matrix.counts, (std::vector<std::size_t>{1, 1, 0, 0, 1, 0, 1, 0, 2}));
  EXPECT_EQ(matrix.classes, (std::vector<std::string>{"a", "b", "c"}));
}

TEST(ConfusionMatrix, refuses_what_it_cannot_count) {
  const std::array<std::size_t, 2> two{0, 1};
  const std::array<std::size_t, 1> one{0};
  expect_usage_error([&] { static_cast<void>(count_confusions(two, one, {"a", "b"})); },
                     {"count_confusions:", "got 1 predictions, expected 2"});
  expect_usage_error([&] { static_cast<void>(count_confusions(two, two, {"a"})); },
                     {"example 1", "got label 1 and prediction 1, expected less than 1"});
}

TEST(ConfusionMatrix, refuses_what_it_cannot_draw) {
  const auto refused = [](const ConfusionMatrix& matrix, std::initializer_list<std::string_view> parts) {
    expect_usage_error([&] { static_cast<void>(svg(matrix)); }, parts);
  };
  refused({}, {"draw:", "got 0 names", "1 to 50"});
  refused({.classes = std::vector<std::string>(51), .counts = std::vector<std::size_t>(51 * 51)},
          {"got 51 names"});
  refused({.classes = {"a", "b"}, .counts = {1, 2, 3}}, {"got 3, expected 4"});
  refused({.classes = {"\xFF"}, .counts = {1}}, {"not UTF-8"});
  expect_usage_error([] { save(ConfusionMatrix{.classes = {"a"}, .counts = {1}}, "m.gif"); }, {"m.gif"});
}

}  // namespace
}  // namespace micrograd::plot
