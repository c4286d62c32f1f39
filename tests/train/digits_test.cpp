// The digits file is read as it is, rejected with the place of the fault when it is not, and learnt.
#include <micrograd/train/digits.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/accuracy.hpp>
#include <micrograd/train/fit.hpp>
#include "hurry.hpp"

namespace micrograd {
namespace {

const std::filesystem::path digits_csv = std::filesystem::path(MICROGRAD_SOURCE_DIR) / "data" / "digits.csv";

/// A file that lives as long as the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content)
      : path_(std::filesystem::path(::testing::TempDir()) /
              (std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()) + ".csv")) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// 64 pixels `pixel` and a label.
std::string image(const std::string& pixel, const std::string& label) {
  std::string line;
  for (int i = 0; i < 64; ++i) line += pixel + ',';
  return line + label;
}

std::string error_reading(const std::string& content) {
  const TemporaryFile file(content);
  try {
    load_digits(file.path());
  } catch (const IoError& error) {
    std::string message = error.what();
    const std::size_t at = message.find(file.path().string());
    return at == std::string::npos ? message : message.replace(at, file.path().string().size(), "FILE");
  }
  return "no error";
}

TEST(Digits, all_images_are_read_with_pixels_from_0_to_1) {
  const Dataset data = load_digits(digits_csv);
  EXPECT_EQ(data.rows(), 1797U);
  EXPECT_EQ(data.columns, 64U);
  EXPECT_EQ(data.values.size(), 1797U * 64);
  const auto [least, most] = std::minmax_element(data.values.begin(), data.values.end());
  EXPECT_EQ(*least, 0);
  EXPECT_EQ(*most, 1);
  std::array<int, 10> counts{};
  for (const std::size_t label : data.labels) ++counts.at(label);
  EXPECT_EQ(counts, (std::array{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}));
}

TEST(Digits, the_first_image_is_the_zero_everybody_knows) {
  const Dataset data = load_digits(digits_csv);
  EXPECT_EQ(data.labels[0], 0U);
  const std::vector<double> top_two_rows{0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0};
  for (std::size_t i = 0; i < top_two_rows.size(); ++i) EXPECT_EQ(data.row(0)[i], top_two_rows[i] / 16);
}

TEST(Digits, lines_may_end_as_on_windows_and_the_last_one_need_not_end) {
  const TemporaryFile file(image("16", "7") + "\r\n" + image("4", "9"));
  const Dataset data = load_digits(file.path());
  EXPECT_EQ(data.labels, (std::vector<std::size_t>{7, 9}));
  EXPECT_EQ(data.row(1)[63], 0.25);
}

TEST(Digits, a_missing_file_is_an_io_error_that_names_it) {
  try {
    load_digits("/no/such/place/digits.csv");
    FAIL() << "a missing file was read";
  } catch (const IoError& error) {
    EXPECT_STREQ(error.what(),
                 "load_digits: cannot open the file (got /no/such/place/digits.csv, expected a readable "
                 "file); it comes "
                 "with the sources as data/digits.csv");
  }
  EXPECT_THROW(load_digits(std::filesystem::path(MICROGRAD_SOURCE_DIR)), IoError);  // a folder
}

TEST(Digits, a_bad_number_is_reported_with_line_and_column) {
  const std::string good = image("3", "1") + "\n";
  EXPECT_EQ(
      error_reading(good + "0,0,x" + image("0", "1").substr(5)),
      "load_digits: bad number at FILE, line 2, column 3 (got 'x', expected a whole number from 0 to 16)");
  EXPECT_EQ(
      error_reading(good + good + "17" + image("0", "1").substr(1)),
      "load_digits: bad number at FILE, line 3, column 1 (got '17', expected a whole number from 0 to 16)");
  EXPECT_EQ(
      error_reading(image("0", "10")),
      "load_digits: bad number at FILE, line 1, column 65 (got '10', expected a whole number from 0 to 9)");
  for (const char* bad : {"", "-1", "1.5", " 1", "1 ", "99999999999999999999"}) {
    const std::string message = error_reading(bad + image("0", "1").substr(1));
    EXPECT_NE(message.find("line 1, column 1 (got '" + std::string(bad) + "'"), std::string::npos) << message;
  }
}

TEST(Digits, a_line_cut_short_or_too_long_is_reported_with_line_and_column) {
  EXPECT_EQ(
      error_reading(image("0", "1") + "\n0,0,0\n"),
      "load_digits: the line ends too soon at FILE, line 2, column 4 (got nothing, expected 65 numbers)");
  EXPECT_EQ(
      error_reading(image("0", "1") + ",5,6\n"),
      "load_digits: the line goes on too long at FILE, line 1, column 66 (got '5,6', expected 65 numbers)");
  EXPECT_EQ(
      error_reading(image("0", "1") + "\n\n"),
      "load_digits: bad number at FILE, line 2, column 1 (got '', expected a whole number from 0 to 16)");
}

TEST(Digits, a_file_without_images_is_an_io_error) {
  EXPECT_EQ(error_reading(""), "load_digits: no images in the file (got FILE, expected one image a line)");
}

/// As examples/digits.cpp trains.
double held_out_accuracy(const Dataset& digits, std::uint64_t seed, bool eager) {
  const auto [train, held_out] = split(digits, 0.2, seed);
  const MLP net(64, {32, 10}, {.initialiser = Initialiser::he, .seed = seed});
  Adam adam(net.parameters(), {.learning_rate = 3e-3});
  fit(net, train, adam, cross_entropy, {.epochs = 20, .batch_size = 32, .seed = seed, .eager = eager});
  return accuracy(net, held_out);
}

TEST(Digits, are_learnt_to_95_percent_of_unseen_images_by_the_median_of_five_seeds) {
  if (in_a_hurry()) GTEST_SKIP() << "too long for a checked build; forty images are learnt instead";
  const Dataset digits = load_digits(digits_csv);
  for (const bool eager : {true, false}) {
    std::vector<double> accuracies;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      accuracies.push_back(held_out_accuracy(digits, seed, eager));
    }
    std::sort(accuracies.begin(), accuracies.end());
    EXPECT_GE(accuracies[2], 0.95) << (eager ? "eager" : "compiled");
    RecordProperty(eager ? "median_eager" : "median_compiled", std::to_string(accuracies[2]));
  }
}

TEST(Digits, forty_of_them_are_learnt_by_heart_by_a_single_layer) {
  const Dataset forty = split(load_digits(digits_csv), 40.0 / 1797, 1).held_out;
  ASSERT_EQ(forty.rows(), 40U);
  const MLP net(64, {10});
  Adam adam(net.parameters(), {.learning_rate = 0.1});
  EXPECT_LT(accuracy(net, forty), 0.4);
  fit(net, forty, adam, cross_entropy, {.epochs = 5, .batch_size = 2});
  EXPECT_EQ(accuracy(net, forty), 1);
}

}  // namespace
}  // namespace micrograd
