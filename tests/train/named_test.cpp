// Every name gives its data set, with the options that concern it.
#include <micrograd/train/named.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/train/blobs.hpp>
#include <micrograd/train/circles.hpp>
#include <micrograd/train/moons.hpp>
#include <micrograd/train/spirals.hpp>
#include <micrograd/train/xor.hpp>
#include "idx_bytes.hpp"

namespace micrograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(NamedData, MadeUpProblemsAreThoseOfTheirMakers) {
  const NamedOptions options{.count = 30, .seed = 5};
  EXPECT_EQ(load_named("moons", options).data.values, make_moons(30, 0.1, 5).values);
  EXPECT_EQ(load_named("circles", options).data.values, make_circles(30, 0.1, 5).values);
  EXPECT_EQ(load_named("spirals", options).data.values, make_spirals(30, 0.02, 5).values);
  EXPECT_EQ(load_named("blobs", options).data.values, make_blobs(30, 1, 5).values);
  EXPECT_EQ(load_named("xor", options).data.values, make_xor(30, 0.1, 5).values);
  EXPECT_FALSE(load_named("xor", options).schema.has_value());
}

TEST(NamedData, OptionsReachTheMakers) {
  EXPECT_EQ(load_named("spirals", {.noise = 0, .groups = 5}).data.values,
            make_spirals(200, 0, 1, {.arms = 5}).values);
  EXPECT_EQ(load_named("blobs", {.noise = 0.5, .groups = 4}).data.values, make_blobs(200, 0.5, 1, 4).values);
}

TEST(NamedData, DigitsLieInTheFolderThatTheCallerNames) {
  const std::filesystem::path folder = std::filesystem::path(MICROGRAD_SOURCE_DIR) / "data";
  EXPECT_EQ(load_named("digits", {.data_folder = folder}).data.rows(), 1797U);
  EXPECT_THAT([] { load_named("digits", {.data_folder = "/no/such/folder"}); },
              ThrowsMessage<IoError>(HasSubstr("/no/such/folder/digits.csv")));
}

TEST(NamedData, FashionLiesInTheFolderThatTheCallerNames) {
  EXPECT_THAT([] { load_named("fashion-mnist", {.fashion_folder = "/no/such/folder"}); },
              ThrowsMessage<IoError>(HasSubstr("/no/such/folder/train-images-idx3-ubyte.gz")));
}

TEST(NamedData, FilesAreReadWithTheirSchema) {
  const std::filesystem::path file = std::filesystem::path(::testing::TempDir()) / "named.csv";
  write_file(file, "a,b,c\n1,2,no\n3,4,yes\n");
  const NamedData read = load_named(file.string(), {.csv = {.label = "c"}});
  EXPECT_EQ(read.data.rows(), 2U);
  ASSERT_TRUE(read.schema.has_value());
  EXPECT_THAT(read.schema->classes, ElementsAre("no", "yes"));
  std::filesystem::remove(file);
  EXPECT_THROW(load_named(file.string()), IoError);
}

/// A folder with two pictures of 1 x 2 pixels, their labels, and a table whose name has a comma.
class NamedFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    write_file(path("images"), idx({2, 1, 2}, std::string("\x00\xFF\xFF\x00", 4)));
    write_file(path("labels"), idx({2}, std::string("\x01\x00", 2)));
    write_file(path("table,1"), "a,b\n1,no\n2,yes\n");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string path(const std::string& name) const { return (folder / name).string(); }

  const std::filesystem::path folder =
      std::filesystem::path(::testing::TempDir()) /
      (std::string("named, ") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(NamedFiles, OfPicturesAndLabelsAreDividedByAComma) {
  const NamedData read = load_named(path("images") + "," + path("labels"));
  EXPECT_THAT(read.data.values, ElementsAre(0, 1, 1, 0));
  EXPECT_THAT(read.data.labels, ElementsAre(1U, 0U));
  EXPECT_FALSE(read.schema.has_value());
}

TEST_F(NamedFiles, MayHaveACommaInTheirNames) {
  EXPECT_TRUE(load_named(path("table,1")).schema.has_value());
  EXPECT_FALSE(idx_files_named(path("table,1")).has_value());
  EXPECT_FALSE(idx_files_named("gone,away.csv").has_value());
  EXPECT_FALSE(idx_files_named("moons").has_value());
}

TEST_F(NamedFiles, ThatAreNotThereAreNamed) {
  EXPECT_THAT([] { load_named("these,those"); }, ThrowsMessage<IoError>(HasSubstr("these: No such file")));
  EXPECT_THAT([&] { load_named(path("images") + "," + path("nothing")); },
              ThrowsMessage<IoError>(HasSubstr("No such file")));
}

TEST_F(NamedFiles, OfPicturesWithoutTheirLabelsAreAUsageErrorThatSaysWhatElseIsNeeded) {
  for (const char* const name : {"images", "labels"}) {
    EXPECT_THAT(
        [&] { load_named(path(name)); },
        ThrowsMessage<UsageError>("load_named: an IDX file alone (got '" + path(name) +
                                  "', expected IMAGES,LABELS: pictures and their labels, divided by a "
                                  "comma)"));
  }
}

TEST(NamedData, OtherNamesAreAUsageErrorThatListsTheNames) {
  EXPECT_THAT(
      [] { load_named("mons"); },
      ThrowsMessage<UsageError>(
          "load_named: no such data set (got 'mons', expected moons, circles, spirals, blobs, xor, digits, "
          "fashion-mnist, the path of a CSV file, or those of two IDX files as IMAGES,LABELS)"));
  EXPECT_THAT(data_set_names(),
              ElementsAre("moons", "circles", "spirals", "blobs", "xor", "digits", "fashion-mnist"));
}

}  // namespace
}  // namespace micrograd
