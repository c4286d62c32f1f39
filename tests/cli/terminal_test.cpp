// The progress line fits its terminal, and stays away where nobody watches.
#include <cli/terminal.hpp>

#include <gtest/gtest.h>

#include <sstream>

namespace micrograd::command {
namespace {

TEST(Terminal, DurationsReadAsPeopleSayThem) {
  EXPECT_EQ(duration(0), "0 s");
  EXPECT_EQ(duration(59.4), "59 s");
  EXPECT_EQ(duration(65), "1:05");
  EXPECT_EQ(duration(7384), "2:03:04");
  EXPECT_EQ(duration(-1), "?");
  EXPECT_EQ(duration(1.0 / 0.0), "?");
}

TEST(Terminal, WideCharactersTakeTwoColumns) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("训练"), 4U);
  EXPECT_EQ(display_width("é█"), 2U);
  EXPECT_EQ(display_width("\xff\xe4"), 2U) << "bytes that are no character";
}

TEST(Terminal, BarsFillFromTheLeft) {
  EXPECT_EQ(bar(0, 4, false), "|    |");
  EXPECT_EQ(bar(0.5, 4, false), "|##  |");
  EXPECT_EQ(bar(2, 4, false), "|####|");
  EXPECT_EQ(bar(0.0 / 0.0, 4, false), "|    |");
  EXPECT_EQ(bar(0.5625, 2, true), "|█▏|");
  EXPECT_EQ(bar(1, 2, true), "|██|");
}

TEST(Terminal, LinesNeverReachTheLastColumn) {
  for (std::size_t columns = 1; columns < 120; ++columns) {
    std::ostringstream out;
    ProgressLine line(out, {.live = true, .columns = columns});
    line.show("第 3/50 epoch", 0.3, "loss 0.1234  1:05 left");
    const std::string shown = out.str().substr(std::string("\r\x1b[K").size());
    EXPECT_LT(display_width(shown), columns) << shown;
  }
}

TEST(Terminal, NothingIsDrawnWhereNobodyWatches) {
  std::ostringstream out;
  {
    ProgressLine line(out, {});
    line.show("epoch", 0.5, "left");
  }
  EXPECT_EQ(out.str(), "");
}

TEST(Terminal, TheLineIsGoneInTheEnd) {
  std::ostringstream out;
  {
    ProgressLine line(out, {.live = true, .columns = 80});
    line.show("epoch", 0.5, "left");
  }
  EXPECT_TRUE(out.str().ends_with("\r\x1b[K"));
}

}  // namespace
}  // namespace micrograd::command
