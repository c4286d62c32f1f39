// Training before a person's eyes: the line that moves, wide and narrow, with and without colours, and
// Ctrl-C.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "command.hpp"
#include "session.hpp"

namespace micrograd::command {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ProgressOfTraining : public CommandLine {
 protected:
  std::string long_run() const {
    return "train --points 1000 --epochs 999 --out '" + (folder / "run").string() + "'";
  }
};

/// The last state of the moving line in what a terminal was sent.
std::string moving_line(const std::string& shown) {
  const std::string begin = "\r\x1b[K";
  const std::string rest = shown.substr(shown.rfind(begin + "epoch ") + begin.size());
  return rest.substr(0, rest.find('\r'));
}

TEST_F(ProgressOfTraining, ShowsLossAccuracyAndTimeLeft) {
  Session session(long_run(), "MICROGRAD_STRESS=0", 80);
  std::string shown = session.until(" %  ");
  shown += session.until(" left");
  const std::string line = moving_line(shown);
  EXPECT_THAT(line, HasSubstr("/999 "));
  EXPECT_THAT(line, HasSubstr("\x1b[36m|"));
  EXPECT_THAT(line, HasSubstr("  accuracy "));
  session.type("\x03");
  EXPECT_THAT(session.until("--resume"), HasSubstr("everything is saved"));
  EXPECT_EQ(session.exit_code(), 130);
}

TEST_F(ProgressOfTraining, FitsANarrowTerminalAndNeedsNoColours) {
  Session session(long_run(), "MICROGRAD_STRESS=0 NO_COLOR=1", 40);
  std::string shown;
  for (int i = 0; i < 3; ++i) shown += session.until(" left");
  const std::string line = moving_line(shown);
  EXPECT_LT(line.size(), 40U) << line;
  EXPECT_THAT(line, HasSubstr("loss "));
  EXPECT_THAT(shown, Not(HasSubstr("\x1b[3")));
}

}  // namespace
}  // namespace micrograd::command
