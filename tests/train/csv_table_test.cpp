// A CSV text falls apart into the cells that a person would see, and these into the numbers that the C
// library reads.
#include <micrograd/train/csv_table.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <random>
#include <string>

namespace micrograd {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

TEST(CsvTable, KeepsCellsAsTheyStandWithTheLinesOfTheirRows) {
  const CsvTable table = read_csv_table(" a ,\"b,\nc\" ,\n\n  \n1,, \"\" \n", "FILE");
  EXPECT_EQ(table.columns, 3U);
  EXPECT_EQ(table.rows(), 2U);
  EXPECT_THAT(table.cells, ElementsAre("a", "\"b,\nc\"", "", "1", "", "\"\""));
  EXPECT_THAT(table.lines, ElementsAre(1U, 5U));
  EXPECT_EQ(table.cell(1, 0), "1");
}

TEST(CsvTable, SeparatorThatPartsAllRowsAlikeWins) {
  EXPECT_EQ(read_csv_table("1,5;2,5\n3;4\n", "FILE").columns, 2U);
  EXPECT_EQ(read_csv_table("a;b,c\nd,e\n", "FILE").columns, 2U);
  EXPECT_EQ(read_csv_table("1,5\t2;5\n3\t4\n", "FILE").columns, 2U);
  EXPECT_EQ(read_csv_table("\"a;b\",c;d,e\n\"f\",g,h\n", "FILE").columns, 3U);
  EXPECT_EQ(read_csv_table("one column\nof words\n", "FILE").columns, 1U);
}

TEST(CsvTable, TextOfACellIsWithoutItsQuotes) {
  EXPECT_EQ(csv_text("plain"), "plain");
  EXPECT_EQ(csv_text("\"\""), "");
  EXPECT_EQ(csv_text("\"a\""), "a");
  EXPECT_EQ(csv_text("\"\"\"\""), "\"");
  EXPECT_EQ(csv_text("\"\"\"a\"\"b\"\"\""), "\"a\"b\"");
  EXPECT_EQ(csv_text("6\" pipe"), "6\" pipe");
}

TEST(CsvTable, NumbersAreThoseOfTheCLibrary) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = std::to_string(random() >> random() % 64);  // 1 to 20 digits
    if (i % 3 == 1) text.insert(random() % text.size(), 1, '.');
    if (i % 5 == 1) text += "e" + std::to_string(static_cast<int>(random() % 500) - 250);
    if (i % 2 == 1) text.insert(0, 1, i % 4 == 1 ? '-' : '+');
    EXPECT_THAT(csv_number(text), Optional(std::strtod(text.c_str(), nullptr))) << text;
    EXPECT_THAT(csv_number('"' + text + '"'), Optional(std::strtod(text.c_str(), nullptr))) << text;
  }
  EXPECT_THAT(csv_number("007"), Optional(7.0));
  EXPECT_THAT(csv_number("999999999999999"), Optional(999999999999999.0));
  EXPECT_THAT(csv_number("9007199254740993"), Optional(9007199254740992.0));
}

TEST(CsvTable, WhatIsNotANumberThroughoutIsNone) {
  for (const char* text : {"", "+", "-", ".", "e5", "1e", "1 ", " 1", "1x", "0x1", "1,5", "+-1", "-+1", "nan",
                           "inf", "nan(1)", "1e400", "-1e400"}) {
    EXPECT_EQ(csv_number(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace micrograd
