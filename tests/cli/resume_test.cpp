// However a run ends, going on gives the bytes of a run that never stopped.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>
#include <thread>
#include <vector>

#include "../train/has_compiler.hpp"
#include "command.hpp"

namespace micrograd::command {
namespace {

using ::testing::HasSubstr;

class Resume : public CommandLine {
 protected:
  /// Starts the command in the folder, quietly.
  pid_t start(const std::vector<std::string>& arguments) const {
    std::vector<char*> words{const_cast<char*>("micrograd")};
    for (const std::string& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    const pid_t child = fork();
    if (child != 0) return child;
    const std::string out = (folder / ".out").string();
    if (chdir(folder.c_str()) != 0 || freopen(out.c_str(), "w", stdout) == nullptr ||
        freopen("/dev/null", "w", stderr) == nullptr) {
      _exit(99);
    }
    setenv("MICROGRAD_STRESS", "0", 1);
    execv(MICROGRAD_COMMAND, words.data());
    _exit(99);
  }

  static int wait_for(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }
};

// Every step is a checkpoint here, so kills fall into the writing of files too.
TEST_F(Resume, AfterAHundredKillsGivesTheSameBytes) {
  const std::string settings =
      "train --points 400 --epochs 60 --batch 8 --dropout 0.1 --optimizer adamw --schedule cosine --patience "
      "59";
  const Finished whole = run(settings + " --out whole");
  ASSERT_EQ(whole.exit_code, 0);
  EXPECT_EQ(whole.out.find("\ncompiled: ") != whole.out.npos, testing::has_compiler);

  std::vector<std::string> words;
  std::istringstream text(settings);
  for (std::string word; text >> word;) words.push_back(word);
  std::mt19937 random(1);
  std::uniform_int_distribution<int> milliseconds(1, 60);
  const auto expect_the_same_bytes = [&] {
    for (const char* const file : {"checkpoint.safetensors", "metrics.csv", "config.json"}) {
      EXPECT_EQ(read(std::string("killed/") + file), read(std::string("whole/") + file)) << file;
    }
  };
  for (int kills = 0; kills < 100;) {
    const bool begun = std::filesystem::exists(folder / "killed/config.json");
    std::vector<std::string> arguments =
        begun ? std::vector<std::string>{"train", "--resume", "killed"} : words;
    if (!begun) arguments.insert(arguments.end(), {"--out", "killed"});
    arguments.insert(arguments.end(), {"--save-every", "0"});
    const pid_t child = start(arguments);
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds(random)));
    kill(child, SIGKILL);
    const int status = wait_for(child);
    if (WIFSIGNALED(status)) {
      ++kills;
      continue;
    }
    ASSERT_EQ(WEXITSTATUS(status), 0) << read(".out");  // it was done before the kill came: begin another
    expect_the_same_bytes();
    std::filesystem::remove_all(folder / "killed");
  }
  const bool begun = std::filesystem::exists(folder / "killed/config.json");
  const Finished finished = run(begun ? "train --resume killed" : settings + " --out killed");
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  expect_the_same_bytes();
}

TEST_F(Resume, CtrlCSavesAndSaysHowToGoOn) {
  ASSERT_EQ(run("train --epochs 200 --points 2000 --out whole").exit_code, 0);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const pid_t child =
        start({"train", "--epochs", "200", "--points", "2000", "--out", "stopped", "--save-every", "1000"});
    while (!std::filesystem::exists(folder / "stopped/metrics.csv")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(run("train --resume stopped").exit_code, 2) << "it is still at work";
    kill(child, signal);
    const int status = wait_for(child);
    ASSERT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
    EXPECT_EQ(WEXITSTATUS(status), 130);
    EXPECT_THAT(read(".out"), HasSubstr("micrograd train --resume stopped"));
    EXPECT_EQ(run("train --resume stopped").exit_code, 0);
    EXPECT_EQ(read("stopped/checkpoint.safetensors"), read("whole/checkpoint.safetensors"));
    std::filesystem::remove_all(folder / "stopped");
  }
}

TEST_F(Resume, AFolderWithOtherThingsIsLeftAlone) {
  std::filesystem::create_directory(folder / "mine");
  write("mine/metrics.csv", "precious");
  const Finished finished = run("train --epochs 1 --out mine");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, HasSubstr("not empty"));
  EXPECT_EQ(read("mine/metrics.csv"), "precious");
}

}  // namespace
}  // namespace micrograd::command
