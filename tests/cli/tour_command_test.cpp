// `micrograd tour`: lists, plays, and leaves the terminal as it was.
#include <cli/lessons.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

#include "command.hpp"
#include "session.hpp"

namespace micrograd::command {
namespace {

constexpr const char* first_page =
    "# Sums\n\nWhat is a sum?\n\n## How\n\n```python\nprint(1 + 1)\n```\n```text\n2\n```\n\nThat is all.\n";
constexpr const char* second_page = "# Products of `a`\n\nWhat is a product?\n";

class Tour : public CommandLine {
 protected:
  void SetUp() override {
    CommandLine::SetUp();
    write("order.txt", "sums\nproducts\n");
    write("sums.md", first_page);
    write("sums.zh.md", "# 和\n\n什么是和？\n");
    write("products.md", second_page);
    write("products.zh.md", "# `a` 的积\n\n什么是积？\n");
    setenv("MICROGRAD_TOUR", folder.c_str(), 1);
    for (const char* const variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) unsetenv(variable);
  }
  void TearDown() override {
    unsetenv("MICROGRAD_TOUR");
    CommandLine::TearDown();
  }
};

TEST_F(Tour, ListsTheLessonsInOrder) {
  const Finished list = run("tour");
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_EQ(list.out,
            "Lessons (to play one: micrograd tour NAME):\n\n"
            " 1  sums      Sums\n"
            " 2  products  Products of `a`\n");
  EXPECT_EQ(run("tour --lang zh").out,
            "课程（播放：micrograd tour 名称）：\n\n 1  sums      和\n 2  products  `a` 的积\n");
}

TEST_F(Tour, PlaysAllAtOnceIntoAPipe) {
  const Finished played = run("tour sums");
  EXPECT_EQ(played.exit_code, 0) << played.err;
  EXPECT_EQ(played.out,
            "Sums\n====\n\nWhat is a sum?\n\nHow\n---\n\n    print(1 + 1)\n\n    | 2\n\nThat is all.\n");
  EXPECT_EQ(run("tour 1").out, played.out) << "by its number";
}

TEST_F(Tour, TheLocaleChoosesTheLanguage) {
  setenv("LANG", "zh_CN.UTF-8", 1);
  EXPECT_EQ(run("tour sums").out, "和\n==\n\n什么是和？\n");
  EXPECT_EQ(run("tour sums --lang en").out.substr(0, 5), "Sums\n");
  setenv("LC_MESSAGES", "en_GB.UTF-8", 1);
  EXPECT_EQ(run("tour sums").out.substr(0, 5), "Sums\n");
  setenv("LC_ALL", "zh_TW", 1);
  EXPECT_EQ(run("tour sums").out.substr(0, 4), "和\n");
  setenv("LC_ALL", "", 1);
  EXPECT_EQ(run("tour sums").out.substr(0, 5), "Sums\n") << "an empty variable says nothing";
}

TEST_F(Tour, AnUnknownLessonIsNamedWithThoseThereAre) {
  const Finished failed = run("tour quotients");
  EXPECT_EQ(failed.exit_code, 2);
  EXPECT_EQ(failed.out, "");
  EXPECT_EQ(
      failed.err,
      "micrograd: tour: there is no such lesson (got 'quotients', expected one of sums, products, or its "
      "number)\n");
  EXPECT_EQ(run("tour 3").exit_code, 2);
  EXPECT_EQ(run("tour 0").exit_code, 2);
  EXPECT_EQ(run("tour ''").exit_code, 2);
  EXPECT_EQ(run("tour sums --lang fr").exit_code, 2);
}

TEST_F(Tour, AMissingPageIsNamed) {
  std::filesystem::remove(folder / "sums.zh.md");
  const Finished failed = run("tour sums --lang zh");
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_NE(failed.err.find("sums.zh.md"), failed.err.npos) << failed.err;
  std::filesystem::remove(folder / "order.txt");
  EXPECT_NE(run("tour").err.find("order.txt"), failed.err.npos);
  EXPECT_EQ(run("completions bash").exit_code, 0) << "which can do without lessons";
}

TEST_F(Tour, ShellsCompleteTheNamesOfLessons) {
  write("try.sh", run("completions bash").out +
                      "COMP_WORDS=(micrograd tour p); COMP_CWORD=2; _micrograd; echo \"${COMPREPLY[@]}\"\n"
                      "COMP_WORDS=(micrograd tour --l); COMP_CWORD=2; _micrograd; echo \"${COMPREPLY[@]}\"\n"
                      "COMP_WORDS=(micrograd train d); COMP_CWORD=2; _micrograd; echo \"${COMPREPLY[@]}\"\n"
                      "COMP_WORDS=(micrograd to); COMP_CWORD=1; _micrograd; echo \"${COMPREPLY[@]}\"\n");
  ASSERT_EQ(
      std::system(
          ("bash '" + (folder / "try.sh").string() + "' >'" + (folder / "tried").string() + "'").c_str()),
      0);
  EXPECT_EQ(read("tried"), "products\n--lang\n\ntour\n");
  EXPECT_NE(run("completions zsh").out.find("tour) compadd -- sums products ;;"), std::string::npos);
  EXPECT_NE(run("completions fish").out.find("-a 'sums products'"), std::string::npos);
}

TEST(TourPages, EveryLessonPlaysInBothLanguages) {
  const std::filesystem::path folder = MICROGRAD_SOURCE_DIR "/docs/tour";
  const std::vector<std::string> names = lesson_names(folder);
  ASSERT_FALSE(names.empty());
  for (const std::string& name : names) {
    for (const char* const language : {"en", "zh"}) {
      const std::string file = ::testing::TempDir() + "micrograd.lesson." + name + "." + language;
      const std::string line = std::string("MICROGRAD_TOUR='") + folder.string() +
                               "' '" MICROGRAD_COMMAND "' tour " + name + " --lang " + language + " >'" +
                               file + "'";
      EXPECT_EQ(std::system(line.c_str()), 0) << line;
      const std::string text = read_file(file);
      const std::string page = read_lesson(folder, name, choose_language(language));
      EXPECT_GT(text.size(), page.size() / 2) << line;
      EXPECT_EQ(text.find("<!--"), text.npos) << line;
      EXPECT_EQ(text.find("```"), text.npos) << line;
      EXPECT_EQ(text.find('\x1b'), text.npos) << line << ": no codes of colours into a pipe";
      std::filesystem::remove(file);
    }
  }
}

constexpr const char* prompt = "q: quit\x1b[0m";

TEST_F(Tour, StopsBeforeEachSectionAndEachOutput) {
  Session session("tour sums");
  const std::string first = session.until(prompt);
  EXPECT_NE(first.find("What is a sum?"), first.npos) << first;
  EXPECT_EQ(first.find("How"), first.npos) << first;
  EXPECT_EQ(session.modes() & static_cast<tcflag_t>(ICANON | ECHO), 0U);
  session.type("x ");  // a key without a meaning has none
  const std::string second = session.until(prompt);
  EXPECT_NE(second.find("print(1 + 1)"), second.npos) << second;
  EXPECT_NE(second.find("2/3"), second.npos) << second;
  EXPECT_EQ(second.find("| "), second.npos) << second;
  session.type("\r");
  const std::string third = session.until("micrograd tour products");
  EXPECT_NE(third.find("That is all."), third.npos) << third;
  EXPECT_EQ(session.exit_code(), 0);
  EXPECT_TRUE(session.is_as_before());
}

TEST_F(Tour, TheTerminalIsRestoredHoweverItEnds) {
  struct Way {
    std::string keys;
    int signal;
    int exit_code;
  };
  for (const Way& way : {Way{"q", 0, 0}, Way{"\x03", 0, 130}, Way{"\x1c", 0, 131}, Way{"", SIGTERM, 143},
                         Way{"", SIGHUP, 129}}) {
    Session session("tour sums");
    session.until(prompt);
    EXPECT_FALSE(session.is_as_before());
    session.type(way.keys);
    if (way.signal != 0) session.send(way.signal);
    EXPECT_EQ(session.exit_code(), way.exit_code);
    EXPECT_TRUE(session.is_as_before()) << way.exit_code;
  }
}

TEST_F(Tour, WhoStopsItHasTheTerminalBack) {
  Session session("tour sums");
  session.until(prompt);
  session.send(SIGTSTP);
  for (int i = 0; i < 1000 && !session.is_as_before(); ++i) usleep(10'000);
  EXPECT_TRUE(session.is_as_before());
  session.send(SIGCONT);
  EXPECT_NE(session.until(prompt).find("1/3"), std::string::npos) << "it shows its prompt again";
  session.type("q");
  EXPECT_EQ(session.exit_code(), 0);
  EXPECT_TRUE(session.is_as_before());
}

TEST_F(Tour, LongStepsStopWhereTheWindowIsFull) {
  std::string page = "# Long\n";
  for (int i = 0; i < 60; ++i) page += "\nparagraph " + std::to_string(i) + "\n";
  write("sums.md", page);
  Session session("tour sums");
  const std::string first = session.until(prompt);
  EXPECT_LE(std::count(first.begin(), first.end(), '\n'), 22) << first;
  session.type(" ");
  const std::string second = session.until(prompt);
  EXPECT_GE(std::count(second.begin(), second.end(), '\n'), 10) << second;
  session.type("q");
  EXPECT_EQ(session.exit_code(), 0);
}

TEST_F(Tour, WithoutKeysOrWithoutColours) {
  Session piped_in("tour sums </dev/null");
  const std::string all = piped_in.until("That is all.");
  EXPECT_EQ(all.find("q: quit"), all.npos) << "nobody can press a key";
  EXPECT_NE(all.find('\x1b'), all.npos);
  EXPECT_EQ(piped_in.exit_code(), 0);
  Session plain("tour sums", "NO_COLOR=1");
  const std::string first = plain.until("q: quit");
  EXPECT_NE(first.find("Sums\r\n====\r\n"), first.npos) << first;
  EXPECT_EQ(first.find("\x1b["), first.find("\x1b[K1/3")) << "only the prompt's line is cleared: " << first;
}

}  // namespace
}  // namespace micrograd::command
