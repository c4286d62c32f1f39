// CSV files of all kinds become the data set that their author meant, or an error that says what to change
// and where.
#include <micrograd/train/csv.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clocale>
#include <filesystem>
#include <string>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>

namespace micrograd {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::ThrowsMessage;

Dataset read(const std::string& text, const CsvOptions& options = {}) {
  return read_csv(text, "FILE", options);
}

/// What the IoError or UsageError says that reading ends with.
std::string error_for(const std::string& text, const CsvOptions& options = {}) {
  try {
    read(text, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Csv, IsReadWithItsHeaderAndItsClassesSortedByName) {
  const Dataset data = read("width,height,kind\n1,2.5,pear\n-3,4e-1,apple\n+5,.5,pear\n");
  EXPECT_EQ(data.columns, 2U);
  EXPECT_THAT(data.names, ElementsAre("width", "height"));
  EXPECT_THAT(data.values, ElementsAre(1, 2.5, -3, 0.4, 5, 0.5));
  EXPECT_THAT(data.classes, ElementsAre("apple", "pear"));
  EXPECT_THAT(data.labels, ElementsAre(1U, 0U, 1U));
  EXPECT_THAT(data.targets, IsEmpty());
}

TEST(Csv, IsReadFromAFile) {
  const std::filesystem::path file = std::filesystem::path(::testing::TempDir()) / "read_from_a_file.csv";
  write_file(file, "1,2,0\n3,4,1\n5,6,0\n7,8,1\n");
  EXPECT_THAT(load_csv(file).labels, ElementsAre(0U, 1U, 0U, 1U));
  std::filesystem::remove(file);
  EXPECT_THAT([&] { load_csv(file); }, ThrowsMessage<IoError>(HasSubstr("read_from_a_file.csv")));
}

TEST(Csv, HeaderIsRecognisedByAWordAboveNumbersAlone) {
  EXPECT_THAT(read("1,cat\n2,dog\n").names, IsEmpty());
  EXPECT_THAT(read("x,cat\n2,dog\n").names, ElementsAre("x"));
  EXPECT_THAT(read("x,y\n,2.5\n3,?\n2,1\n", {.missing = CsvMissing::drop}).names, ElementsAre("x"));
  // A first line of numbers is none, and words above words do not tell.
  EXPECT_EQ(read("1,2\n3,4.5\n").rows(), 2U);
  EXPECT_EQ(read("a,b\nc,d\n", {.one_hot = true}).rows(), 2U);
  // A gap above numbers is no header.
  EXPECT_EQ(read(",1.5\n2,2.5\n", {.missing = CsvMissing::drop}).rows(), 1U);
}

TEST(Csv, HeaderIsTakenOrNotAsTold) {
  const Dataset years = read("2019,2020\n1,0\n2,1\n", {.header = CsvHeader::yes});
  EXPECT_THAT(years.names, ElementsAre("2019"));
  EXPECT_EQ(years.rows(), 2U);
  EXPECT_THAT(error_for("x,kind\n2,dog\n", {.header = CsvHeader::no}),
              HasSubstr("FILE: line 1, column 1: not a number (got 'x'"));
  EXPECT_THAT(read("1,,y\n2,3,4.5\n", {.header = CsvHeader::yes}).names, ElementsAre("1", "column 2"));
}

TEST(Csv, HeaderThatNamesTwoColumnsAlikeIsAnError) {
  EXPECT_EQ(error_for("x,y,x\n1,2,3.5\n"),
            "load_csv: FILE: line 1: two columns have one name (got 'x' for columns 1 and 3, expected "
            "different names)");
}

TEST(Csv, SeparatorIsFoundOut) {
  for (const std::string separator : {",", ";", "\t"}) {
    const Dataset data =
        read("1" + separator + "2" + separator + "no\n3" + separator + "4" + separator + "yes\n");
    EXPECT_THAT(data.values, ElementsAre(1, 2, 3, 4));
  }
  EXPECT_THAT(read("a;\"b,c\";d\n1;2;3.5\n").names, ElementsAre("a", "b,c"));
  EXPECT_THAT(read("1|2|3.5\n", {.separator = '|'}).values, ElementsAre(1, 2));
  EXPECT_THAT(read("1 2 3.5\n", {.separator = ' '}).values, ElementsAre(1, 2));
  EXPECT_THAT(
      error_for("1,5;2,5;yes\n3,5;4,5;no\n"),
      HasSubstr("line 1, column 1: not a number (got '1,5', expected a finite number); write decimals "
                "with a point"));
  EXPECT_THAT([] { read("1,2\n", {.separator = '"'}); }, ThrowsMessage<UsageError>(HasSubstr("separator")));
  EXPECT_THAT([] { read("1,2\n", {.separator = '\n'}); }, ThrowsMessage<UsageError>(HasSubstr("separator")));
}

TEST(Csv, QuotedCellsMayHoldSeparatorsQuotesAndLineEnds) {
  const CsvData read = read_csv_and_schema(
      "\"size, in cm\",\"the \"\"kind\"\"\"\n\"1.5\",\"a\nb\"\n2.5 , \"say \"\"x, y\"\"\" \n3,\"a\nb\"\n",
      "FILE");
  EXPECT_THAT(read.data.names, ElementsAre("size, in cm"));
  EXPECT_EQ(read.schema.label, "the \"kind\"");
  EXPECT_THAT(read.data.values, ElementsAre(1.5, 2.5, 3));
  EXPECT_THAT(read.data.classes, ElementsAre("a\nb", "say \"x, y\""));
}

TEST(Csv, LinesAreCountedThroughQuotedLineEndsAndBlankLines) {
  EXPECT_THAT(error_for("a,b,c\n1,2,\"x\ny\"\n\n\n3,oops,z\n"), HasSubstr("line 6, column 2 (b)"));
  EXPECT_THAT(error_for("a,b,c\r\n1,2,\"x\r\ny\"\r\n\r\n\r\n3,oops,z\r\n"),
              HasSubstr("line 6, column 2 (b)"));
  EXPECT_THAT(error_for("a,b,c\r1,2,\"x\ry\"\r\r\r3,oops,z\r"), HasSubstr("line 6, column 2 (b)"));
}

TEST(Csv, QuoteThatIsNotClosedOrGoesOnIsAnError) {
  EXPECT_EQ(error_for("1,2\n3,\"4\n5,6\n"),
            "load_csv: FILE: line 2: a quoted cell begins here and never ends (got the end of the file, "
            "expected '\"')");
  EXPECT_EQ(error_for("1,2\n3,\"4\"5\n"),
            "load_csv: FILE: line 2: text after the closing quote of a cell (got '5', expected ',' or the "
            "end of the line)");
  EXPECT_THAT(read("5\" pipe,1\n6\" pipe,2\n", {.label = "1"}).classes, ElementsAre("5\" pipe", "6\" pipe"));
}

TEST(Csv, MayBeginWithAByteOrderMarkAndEndWithoutALineEnd) {
  const Dataset data = read("\xEF\xBB\xBFx,y\r\n1,0.5\r\n\r\n2,1.5");
  EXPECT_THAT(data.names, ElementsAre("x"));
  EXPECT_THAT(data.targets, ElementsAre(0.5, 1.5));
}

TEST(Csv, LabelColumnIsFoundByNameOrNumber) {
  const std::string text = "a,b,3\n1,2,0.5\n4,5,1.5\n";
  EXPECT_THAT(read(text, {.label = "a"}).targets, ElementsAre(1, 4));
  EXPECT_THAT(read(text, {.label = "2"}).targets, ElementsAre(2, 5));
  EXPECT_THAT(read(text, {.label = "-3"}).targets, ElementsAre(1, 4));
  EXPECT_THAT(read(text, {.label = "3"}).targets, ElementsAre(0.5, 1.5));
  EXPECT_THAT(read("3,b,c\n1,2,0.5\n", {.label = "3"}).targets, ElementsAre(1));  // a name before a number
  EXPECT_EQ(error_for(text, {.label = "d"}),
            "load_csv: FILE: there is no such column (got 'd' as label, expected a name from the header, a "
            "number from 1 to 3, or from the end -1 to -3)");
  EXPECT_THAT(error_for("1,2\n", {.label = "kind"}), HasSubstr("the file seems to have no header"));
  for (const char* bad : {"0", "4", "-4", "", "1.0"}) {
    EXPECT_THROW(read("1,2,3\n", {.label = bad}), UsageError) << bad;
  }
}

TEST(Csv, WholeNumbersAreClassesWhereTheyAreFewAndRepeated) {
  const Dataset classes = read("1,10\n2,9\n3,10.0\n4,-1\n5,9\n6,10\n");
  EXPECT_THAT(classes.classes, ElementsAre("-1", "9", "10"));
  EXPECT_THAT(classes.labels, ElementsAre(2U, 1U, 2U, 0U, 1U, 2U));
  EXPECT_THAT(read("1,10\n2,9\n3,8\n4,10\n5,9\n").targets, ElementsAre(10, 9, 8, 10, 9));
  std::string many;
  for (int i = 0; i < 63; ++i) many += "1," + std::to_string(i % 21) + "\n";
  EXPECT_EQ(read(many).targets.size(), 63U);
  EXPECT_EQ(read(many, {.task = CsvTask::classes}).class_count(), 21U);
}

TEST(Csv, TaskIsDoneAsTold) {
  EXPECT_THAT(read("1,0\n2,1\n3,0\n4,1\n", {.task = CsvTask::numbers}).targets, ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(read("1,7\n2,5\n", {.task = CsvTask::classes}).classes, ElementsAre("5", "7"));
  EXPECT_THAT(read("1,7\n2,x\n3,007\n", {.task = CsvTask::classes}).classes, ElementsAre("007", "7", "x"));
  EXPECT_THAT(
      error_for("1,7\n2,5.5\n", {.task = CsvTask::classes}),
      HasSubstr(
          "line 2, column 2: not a class (got '5.5', expected a word or a whole number); set task (--task) "
          "to numbers"));
  EXPECT_THAT(error_for("1,7\n2,x\n", {.task = CsvTask::numbers}),
              HasSubstr("line 2, column 2: not a number (got 'x'"));
  EXPECT_THAT(
      error_for("1,7.5\n2,6.5\n3,4.5x\n"),
      HasSubstr("line 3, column 2: not a number (got '4.5x', expected a finite number); other rows have "
                "numbers there; set task (--task) to classes"));
}

TEST(Csv, MissingValueIsReportedWithItsPlace) {
  EXPECT_EQ(error_for("name,size,age,y\nx,1,2,0.5\nx,3,,1\n", {.ignore = {"name"}}),
            "load_csv: FILE: line 3, column 3 (age): a value is missing (got '', expected a number or a "
            "word); set missing to drop to leave such rows "
            "out, or to mean to put the column's mean there");
  for (const std::string gap : {"", "NA", "na", "NaN", "nan", "?", "\"\"", " "}) {
    EXPECT_THAT(error_for("1,2.5\n" + gap + ",3.5\n"), HasSubstr("line 2, column 1: a value is missing"))
        << gap;
    EXPECT_THAT(error_for("1,2.5\n2," + gap + "\n"),
                HasSubstr("line 2, column 2: the value to predict is missing (got '" +
                          (gap == " " || gap == "\"\"" ? "" : gap) + "', expected "))
        << gap;
  }
}

TEST(Csv, RowsWithMissingValuesAreDroppedIfToldSo) {
  const Dataset data = read("a,b,c\n1,,no\n2,3,?\n4,5,yes\nNA,6,no\n7,8,no\n", {.missing = CsvMissing::drop});
  EXPECT_THAT(data.values, ElementsAre(4, 5, 7, 8));
  EXPECT_THAT(data.classes, ElementsAre("no", "yes"));
  // What is ignored may be missing; what only dropped rows have is not learnt.
  EXPECT_EQ(read("1,,no\n2,3,no\n", {.missing = CsvMissing::drop, .ignore = {"2"}}).rows(), 2U);
  EXPECT_THAT(read("1,a\n,b\n", {.missing = CsvMissing::drop}).classes, ElementsAre("a"));
  EXPECT_EQ(
      error_for("1,\n,2\n", {.missing = CsvMissing::drop}),
      "load_csv: FILE: no rows are left (got 2 rows, each with a missing value, expected 1 complete row or "
      "more)");
}

TEST(Csv, MissingValuesAreFilledWithTheMeanIfToldSo) {
  const CsvOptions fill{.missing = CsvMissing::mean, .one_hot = true};
  const Dataset data = read("1,red,0.5\n3,?,1.5\n,blue,2.5\nNA,red,3.5\n", fill);
  const double third = 1.0 / 3;
  EXPECT_THAT(data.values, ElementsAre(1, 0, 1, 3, third, 2 * third, 2, 1, 0, 2, 0, 1));
  EXPECT_THAT(read("1e308,1\n1e308,2\n,3\n", fill).values, ElementsAre(1e308, 1e308, 1e308));
  EXPECT_THAT(error_for("1,2\n3,\n", fill), HasSubstr("line 2, column 2: the value to predict is missing"));
  EXPECT_EQ(
      error_for("a,b,c\n,1,2\n?,1,2\n", fill),
      "load_csv: FILE: column 1 (a): every value is missing (got 2 rows without one, expected 1 value or "
      "more); name the column in ignore (--ignore)");
}

TEST(Csv, WordsBecomeColumnsOfZeroAndOneIfToldSo) {
  const std::string text = "colour,size,y\nred,1,0.5\nblue,2,1.5\nred,3,2.5\n";
  EXPECT_EQ(
      error_for(text),
      "load_csv: FILE: line 2, column 1 (colour): not a number (got 'red', expected a finite number); set "
      "one_hot (--one-hot) to turn columns of words into columns of 0 and 1, or name the column in ignore "
      "(--ignore)");
  const Dataset data = read(text, {.one_hot = true});
  EXPECT_THAT(data.names, ElementsAre("colour=blue", "colour=red", "size"));
  EXPECT_THAT(data.values, ElementsAre(0, 1, 1, 1, 0, 2, 0, 1, 3));
  const Dataset ignored = read(text, {.ignore = {"colour"}});
  EXPECT_THAT(ignored.values, ElementsAre(1, 2, 3));
}

TEST(Csv, WordAmongNumbersIsAMistakeEvenWhereWordsAreWelcome) {
  const std::string text = "kind,y\n1,0.5\n2x,1.5\n1,2.5\n";
  const CsvOptions with_header{.header = CsvHeader::yes, .one_hot = true};
  EXPECT_EQ(
      error_for(text, with_header),
      "load_csv: FILE: line 3, column 1 (kind): not a number (got '2x', expected a finite number); other "
      "rows have numbers there; name the column in words (--words) to take them all as words, or in ignore "
      "(--ignore)");
  const Dataset data = read(text, {.header = CsvHeader::yes, .words = {"kind"}});
  EXPECT_THAT(data.values, ElementsAre(1, 0, 0, 1, 1, 0));
}

TEST(Csv, TooManyDifferentWordsAreAnError) {
  EXPECT_EQ(
      error_for("a,1\nb,2\na,3\nc,4\n", {.one_hot = true, .most_categories = 2}),
      "load_csv: FILE: line 4, column 1: too many different words (got 'c' after 2 others, expected at most "
      "2); name the column in ignore, or raise most_categories");
}

TEST(Csv, NumbersThatAreNotFiniteAreErrors) {
  for (const std::string bad : {"inf", "-inf", "1e999", "0x10", "1.5.2", "1 2", "--1", "+-1", "1,"}) {
    EXPECT_THAT(error_for("1;2.5\n\"" + bad + "\";3.5\n"),
                HasSubstr("line 2, column 1: not a number (got '" + bad))
        << bad;
  }
}

TEST(Csv, NumbersAreReadTheSameInEveryLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* locale : {"de_DE.UTF-8", "fr_FR.UTF-8", "C"}) {
    std::setlocale(LC_ALL, locale);  // where it is installed
    EXPECT_THAT(read("1.5;0.25\n").values, ElementsAre(1.5)) << locale;
  }
  std::setlocale(LC_ALL, before.c_str());
}

TEST(Csv, RowsOfOtherLengthsAreErrorsWithBothCounts) {
  EXPECT_EQ(error_for("a,b,c\n1,2,3\n4,5\n"),
            "load_csv: FILE: line 3: the row has another length (got 2 cells, expected 3 as in line 1)");
  EXPECT_EQ(error_for("\n1,2\n4,5,6,7\n"),
            "load_csv: FILE: line 3: the row has another length (got 4 cells, expected 2 as in line 2)");
}

TEST(Csv, FilesThatAreNoTextAreErrors) {
  EXPECT_EQ(error_for("1,2\n3,\xE9\n"),
            "load_csv: FILE: line 2: not a text in UTF-8 (got byte 233 after 6 bytes, expected a character); "
            "save the file as UTF-8");
  EXPECT_THAT(error_for(std::string("1,2\0,3\n", 7)), HasSubstr("got byte 0 after 3 bytes"));
  EXPECT_THAT(error_for("\xFF\xFE"
                        "1,2"),
              HasSubstr("not a text in UTF-8"));
  EXPECT_THAT(error_for("\x1f\x8b\x08"), HasSubstr("compressed"));
  for (const std::string bad :
       {"\xC0\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE6\x97", "\xF0\x80\x80\xAF"}) {
    EXPECT_THAT(error_for("some words first," + bad + "\n"), HasSubstr("after 17 bytes")) << bad.size();
  }
  EXPECT_THAT(read("1,東京\n2,Köln\n3,🙂\n").classes, ElementsAre("Köln", "東京", "🙂"));
}

TEST(Csv, FilesWithoutRowsOrColumnsAreErrors) {
  EXPECT_THAT(error_for(""), HasSubstr("no rows of data (got an empty file"));
  EXPECT_THAT(error_for("\n \n\n"), HasSubstr("no rows of data (got an empty file"));
  EXPECT_THAT(error_for("a,b\n", {.header = CsvHeader::yes}), HasSubstr("got a header and nothing else"));
  EXPECT_THAT(error_for("1\n2\n"), HasSubstr("no columns to learn from (got 1 in all"));
  EXPECT_THAT(error_for("1,2\n", {.ignore = {"1"}}), HasSubstr("no columns to learn from"));
  EXPECT_THAT(error_for("1,2\n", {.ignore = {"2"}}), HasSubstr("the column to predict is to be ignored"));
}

TEST(Csv, LongCellsAreCutShortInErrorsAndControlCharactersBlanked) {
  EXPECT_THAT(error_for("1,2.5\n" + std::string(100'000, 'x') + ",3\n"),
              HasSubstr("(got '" + std::string(40, 'x') + "...', expected"));
  std::string wide = "1,2.5\nx";  // 3 bytes each, so that 40 falls into the middle of one
  for (int i = 0; i < 50; ++i) wide += "漢";
  EXPECT_THAT(error_for(wide + ",3\n"), AllOf(HasSubstr("(got 'x漢"), HasSubstr("漢...', expected")));
  EXPECT_THAT(error_for("1,2.5\n\"a\nb\x1b[31m\",3\n"), HasSubstr("(got 'a b [31m'"));
}

TEST(Csv, ManyQuotesTakeLinearTime) {
  const std::string quotes(2'000'000, '"');
  const Dataset data = read("1," + quotes + "\n2,x\n");
  EXPECT_EQ(data.classes[0].size(), quotes.size() / 2 - 1);
}

}  // namespace
}  // namespace micrograd
