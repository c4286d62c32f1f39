// What shells complete, asked of bash itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include <cli/settings.hpp>
#include "../ops/table_walk.hpp"
#include "command.hpp"

namespace micrograd::command {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

class Completions : public CommandLine {
 protected:
  /// What bash offers for the last of these words.
  std::set<std::string> offered(const std::vector<std::string>& words) const {
    std::string script = "source <('" MICROGRAD_COMMAND "' completions bash)\nCOMP_WORDS=(micrograd";
    for (const std::string& word : words) script += " '" + word + "'";
    script += ") COMP_CWORD=" + std::to_string(words.size()) + "; _micrograd; echo \"${COMPREPLY[@]}\"\n";
    write("complete.sh", script);
    const std::string line =
        "bash '" + (folder / "complete.sh").string() + "' >'" + (folder / "got").string() + "' 2>&1";
    EXPECT_EQ(std::system(line.c_str()), 0);
    std::istringstream got(read("got"));
    std::set<std::string> offers;
    for (std::string word; got >> word;) offers.insert(word);
    return offers;
  }
};

TEST_F(Completions, LoadInBash) {
  using Offers = std::set<std::string>;
  EXPECT_EQ(offered({"tr"}), (Offers{"train"}));
  EXPECT_EQ(offered({"train", "--sche"}), (Offers{"--schedule"}));
  EXPECT_EQ(offered({"train", "--optimizer", "ada"}), (Offers{"adam", "adamw"}));
  EXPECT_EQ(offered({"train", "--activation", "tanh,re"}), (Offers{"tanh,relu"}));
  EXPECT_EQ(offered({"train", "--activation", "tanh,relu,si"}),
            (Offers{"tanh,relu,sigmoid", "tanh,relu,silu"}));
  EXPECT_EQ(offered({"train", "--precision", ""}), (Offers{"double", "single"}));
  EXPECT_EQ(offered({"train", "--ea"}), (Offers{"--eager"}));
  EXPECT_EQ(offered({"train", "--init", "he,x"}), Offers());
  EXPECT_EQ(offered({"train", "--epochs", ""}), Offers());
  EXPECT_EQ(offered({"evaluate", "--optimizer", "ada"}), Offers());
  EXPECT_THAT(offered({"train", "--data", ""}), IsSupersetOf({"moons", "digits", "fashion-mnist"}));
}

TEST_F(Completions, OfferFilesAfterTheCommaOfAPair) {
  using Offers = std::set<std::string>;
  write("images.idx", "");
  write("labels.idx", "");
  const std::string begun = "images.idx," + (folder / "lab").string(), whole = begun + "els.idx";
  EXPECT_EQ(offered({"train", "--data", begun}), (Offers{whole}));
  EXPECT_EQ(offered({"predict", "run", begun}), (Offers{whole}));
  EXPECT_EQ(offered({"evaluate", "run", begun}), (Offers{whole}));
  EXPECT_EQ(offered({"train", "--model", begun}), Offers());
}

TEST_F(Completions, OfferEveryWordThatASettingTakesAndNoOther) {
  if (table_walk::in_a_hurry()) GTEST_SKIP() << "dozens of runs, of which only the words are looked at";
  std::size_t settings_with_words = 0;
  Settings settings;
  for_each_setting(settings, [&](const char* name, auto& /*value*/, const char* help) {
    const std::string option = std::string("--") + name;
    const std::set<std::string> words = offered({"train", option, ""});
    if (!words.empty()) ++settings_with_words;
    for (const std::string& word : words) {
      EXPECT_THAT(help, HasSubstr(word)) << option;
      if (word == "fashion-mnist") continue;  // may not be installed, and takes long to read
      const Finished finished =
          run(std::string("train --epochs 1 --points 20 --out run ").append(option).append(" ").append(word));
      EXPECT_THAT(finished.err, Not(HasSubstr("no such"))) << option << " " << word;
      std::filesystem::remove_all(folder / "run");
    }
  });
  EXPECT_EQ(settings_with_words, 9U);
}

TEST_F(Completions, AreThereForOtherShells) {
  EXPECT_THAT(run("completions fish").out, HasSubstr("-l schedule -r -a 'constant linear cosine'"));
  EXPECT_THAT(run("completions fish").out, HasSubstr("-l activation -r -a '(__fish_complete_list , "));
  const std::string zsh = run("completions zsh").out;
  EXPECT_THAT(zsh, HasSubstr("train:--activation) compset -P '*,'; compadd -- linear relu tanh "));
  EXPECT_THAT(zsh, StartsWith("#compdef micrograd"));
  EXPECT_THAT(zsh, HasSubstr("train:--init) compadd -- uniform he xavier xavier_normal ;;"));
}

}  // namespace
}  // namespace micrograd::command
