// config.json is read as it was written, and nothing else passes for one.
#include <cli/config.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include <micrograd/error.hpp>

namespace micrograd::command {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Config odd_config() {
  Config config;
  config.settings.data = "fold\\er/\"quoted\"\n汉字.csv";
  config.settings.lr = 0.1;
  config.settings.noise = std::numeric_limits<double>::denorm_min();
  config.settings.model = {};
  config.settings.seed = ~std::uint64_t{0};
  config.data.rows = 7;
  config.data.standardiser = {{1e-300, -0.0}, {1.0 / 3, 2}};
  config.data.csv = {.features = {{.name = "a", .position = 0, .categories = {"x", "y"}, .fill = {0.5, 0.5}},
                                  {.name = "b", .position = 2, .categories = {}, .fill = {}}},
                     .label = "label",
                     .label_position = 1,
                     .file_columns = 3,
                     .classes = {"no", "yes"}};
  return config;
}

TEST(Config, IsReadAsItWasWritten) {
  const std::string text = to_json(odd_config());
  const Config read = parse_config(text, "x");
  EXPECT_EQ(to_json(read), text);
  EXPECT_EQ(read.settings.data, odd_config().settings.data);
  EXPECT_EQ(read.settings.seed, ~std::uint64_t{0});
  EXPECT_EQ(read.data.standardiser.deviation[0], 1.0 / 3);
  EXPECT_EQ(read.data.csv.features[0].categories[1], "y");
}

TEST(Config, WhatIsNoneIsRefusedByName) {
  const std::string text = to_json(odd_config());
  const auto without = [&text](const std::string& part, const std::string& instead) {
    std::string changed = text;
    changed.replace(changed.find(part), part.size(), instead);
    return changed;
  };
  const std::pair<std::string, const char*> wrong[] = {
      {"", "not JSON"},
      {"{}", "table 'settings' is missing (got nothing, expected an object)"},
      {"[1, 2]", "table 'settings' is missing (got nothing, expected an object)"},
      {"{\"settings\": 3}", "table 'settings' is missing (got 3, expected an object)"},
      {"{\"settings\"", "not JSON"},
      {without("\"epochs\": 50,\n", ""),
       "'settings.epochs' is missing (got 32 other keys, expected it to be a whole number, 0 or more)"},
      {without("\"epochs\": 50", "\"epochs\": -1"),
       "'settings.epochs' is of the wrong kind (got -1, expected "},
      {without("\"epochs\": 50", "\"epochs\": " + std::string(1'000'000, '[') + std::string(1'000'000, ']')),
       "'settings.epochs' is of the wrong kind (got a list, expected "},
      {without("\"epochs\": 50", "\"epochs\": 50, \"epoch\": 1"), "unknown key 'settings.epoch'"},
      {without("\"lr\": 0.1", "\"lr\": \"fast\""), "expected a number"},
      {without("\"lr\": 0.1", "\"lr\": 1e999"), "not JSON"},
      {without("[\"x\",\"y\"]", "[\"x\",1]"), "'csv.categories'"},
      {without("\"names\": [\"a\",\"b\"]", "\"names\": [\"a\"]"),
       "not of one length (got 2 positions, 2 categories and 2 fills, expected 1 of each"},
      {without("\"file-columns\": 3", "\"file-columns\": 2"), "x.json"},
      {std::string(1'000'000, '['), "not JSON"},
  };
  for (const auto& [bytes, words] : wrong) {
    EXPECT_THAT([&bytes = bytes] { parse_config(bytes, "x.json"); },
                ThrowsMessage<IoError>(::testing::AllOf(HasSubstr("x.json"), HasSubstr(words))));
  }
}

TEST(Config, ANameThatIsNotUtf8IsRefusedBeforeAnythingIsWritten) {
  Config config = odd_config();
  config.settings.data = "caf\xe9.csv";
  EXPECT_THAT([&config] { to_json(config); },
              ThrowsMessage<UsageError>(::testing::AllOf(HasSubstr("data: not UTF-8"), HasSubstr("caf"))));
}

}  // namespace
}  // namespace micrograd::command
