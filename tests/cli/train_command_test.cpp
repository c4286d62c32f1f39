// From data to a run on disk to answers, as the README tells it; and what happens when something is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "../train/has_compiler.hpp"
#include "command.hpp"

namespace micrograd::command {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Train : public CommandLine {};

/// Flowers of two kinds, by two measures; `?` where one is missing.
std::string flowers(bool missing) {
  std::string csv = "length,width,species\n";
  for (int i = 0; i < 40; ++i) {
    const double x = i % 10 * 0.1;
    csv += std::to_string(1 + x) + "," + (missing && i == 6 ? "?" : std::to_string(2 - x)) + ",red\n";
    csv += std::to_string(3 + x) + "," + std::to_string(1 + x) + ",\"blue, dark\"\n";
  }
  return csv;
}

TEST_F(Train, LeavesARunWithItsPicturesOnDisk) {
  const Finished finished = run("train --data moons --epochs 5 --points 60 --out run");
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.err, "");
  EXPECT_THAT(finished.out, Not(HasSubstr("\x1b"))) << "no colours and no moving lines where nobody watches";
  for (const char* const name : {"config.json", "checkpoint.safetensors", "metrics.csv", "loss.svg",
                                 "boundary.png", "confusion.svg", "graph.svg", "weights.svg"}) {
    EXPECT_TRUE(std::filesystem::exists(folder / "run" / name)) << name;
    EXPECT_THAT(finished.out, HasSubstr(name));
  }
  const std::string metrics = read("run/metrics.csv");
  EXPECT_EQ(std::count(metrics.begin(), metrics.end(), '\n'), 6) << metrics;
}

TEST_F(Train, SaysWhetherItRunsCompiled) {
  const std::string compiled = "\ncompiled: 1 program for 20 rows at a time\nwriting to run\n";
  const std::string without = "\nnot compiled: this library was built without the compiler\nwriting to run\n";
  EXPECT_THAT(run("train --epochs 1 --batch 10 --accumulate 2 --dropout 0.1 --out run").out,
              HasSubstr(testing::has_compiler ? compiled : without));
  EXPECT_THAT(run("train --epochs 1 --eager --out other").out,
              HasSubstr("\nnot compiled: eager was asked for\nwriting to other\n"));
}

TEST_F(Train, ComesToTheSameCompiledAndEagerAndInSinglePrecision) {
  for (const char* const data :
       {"--data blobs --loss hinge", "--data moons --balance", "--data prices.csv"}) {
    write("prices.csv", "x,price\n1,2\n2,3.5\n3,5\n4,6.5\n5,8\n6,9\n7,11\n8,12.25\n9,14\n10,15\n");
    const std::string settings = std::string("train --epochs 8 --seed 3 ") + data;
    std::vector<double> losses;
    for (const char* const how : {"", "--eager", "--precision single"}) {
      const Finished finished = run(settings + " " + how + " --out run");
      ASSERT_EQ(finished.exit_code, 0) << finished.err;
      const std::string metrics = read("run/metrics.csv");
      losses.push_back(std::stod(metrics.substr(metrics.rfind("\n8,") + 3)));
      const Finished judged = run("evaluate run");
      EXPECT_EQ(judged.exit_code, 0) << judged.err;
      std::filesystem::remove_all(folder / "run");
    }
    EXPECT_NEAR(losses[0], losses[1], 1e-9 * losses[1]) << data;
    EXPECT_NEAR(losses[2], losses[1], 1e-3 * losses[1]) << data;
  }
}

TEST_F(Train, GoesOnAsItBegan) {
  ASSERT_EQ(run("train --epochs 2 --out run").exit_code, 0);
  const Finished eager = run("train --resume run --eager");
  EXPECT_EQ(eager.exit_code, 2);
  EXPECT_THAT(eager.err, HasSubstr("(got --eager true, expected false)"));
  EXPECT_THAT(run("train --resume run --precision single").err,
              HasSubstr("(got --precision \"single\", expected \"double\")"));
  EXPECT_EQ(run("train --resume run --precision double").exit_code, 0);
  EXPECT_THAT(run("train --precision half").err,
              HasSubstr("no such precision (got 'half', expected double or single)"));
}

TEST_F(Train, TheSameSeedGivesTheSameBytes) {
  ASSERT_EQ(run("train --epochs 3 --dropout 0.1 --out a").exit_code, 0);
  ASSERT_EQ(run("train --epochs 3 --dropout 0.1 --out b").exit_code, 0);
  ASSERT_EQ(run("train --epochs 3 --dropout 0.1 --out c --seed 2").exit_code, 0);
  EXPECT_EQ(read("a/checkpoint.safetensors"), read("b/checkpoint.safetensors"));
  EXPECT_NE(read("a/checkpoint.safetensors"), read("c/checkpoint.safetensors"));
}

TEST_F(Train, RunsGetFreeNamesOfTheirOwn) {
  ASSERT_EQ(run("train --epochs 1").exit_code, 0);
  ASSERT_EQ(run("train --epochs 1").exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder / "runs/moons-1/config.json"));
  EXPECT_TRUE(std::filesystem::exists(folder / "runs/moons-2/config.json"));
}

TEST_F(Train, AFileWithWordsForClassesTrainsPredictsAndIsJudged) {
  write("flowers.csv", flowers(false));
  write("new.csv", "width,length,colour of the pot\n1.9,1.1,green\n1.3,3.4,\"a, b\"\n");
  const Finished trained = run("train --data flowers.csv --label species --epochs 30 --out run");
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(trained.out, HasSubstr("2 classes"));

  const Finished predicted = run("predict run new.csv");
  EXPECT_EQ(predicted.exit_code, 0) << predicted.err;
  EXPECT_TRUE(std::regex_match(predicted.out, std::regex("predicted,\"share of blue, dark\",share of red\n"
                                                         "red,[^\n]*\n\"blue, dark\",[^\n]*\n")))
      << predicted.out;

  const Finished judged = run("evaluate run flowers.csv --out judged.csv");
  EXPECT_EQ(judged.exit_code, 0) << judged.err;
  EXPECT_EQ(judged.out, "");
  EXPECT_THAT(read("judged.csv"), StartsWith("class,rows,cross-entropy,accuracy,recall,precision\nall,80,"));
  EXPECT_THAT(read("judged.csv"), HasSubstr("\n\"blue, dark\",40,,,1,1\n"));
}

TEST_F(Train, AnEmptyCellIsNamedUnlessItMayBeFilled) {
  write("flowers.csv", flowers(true));
  const Finished refused = run("train --data flowers.csv --out run");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("flowers.csv: line 14, column 2 (width)"));
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
  EXPECT_EQ(run("train --data flowers.csv --missing mean --epochs 2 --out filled").exit_code, 0);
  EXPECT_EQ(run("train --data flowers.csv --missing drop --epochs 2 --out dropped").exit_code, 0);
  EXPECT_THAT(read("dropped/config.json"), HasSubstr("\"rows\": 79,"));
}

TEST_F(Train, NumbersArePredictedInTheirOwnUnits) {
  std::string csv = "x,price\n";
  for (int i = 0; i < 100; ++i) csv += std::to_string(i) + "," + std::to_string(100000 + 2500.5 * i) + "\n";
  write("prices.csv", csv);
  ASSERT_EQ(run("train --data prices.csv --label price --epochs 100 --out run").exit_code, 0);
  const Finished predicted = run("predict run prices.csv");
  std::istringstream lines(predicted.out);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "predicted");
  for (int i = 0; i < 100 && std::getline(lines, line); ++i) {
    EXPECT_NEAR(std::stod(line), 100000 + 2500.5 * i, 10000) << i;
  }
  EXPECT_THAT(run("evaluate run").out,
              StartsWith("rows,standardised_mse,root_mean_squared_error,mean_absolute_error\n20,"));
}

TEST_F(Train, EveryLossOptimiserAndScheduleLearns) {
  for (const char* const options : {"--loss hinge --optimizer sgd --lr 0.05",
                                    "--loss binary-cross-entropy --optimizer nesterov --lr 0.05",
                                    "--optimizer rmsprop --momentum 0 --schedule cosine",
                                    "--optimizer adamw --schedule step:20:0.5,warmup=10",
                                    "--data blobs --loss hinge --activation tanh --init xavier",
                                    "--accumulate 3 --batch 10 --clip-norm 1 --balance",
                                    "--data spirals --schedule linear --l1 1e-5 --clip-value 1"}) {
    const Finished finished = run(std::string("train --epochs 12 --out run ") + options);
    EXPECT_EQ(finished.exit_code, 0) << options << "\n" << finished.err;
    std::istringstream lines(read("run/metrics.csv"));
    std::string first, line, last;
    std::getline(lines, first);
    std::getline(lines, first);
    while (std::getline(lines, line)) last = line;
    const auto loss = [](const std::string& text) { return std::stod(text.substr(text.find(',') + 1)); };
    EXPECT_LT(loss(last), loss(first)) << options;
    std::filesystem::remove_all(folder / "run");
  }
}

TEST_F(Train, ARunGoesOnOnlyWithWhatItBeganWith) {
  write("flowers.csv", flowers(false));
  ASSERT_EQ(run("train --data flowers.csv --epochs 3 --out run").exit_code, 0);
  const std::string before = read("run/checkpoint.safetensors");
  EXPECT_EQ(run("train --resume run --data flowers.csv --epochs 3").exit_code, 0);
  const Finished changed = run("train --resume run --lr 0.5");
  EXPECT_EQ(changed.exit_code, 2);
  EXPECT_THAT(changed.err, HasSubstr("got --lr 0.5, expected 0.01"));
  write("flowers.csv", flowers(false) + "1,2,red\n");
  const Finished other_data = run("train --resume run");
  EXPECT_EQ(other_data.exit_code, 2);
  EXPECT_THAT(other_data.err, HasSubstr("not what this run began with (got 81 rows"));
  EXPECT_EQ(read("run/checkpoint.safetensors"), before);
  EXPECT_EQ(run("train --out run --epochs 1").exit_code, 2) << "a run is there already";
  EXPECT_EQ(read("run/checkpoint.safetensors"), before);
}

TEST_F(Train, WhatIsWrongIsSaidInOneLineAndNothingIsWritten) {
  const std::pair<const char*, const char*> wrong[] = {
      {"train --data mooons --out run", "mooons"},
      {"train --epochs -1 --out run", "0 or more"},
      {"train --epochs 99999999999 --out run", "too many epochs"},
      {"train --momentum 2 --out run", "momentum"},
      {"train --clip-norm -1 --out run", "clip-norm"},
      {"train --save-every nan --out run", "save-every"},
      {"train --resume ''", "empty"},
      {"trian", "unknown command 'trian'; did you mean 'train'?"},
      {"train --epoch 3", "train: unknown option '--epoch'; did you mean '--epochs'?"},
      {"train moons", "train: one word too many 'moons'; micrograd train --help lists what there is"},
      {"predict", "predict: "},
      {"train --optimizer", "train: --optimizer"},
      {"train --loss mse --out run", "does not fit the data"},
      {"train --loss best --out run", "no such loss (got 'best'"},
      {"train --optimizer best --out run", "no such optimiser"},
      {"train --activation best --out run", "best"},
      {"train --activation tanh,best --out run", "'best'"},
      {"train --activation tanh, --out run", "(got '', expected "},
      {"train --activation tanh,relu,gelu --out run",
       "activation: not one for each hidden layer (got 3 in 'tanh,relu,gelu', expected 1 for all, or 2 as in "
       "--model 16,16)"},
      {"train --schedule best --out run", "best"},
      {"train --batch 0 --out run", "batch"},
      {"train --points 99999999999 --out run", "too many"},
      {"train --lr -1 --out run", "rate"},
      {"train --dropout 1 --out run", "got 1"},
      {"train --model 4,0 --out run", "got 0"},
      {"train --held-out 1 --out run", "held-out"},
      {"train --resume nowhere", "no run is there"},
      {"train --resume a --out b", "stays in its folder"},
      {"predict nowhere x.csv", "no run is there"},
      {"train --epochs many --out run", "many"},
      {"train --unknown", "--unknown"},
      {"", "subcommand"},
  };
  for (const auto& [arguments, words] : wrong) {
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.exit_code, 2) << arguments << "\n" << finished.err;
    EXPECT_THAT(finished.err, HasSubstr(words)) << arguments;
    EXPECT_THAT(finished.err, StartsWith("micrograd: "));
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "run")) << arguments;
  }
}

TEST_F(Train, ALossThatExplodesIsToldAndTheRunKept) {
  const Finished finished = run("train --optimizer sgd --momentum 0 --loss hinge --lr 1e200 --out run");
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(finished.err, HasSubstr("a lower learning rate"));
}

TEST_F(Train, ParametersThatExplodeAreToldAndNotSaved) {
  const Finished finished = run("train --lr 1e308 --epochs 1 --batch 1000 --out run");
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(finished.err, HasSubstr("the held-out loss is not a number"));
  EXPECT_FALSE(std::filesystem::exists(folder / "run/checkpoint.safetensors"));
}

TEST_F(Train, AnswersThatCannotBeWrittenAreAnError) {
  EXPECT_EQ(std::system("'" MICROGRAD_COMMAND "' completions bash >/dev/full 2>/dev/null") >> 8, 1);
}

TEST_F(Train, OneClassIsRefusedBeforeAnythingIsWritten) {
  write("one.csv", "a,kind\n1,x\n2,x\n3,x\n4,x\n");
  const Finished finished = run("train --data one.csv --out run");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, HasSubstr("nothing to tell apart"));
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
}

TEST_F(Train, AFewWholeNumbersMayBeNumbersToPredict) {
  std::string csv = "id,x,price\n";
  for (int i = 0; i < 40; ++i) {
    csv += "n" + std::to_string(i) + "," + std::to_string(i % 8) + "," + std::to_string(i % 8 * 3) + "\n";
  }
  write("prices.csv", csv);
  const Finished finished = run("train --data prices.csv --ignore id --task numbers --epochs 2 --out run");
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, HasSubstr("a number to predict"));
}

TEST_F(Train, FilesThatAreNotOursAreRefused) {
  ASSERT_EQ(run("train --epochs 1 --out run").exit_code, 0);
  const std::string config = read("run/config.json"), checkpoint = read("run/checkpoint.safetensors");
  write("run/config.json", config + "{}");
  EXPECT_EQ(run("evaluate run").exit_code, 1);
  write("run/config.json", config.substr(0, config.size() / 2));
  EXPECT_EQ(run("evaluate run").exit_code, 1);
  write("run/config.json", config);
  write("run/checkpoint.safetensors", checkpoint.substr(0, 1000));
  const Finished cut = run("evaluate run");
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_THAT(cut.err, HasSubstr("checkpoint.safetensors"));
  EXPECT_EQ(run("train --resume run").exit_code, 1);
  EXPECT_EQ(read("run/checkpoint.safetensors").size(), 1000U);
}

TEST_F(Train, AConfigCannotClaimANetThatTheWeightsAreNot) {
  ASSERT_EQ(run("train --epochs 1 --model 16,16 --out run").exit_code, 0);
  std::string config = read("run/config.json");
  const std::string honest = "\"model\": [16,16]";
  write("run/config.json",
        config.replace(config.find(honest), honest.size(), "\"model\": [1000000000000,16]"));
  for (const char* const command : {"evaluate run", "train --resume run"}) {
    const Finished finished = run(command);
    EXPECT_EQ(finished.exit_code, 1) << command;
    EXPECT_THAT(finished.err, HasSubstr("(got 16 x 2, expected 1000000000000 x 2 in layer 1)")) << command;
  }
}

TEST_F(Train, ANetBeyondReasonIsRefusedBeforeItIsMade) {
  const Finished asked = run("train --epochs 1 --model 99999999,99999999 --out run");
  EXPECT_EQ(asked.exit_code, 2);
  EXPECT_EQ(asked.err,
            "micrograd: model: the net is too large (got 1e+16 parameters, expected at most 50000000)\n");
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));

  // A run that was killed before its first step has no weights to compare with.
  ASSERT_EQ(run("train --epochs 1 --model 16,16 --out run").exit_code, 0);
  std::filesystem::remove(folder / "run/checkpoint.safetensors");
  std::string config = read("run/config.json");
  const std::string honest = "\"model\": [16,16]";
  write("run/config.json",
        config.replace(config.find(honest), honest.size(), "\"model\": [18446744073709551615,16]"));
  const Finished resumed = run("train --resume run");
  EXPECT_EQ(resumed.exit_code, 2);
  EXPECT_THAT(resumed.err, HasSubstr("the net is too large"));
}

TEST_F(Train, HelpAndVersionAreNoErrors) {
  EXPECT_THAT(run("--help").out, HasSubstr("Exit codes"));
  EXPECT_THAT(run("train --help").out, HasSubstr("--schedule"));
  EXPECT_THAT(run("train --help").out, HasSubstr("--balance,--no-balance "));
  EXPECT_THAT(run("--version").out, StartsWith("micrograd 0."));
  EXPECT_EQ(run("--help").exit_code, 0);
}

}  // namespace
}  // namespace micrograd::command
