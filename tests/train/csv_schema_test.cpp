// A later file is encoded as the training file was, or refused with the reason.
#include <micrograd/train/csv_schema.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>
#include <micrograd/train/csv.hpp>

namespace micrograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

constexpr const char* kTraining = "id,size,colour,kind\nn1,1,red,pear\nn2,2,blue,apple\nn3,3,red,pear\n";

CsvSchema schema_of(const std::string& text, const CsvOptions& options) {
  return read_csv_and_schema(text, "TRAINING", options).schema;
}

CsvSchema fruit() { return schema_of(kTraining, {.ignore = {"id"}, .one_hot = true}); }

Dataset read_as(const std::string& text, const CsvSchema& schema, const CsvOptions& options = {}) {
  return read_csv_as(text, "FILE", schema, options);
}

TEST(CsvSchema, SaysWhatWasLearnt) {
  const CsvSchema schema = fruit();
  EXPECT_EQ(schema.file_columns, 4U);
  EXPECT_EQ(schema.label, "kind");
  EXPECT_EQ(schema.label_position, 3U);
  EXPECT_THAT(schema.classes, ElementsAre("apple", "pear"));
  ASSERT_EQ(schema.features.size(), 2U);
  EXPECT_EQ(schema.features[0].name, "size");
  EXPECT_EQ(schema.features[0].position, 1U);
  EXPECT_THAT(schema.features[0].fill, ElementsAre(2));
  EXPECT_EQ(schema.features[1].name, "colour");
  EXPECT_THAT(schema.features[1].categories, ElementsAre("blue", "red"));
  EXPECT_THAT(schema.features[1].fill, ElementsAre(1.0 / 3, 2.0 / 3));
  EXPECT_EQ(schema.columns(), 3U);
  EXPECT_THAT(schema.names(), ElementsAre("size", "colour=blue", "colour=red"));
}

TEST(CsvSchema, CompletesRowsByWhatOtherRowsSay) {
  CsvData all = read_csv_and_schema("size,colour,kind\n1,red,a\n,blue,a\n3,?,b\n8,red,b\n", "FILE",
                                    {.missing = CsvMissing::keep, .one_hot = true});
  EXPECT_THAT(all.schema.features[0].fill, ElementsAre(4));
  const std::vector<std::size_t> first{0, 1}, last{2, 3};
  Dataset train = pick_rows(all.data, first), held_out = pick_rows(all.data, last);
  all.schema.learn_fills(train);
  all.schema.fill_missing(train);
  all.schema.fill_missing(held_out);
  EXPECT_THAT(train.values, ElementsAre(1, 0, 1, 1, 1, 0));
  EXPECT_THAT(held_out.values, ElementsAre(3, 0.5, 0.5, 8, 0, 1));

  const std::vector<std::size_t> gap{1};
  train = pick_rows(all.data, gap);
  all.schema.learn_fills(train);
  EXPECT_THAT(
      [&] { all.schema.fill_missing(train); },
      ThrowsMessage<UsageError>(HasSubstr("got no value of column 1 'size' in the rows to learn from")));
  train.columns = 1;
  EXPECT_THAT([&] { all.schema.learn_fills(train); },
              ThrowsMessage<UsageError>(HasSubstr("got 1 columns, expected 3")));
}

TEST(CsvSchema, FindsColumnsByNameInAnyOrderAndIgnoresOthers) {
  const Dataset data = read_as("colour,note,kind,size\nblue,x,pear,7\n", fruit());
  EXPECT_THAT(data.values, ElementsAre(7, 1, 0));
  EXPECT_THAT(data.labels, ElementsAre(1U));
  EXPECT_THAT(data.names, ElementsAre("size", "colour=blue", "colour=red"));
}

TEST(CsvSchema, ReadsRowsToPredictWithoutLabels) {
  const Dataset named = read_as("size,colour\n7,red\n8,blue\n", fruit());
  EXPECT_EQ(named.rows(), 2U);
  EXPECT_THAT(named.labels, IsEmpty());
  EXPECT_THAT(named.targets, IsEmpty());
  EXPECT_THAT(named.values, ElementsAre(7, 0, 1, 8, 1, 0));
  EXPECT_THAT(named.classes, ElementsAre("apple", "pear"));
  const Dataset bare = read_as("n9,7,red\n", fruit());
  EXPECT_THAT(bare.values, ElementsAre(7, 0, 1));
  EXPECT_EQ(bare.rows(), 1U);
}

TEST(CsvSchema, ReadsFilesWithoutHeaderByPosition) {
  const CsvSchema schema = schema_of("0.5,1,2\n1.5,3,4\n", {.label = "1"});
  EXPECT_THAT(read_as("9.5,5,6\n", schema).values, ElementsAre(5, 6));
  EXPECT_THAT(read_as("9.5,5,6\n", schema).targets, ElementsAre(9.5));
  EXPECT_THAT(read_as("5,6\n", schema).values, ElementsAre(5, 6));
  EXPECT_THAT(read_as("5,6\n", schema).targets, IsEmpty());
  EXPECT_THAT(read_as("y,a,b\n9.5,5,6\n", schema).values, ElementsAre(5, 6));
  EXPECT_THAT(
      [&] { read_as("5\n", schema); },
      ThrowsMessage<IoError>("load_csv: FILE: the rows have another length (got 1 cells, expected 3 as "
                             "in the training file, or 2 without the column to predict)"));
}

TEST(CsvSchema, RecognisesAHeaderOfItsOwnNamesAboveWordsAlone) {
  const CsvSchema schema =
      schema_of("colour,kind\nred,pear\nblue,apple\n", {.header = CsvHeader::yes, .one_hot = true});
  EXPECT_THAT(read_as("colour\nred\n", schema).values, ElementsAre(0, 1));
  EXPECT_THAT(read_as("kind,colour\npear,red\n", schema).labels, ElementsAre(1U));
}

TEST(CsvSchema, FillsMissingValuesWithTheTrainingFilesMeans) {
  const Dataset data = read_as("size,colour\n,?\n9,red\n", fruit(), {.missing = CsvMissing::mean});
  EXPECT_THAT(data.values, ElementsAre(2, 1.0 / 3, 2.0 / 3, 9, 0, 1));
  EXPECT_THAT(
      [] { read_as("size,colour\n,red\n1,red\n", fruit()); },
      ThrowsMessage<IoError>(HasSubstr("line 2, column 1 (size): a value is missing (got '', expected a "
                                       "number or a word); set missing to drop")));
  CsvSchema without = fruit();
  without.features[0].fill.clear();
  EXPECT_THAT(
      [&] { read_as("size,colour\n,red\n1,red\n", without, {.missing = CsvMissing::mean}); },
      ThrowsMessage<IoError>(HasSubstr(
          "a value is missing (got '', expected a number or a word); the training file gave nothing to put "
          "there")));
}

TEST(CsvSchema, RefusesWordsThatTheTrainingFileDoesNotHave) {
  EXPECT_THAT(
      [] { read_as("size,colour\n1,green\n", fruit()); },
      ThrowsMessage<IoError>("load_csv: FILE: line 2, column 2 (colour): a word that the training file "
                             "does not have (got 'green', expected one of 'blue', 'red')"));
  EXPECT_THAT(
      [] { read_as("size,colour,kind\n1,red,plum\n", fruit()); },
      ThrowsMessage<IoError>("load_csv: FILE: line 2, column 3 (kind): a class that the training file "
                             "does not have (got 'plum', expected one of 'apple', 'pear')"));
  EXPECT_THAT([] { read_as("size,colour\n1x,red\n2,red\n", fruit()); },
              ThrowsMessage<IoError>(HasSubstr("line 2, column 1 (size): not a number (got '1x'")));
}

TEST(CsvSchema, RefusesFilesThatLackAColumn) {
  EXPECT_THAT(
      [] { read_as("size,kind\n1,pear\n", fruit()); },
      ThrowsMessage<IoError>("load_csv: FILE: a column is missing (got 'size', 'kind', expected 'colour' "
                             "as in the training file)"));
}

TEST(CsvSchema, NumbersOfClassesAreRecognisedHoweverTheyAreWritten) {
  const CsvSchema schema = schema_of("1,3\n2,-1\n3,3\n4,-1\n", {});
  EXPECT_THAT(read_as("1,3.0\n2,-1e0\n3,+3\n", schema).labels, ElementsAre(1U, 0U, 1U));
  EXPECT_THAT([&] { read_as("1,2\n", schema); },
              ThrowsMessage<IoError>(HasSubstr("got '2', expected one of '-1', '3'")));
}

TEST(CsvSchema, ReadsAFileOnDisk) {
  const std::filesystem::path file = std::filesystem::path(::testing::TempDir()) / "by_schema.csv";
  write_file(file, kTraining);
  const CsvData training = load_csv_and_schema(file, {.ignore = {"id"}, .one_hot = true});
  EXPECT_EQ(load_csv_as(file, training.schema).values, training.data.values);
  EXPECT_EQ(load_csv_as(file, training.schema).labels, training.data.labels);
  std::filesystem::remove(file);
}

TEST(CsvSchema, ContradictionsAreUsageErrors) {
  EXPECT_NO_THROW(fruit().check());
  const auto expect = [](const char* what, void (*spoil)(CsvSchema&)) {
    CsvSchema schema = fruit();
    spoil(schema);
    EXPECT_THAT([&] { schema.check(); }, ThrowsMessage<UsageError>(HasSubstr(what)));
    EXPECT_THROW(read_as("size,colour\n1,red\n", schema), UsageError);
  };
  expect("nothing to learn from", [](CsvSchema& s) { s.features.clear(); });
  expect("position lies outside the file (got 4", [](CsvSchema& s) { s.features[1].position = 4; });
  expect("position lies outside the file (got 9", [](CsvSchema& s) { s.label_position = 9; });
  expect("two columns have one position (got 1", [](CsvSchema& s) { s.features[1].position = 1; });
  expect("two columns have one position (got 3", [](CsvSchema& s) { s.features[1].position = 3; });
  expect("wrong number of fills (got 3, expected 0 or 2)",
         [](CsvSchema& s) { s.features[1].fill = {1, 2, 3}; });
  expect("not a number (got nan", [](CsvSchema& s) { s.features[0].fill = {std::stod("nan")}; });
  expect("categories of column 3 are not distinct",
         [](CsvSchema& s) { s.features[1].categories = {"x", "x"}; });
  expect("classes are not distinct (got 'a' twice", [](CsvSchema& s) { s.classes = {"a", "a"}; });
  expect("names of the columns are not distinct", [](CsvSchema& s) { s.features[1].name = "size"; });
  expect("some columns have names and some have none", [](CsvSchema& s) { s.features[1].name = ""; });
}

}  // namespace
}  // namespace micrograd
