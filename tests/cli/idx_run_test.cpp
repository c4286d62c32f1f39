// Pictures of one's own, in IDX files: learned from, gone on with, asked about and judged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "../train/idx_bytes.hpp"
#include "command.hpp"

namespace micrograd::command {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Pictures of 2 x 3 pixels: label 0 is bright above, label 1 below.
class IdxRun : public CommandLine {
 protected:
  void SetUp() override {
    CommandLine::SetUp();
    std::string pixels, labels;
    for (int i = 0; i < 40; ++i) {
      const std::string bright(3, static_cast<char>(200 + i)), dark(3, static_cast<char>(i));
      pixels += i % 2 == 0 ? bright + dark : dark + bright;
      labels += static_cast<char>(i % 2);
    }
    write("images", idx({40, 2, 3}, pixels));
    write("labels", idx({40}, labels));
    write("two", idx({2, 2, 3}, pixels.substr(0, 12)));
  }

  static constexpr const char* train = "train --data images,labels --epochs 20 --lr 0.05 --out run";
};

TEST_F(IdxRun, LearnsPredictsAndIsJudged) {
  const Finished trained = run(train);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_THAT(trained.out,
              StartsWith("images: 32 rows to learn from, 8 held out; 6 numbers a row, 2 classes"));

  const Finished predicted = run("predict run two");
  EXPECT_EQ(predicted.exit_code, 0) << predicted.err;
  EXPECT_THAT(predicted.out, StartsWith("predicted,share of 0,share of 1\n0,"));
  EXPECT_THAT(predicted.out, HasSubstr("\n1,"));
  EXPECT_EQ(run("predict run images,labels").out, run("predict run images").out);

  EXPECT_THAT(run("evaluate run").out, HasSubstr("\nall,8,"));
  const Finished judged = run("evaluate run images,labels");
  EXPECT_EQ(judged.exit_code, 0) << judged.err;
  EXPECT_THAT(judged.out, HasSubstr("\nall,40,"));
  EXPECT_THAT(judged.out, EndsWith("\n0,20,,,1,1\n1,20,,,1,1\n"));
}

TEST_F(IdxRun, GoesOnFromAnyFolderAndAfterItsFilesHaveMoved) {
  ASSERT_EQ(run(train).exit_code, 0);
  const std::string checkpoint = read("run/checkpoint.safetensors");
  std::filesystem::create_directories(folder / "deep");
  EXPECT_EQ(run("evaluate ../run", "deep").out, run("evaluate run").out);

  std::filesystem::remove(folder / "run/checkpoint.safetensors");  // as if it had been killed at once
  ASSERT_EQ(run("train --resume ../run", "deep").exit_code, 0);
  EXPECT_EQ(read("run/checkpoint.safetensors"), checkpoint);

  std::filesystem::rename(folder / "images", folder / "deep/moved");
  EXPECT_EQ(run("train --resume run").exit_code, 1) << "the file has gone";
  EXPECT_EQ(run("predict run two").exit_code, 0) << "which needs it no more";
  const Finished resumed = run("train --resume run --data deep/moved,labels");
  EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
  const Finished other = run("train --resume run --data two,labels");
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.err, HasSubstr("not one label for each picture (got 2 pictures, expected 40"));
}

TEST_F(IdxRun, HasAFolderNamedAfterItsPictures) {
  ASSERT_EQ(run("train --data images,labels --epochs 1").exit_code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder / "runs/images-1/config.json"));
}

TEST_F(IdxRun, ShowsWeightsAsPicturesOfThatShape) {
  ASSERT_EQ(run(train).exit_code, 0);
  // Two lines of three: another width would make another drawing of the same weights.
  write("wide", idx({40, 1, 6}, read("images").substr(16)));
  ASSERT_EQ(run("train --data wide,labels --epochs 20 --lr 0.05 --out flat").exit_code, 0);
  EXPECT_EQ(read("run/checkpoint.safetensors"), read("flat/checkpoint.safetensors"));
  EXPECT_NE(read("run/weights.svg"), read("flat/weights.svg"));
}

TEST_F(IdxRun, WhatIsWrongIsSaidInOneLine) {
  ASSERT_EQ(run(train).exit_code, 0);
  write("large", idx({2, 2, 4}, std::string(16, 'x')));
  write("more", idx({2}, std::string("\x00\x07", 2)));
  write("table.csv", "a,b\n1,2\n3,4\n");
  const struct {
    const char* arguments;
    int exit_code;
    const char* words;
  } wrong[] = {
      {"train --data images --out new", 2, "an IDX file alone (got 'images', expected IMAGES,LABELS"},
      {"train --data labels,images --out new", 1, "are pictures and labels exchanged?"},
      {"train --data images,more --out new", 1, "(got 40 pictures, expected 2 as in more)"},
      {"train --data images,gone --out new", 1, "gone: No such file or directory"},
      {"evaluate run two", 2, "(got pictures alone, expected IMAGES,LABELS); micrograd predict needs none"},
      {"evaluate run two,more", 1, "more: the run knows no such class (got 7, expected 0 to 1)"},
      {"predict run large", 1,
       "large: the pictures are of another size than those that the run learned from (got 8 pixels, expected "
       "6)"},
      {"predict run gone", 1, "gone: No such file or directory"},
      {"predict run table.csv", 1, "table.csv: no IDX file"},
  };
  for (const auto& [arguments, exit_code, words] : wrong) {
    const Finished finished = run(arguments);
    EXPECT_EQ(finished.exit_code, exit_code) << arguments << "\n" << finished.err;
    EXPECT_THAT(finished.err, HasSubstr(words)) << arguments;
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
    EXPECT_FALSE(std::filesystem::exists(folder / "new")) << arguments;
  }
}

}  // namespace
}  // namespace micrograd::command
