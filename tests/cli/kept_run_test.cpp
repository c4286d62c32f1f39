// What a run leaves for later: the weights worth using, the loss it was judged by, and where its data lies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "command.hpp"

namespace micrograd::command {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

class KeptRun : public CommandLine {
 protected:
  /// The column `held_out_loss` of metrics.csv.
  std::vector<std::string> held_out_losses() const {
    std::istringstream lines(read("run/metrics.csv"));
    std::vector<std::string> losses;
    std::string line, cell;
    for (std::getline(lines, line); std::getline(lines, line);) {
      std::istringstream cells(line);
      for (int column = 0; column < 3; ++column) std::getline(cells, cell, ',');
      losses.push_back(cell);
    }
    return losses;
  }

  /// The loss of all rows in what `evaluate` prints.
  std::string judged() const {
    std::istringstream cells(run("evaluate run").out);
    std::string cell;
    std::getline(cells, cell);
    for (int column = 0; column < 3; ++column) std::getline(cells, cell, ',');
    return cell;
  }
};

TEST_F(KeptRun, HasTheWeightsOfTheBestEpochIfPatienceIsSet) {
  const std::string settings = "train --data moons --noise 0.4 --points 100 --epochs 60 --lr 0.05 --out run";
  const Finished stopped = run(settings + " --patience 5");
  ASSERT_EQ(stopped.exit_code, 0) << stopped.err;
  const std::vector<std::string> losses = held_out_losses();
  ASSERT_LT(losses.size(), 60U);
  const auto best = std::min_element(
      losses.begin(), losses.end(), [](const auto& a, const auto& b) { return std::stod(a) < std::stod(b); });
  EXPECT_EQ(judged(), *best);
  EXPECT_THAT(stopped.out, HasSubstr("no better one in 5 epochs\nthe weights are those of epoch " +
                                     std::to_string(best - losses.begin() + 1) + ", the best one\n"));
  EXPECT_THAT(run("train --resume run").out, HasSubstr("the best one"));
  EXPECT_EQ(judged(), *best);

  std::filesystem::remove_all(folder / "run");
  EXPECT_THAT(run(settings).out, Not(HasSubstr("the best one")));
  EXPECT_EQ(judged(), held_out_losses().back());
}

TEST_F(KeptRun, IsJudgedByTheLossItLearnedBy) {
  std::string csv = "x,kind\n";
  for (int i = 0; i < 90; ++i) csv += std::to_string(i % 10) + (i % 9 == 0 ? ",rare\n" : ",common\n");
  write("kinds.csv", csv);
  ASSERT_EQ(run("train --data kinds.csv --balance --epochs 3 --out run").exit_code, 0);
  EXPECT_EQ(judged(), held_out_losses().back());
  EXPECT_THAT(run("evaluate run").out, StartsWith("class,rows,balanced_cross-entropy,accuracy"));
}

TEST_F(KeptRun, KnowsTheActivationOfEachHiddenLayer) {
  const auto trained = [this](const std::string& activation) {
    std::filesystem::remove_all(folder / "run");
    const Finished finished = run("train --model 5,4 --epochs 3 --out run --activation " + activation);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_THAT(finished.out, HasSubstr("net " + activation + " of 2-5-4-2 neurons"));
    return read("run/checkpoint.safetensors");
  };
  const std::string relu = trained("relu"), tanh = trained("tanh");
  EXPECT_EQ(trained("relu,relu"), relu) << "one for all, or the same for each";
  EXPECT_NE(trained("relu,tanh"), tanh);
  const std::string mixed = trained("tanh,relu");
  EXPECT_NE(mixed, relu);
  EXPECT_NE(mixed, tanh);
  const std::string graph = read("run/graph.svg");
  EXPECT_NE(graph.find(">tanh<"), graph.npos);
  EXPECT_NE(graph.find(">ReLU<"), graph.npos);
  EXPECT_EQ(judged(), held_out_losses().back());

  std::filesystem::remove(folder / "run/checkpoint.safetensors");  // as if it had been killed at once
  EXPECT_EQ(run("train --resume run --activation tanh").exit_code, 2);
  ASSERT_EQ(run("train --resume run --activation tanh,relu").exit_code, 0);
  EXPECT_EQ(read("run/checkpoint.safetensors"), mixed);
}

TEST_F(KeptRun, IsFoundFromAnyFolder) {
  std::string csv = "x,y,kind\n";
  for (int i = 0; i < 40; ++i)
    csv += std::to_string(i) + "," + std::to_string(i % 7) + "," + "ab"[i % 2] + "\n";
  write("kinds.csv", csv);
  std::filesystem::create_directories(folder / "deep/down");
  const Finished begun = run("train --data ./kinds.csv --epochs 2 --out run");
  ASSERT_EQ(begun.exit_code, 0) << begun.err;
  EXPECT_THAT(begun.out, StartsWith("kinds.csv: 32 rows"));
  const Finished here = run("evaluate run"), there = run("evaluate ../../run", "deep/down");
  EXPECT_EQ(there.exit_code, 0) << there.err;
  EXPECT_EQ(there.out, here.out);
  const Finished resumed = run("train --resume ../../run", "deep/down");
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;

  std::filesystem::rename(folder / "kinds.csv", folder / "deep/moved.csv");
  EXPECT_EQ(run("train --resume run").exit_code, 1) << "the file has gone";
  EXPECT_EQ(run("train --resume run --data deep/moved.csv").exit_code, 0);
  const Finished other = run("train --resume run --data moons");
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err,
              MatchesRegex("micrograd: data: moons is not what this run began with \\(got 200 rows with the "
                           "fingerprint [0-9a-f]+, expected 40 with [0-9a-f]+\\); bring it back, or begin a "
                           "new run\n"));
}

// Rows that are held out must not have a say in anything that the net is shown.
TEST_F(KeptRun, FillsMissingValuesFromTheRowsItLearnsFrom) {
  std::string csv = "x,colour,kind\n";
  for (int i = 0; i < 30; ++i) {
    const std::string x = i % 10 == 4 ? "" : std::to_string(i * i);
    const std::string colour = i % 7 == 3 ? "?" : i % 3 == 0 ? "red" : "blue";
    csv.append(x).append(",").append(colour).append(",").append(1, "ab"[i % 2]).append("\n");
  }
  write("kinds.csv", csv);
  ASSERT_EQ(run("train --data kinds.csv --missing mean --one-hot --epochs 1 --out run").exit_code, 0);
  const nlohmann::json config = nlohmann::json::parse(read("run/config.json"));
  double whole = 0;
  for (int i = 0; i < 30; ++i) whole += i % 10 == 4 ? 0 : i * i / 27.0;
  const double fill = config["csv"]["fills"][0][0];
  // Rows filled with the mean of the others leave it as it is.
  EXPECT_NEAR(fill, config["data"]["mean"][0].get<double>(), 1e-9);
  EXPECT_GT(std::abs(fill - whole), 1);
  EXPECT_NEAR(config["csv"]["fills"][1][0].get<double>(), config["data"]["mean"][1].get<double>(), 1e-12);

  csv = "x,kind\n";
  for (int i = 0; i < 10; ++i) csv += std::string(i == 0 ? "1" : "") + "," + "ab"[i % 2] + "\n";
  write("holes.csv", csv);
  std::string errors;
  for (int seed = 1; seed <= 20; ++seed) {  // at some seed the only value is held out
    errors +=
        run("train --data holes.csv --missing mean --epochs 1 --held-out 0.5 --seed " + std::to_string(seed))
            .err;
  }
  EXPECT_THAT(errors,
              HasSubstr("nothing can stand in for a missing value (got no value of column 1 'x' in the "
                        "rows to learn from"));
}

}  // namespace
}  // namespace micrograd::command
