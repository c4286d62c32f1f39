// Learns to spell: a GPT of scalars (gpt.hpp) is trained letter by letter on a list of words, and then makes
// up words of its own. Its loss is plain scalar code; compiled once for each length, it runs as matrix
// products.
//
//   microgpt [FILE] [--steps N] [--seed N] [--width N] [--samples N] [--eager]
#include <micrograd/compiler/compile.hpp>
#include <micrograd/micrograd.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gpt.hpp"

namespace mg = micrograd;

namespace {

struct Arguments {
  std::string file = "/usr/share/dict/words";
  std::uint64_t steps = 1000;
  std::uint64_t seed = 1;
  std::uint64_t width = 16;
  std::uint64_t samples = 20;
  bool eager = false;
};

Arguments read_arguments(int argc, char** argv) {
  Arguments arguments;
  const std::array<std::pair<std::string_view, std::uint64_t*>, 4> numbers{
      {{"--steps", &arguments.steps},
       {"--seed", &arguments.seed},
       {"--width", &arguments.width},
       {"--samples", &arguments.samples}}};
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const auto number = std::ranges::find(numbers, option, [](const auto& entry) { return entry.first; });
    if (option == "--eager") {
      arguments.eager = true;
    } else if (number != numbers.end()) {
      const std::string_view value = ++i < argc ? argv[i] : "";
      const auto [end, error] = std::from_chars(value.begin(), value.end(), *number->second);
      if (error != std::errc() || end != value.end()) {
        throw mg::UsageError("microgpt: " + std::string(option) + " needs a whole number (got '" +
                             std::string(value) + "')");
      }
    } else if (option.starts_with("--")) {
      throw mg::UsageError("microgpt: no such option (got " + std::string(option) +
                           ", expected --steps, --seed, --width, --samples or --eager)");
    } else {
      arguments.file = option;
    }
  }
  if (arguments.width == 0 || arguments.width % gpt::Shape().heads != 0) {
    throw mg::UsageError("microgpt: the width must be a multiple of the heads (got " +
                         std::to_string(arguments.width) + ", expected 4, 8, …)");
  }
  return arguments;
}

/// Words and their letters; the last token stands for the beginning and the end of a word.
struct Words {
  std::vector<std::string> list;
  std::string letters;  ///< by token

  [[nodiscard]] std::size_t edge() const { return letters.size(); }
  [[nodiscard]] std::vector<std::size_t> tokens(const std::string& word, std::size_t longest) const {
    std::vector<std::size_t> found{edge()};
    for (const char letter : word) found.push_back(letters.find(letter));
    found.push_back(edge());
    found.resize(std::min(found.size(), longest + 1));
    return found;
  }
};

/// One word a line; only those of the letters a to z count.
Words read_words(const std::string& file) {
  std::ifstream in(file);
  if (!in) {
    throw mg::IoError("microgpt: cannot read the words (got " + file +
                      "); name a text file, or install Debian's wamerican");
  }
  Words words;
  for (std::string line; std::getline(in, line);) {
    const bool is_plain = std::ranges::all_of(line, [](char c) { return c >= 'a' && c <= 'z'; });
    if (!is_plain || line.empty()) continue;
    words.list.push_back(line);
    for (const char letter : line) {
      if (words.letters.find(letter) == std::string::npos) words.letters += letter;
    }
  }
  if (words.list.empty()) {
    throw mg::IoError("microgpt: there is no word of the letters a to z (got 0 in " + file +
                      ", expected 1 or more)");
  }
  std::ranges::sort(words.letters);
  return words;
}

/// Loss and gradient, by a graph or by a program for each length that has occurred.
class Learner {
 public:
  Learner(const gpt::Model& model, bool eager) : model_(model), eager_(eager) {}

  /// The loss at `data`; the gradient goes to `grads`.
  double operator()(const std::vector<std::size_t>& tokens, std::span<const float> data,
                    std::span<float> grads) {
    if (eager_) {
      std::vector<double> numbers(data.begin(), data.end());
      mg::write_data(model_.parameters(), numbers);
      mg::write_grads(model_.parameters(), 0);
      const mg::Value loss = model_.loss(std::vector<mg::Index>(tokens.begin(), tokens.end()));
      loss.backward();
      mg::read_grads(model_.parameters(), numbers);
      std::ranges::transform(numbers, grads.begin(), [](double grad) { return static_cast<float>(grad); });
      return loss.data();
    }
    auto program = programs_.find(tokens.size());
    if (program == programs_.end()) {
      program =
          programs_
              .emplace(tokens.size(),
                       mg::compile<float>([this](std::span<const mg::Value>,
                                                 std::span<const mg::Index> t) { return model_.loss(t); },
                                          {.indices = tokens.size()},
                                          {.parameters = model_.parameters(), .reduce = mg::Reduce::none}))
              .first;
    }
    const std::vector<float> row(tokens.begin(), tokens.end());
    const float one = 1;
    return program->second.backward_seeded({row.data(), 1, row.size()}, {}, {&one, 1, 1}, data, grads);
  }
  [[nodiscard]] std::size_t programs() const { return programs_.size(); }

 private:
  const gpt::Model& model_;
  bool eager_;
  std::map<std::size_t, mg::Program<float>> programs_;  ///< by length
};

std::string made_up(const gpt::Model& model, const Words& words, mg::Random& random) {
  gpt::Model::Memory memory;
  std::string word;
  std::size_t token = words.edge();
  while (word.size() < model.shape().context) {
    const gpt::Vector likely = mg::no_grad([&] { return mg::softmax(model.read(token, memory)); });
    double left = random.uniform();
    token = 0;
    while (token + 1 < likely.size() && left >= likely[token].data()) left -= likely[token++].data();
    if (token == words.edge()) break;
    word += words.letters[token];
  }
  return word;
}

void run(const Arguments& arguments) {
  Words words = read_words(arguments.file);
  mg::Random random(arguments.seed);
  random.shuffle(words.list);
  const gpt::Model model({.tokens = words.letters.size() + 1, .width = arguments.width}, random);
  mg::Adam adam(model.parameters(), {.learning_rate = 1e-2, .beta1 = 0.85, .beta2 = 0.99, .epsilon = 1e-8});
  const std::vector<double> begin = adam.parameter_data();
  std::vector<float> data(begin.begin(), begin.end()), grads(data.size());
  std::printf("%zu words of %zu letters; %zu parameters, seed %llu\n\n", words.list.size(),
              words.letters.size(), data.size(), static_cast<unsigned long long>(arguments.seed));

  Learner learner(model, arguments.eager);
  double mean = 0;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t step = 0; step < arguments.steps; ++step) {
    const std::string& word = words.list[step % words.list.size()];
    const double loss = learner(words.tokens(word, model.shape().context), data, grads);
    adam.set_learning_rate(1e-2 * (1 - static_cast<double>(step) / static_cast<double>(arguments.steps)));
    adam.step_on(std::span(data), grads);
    mean += (loss - mean) / static_cast<double>(std::min<std::uint64_t>(step + 1, 100));
    const std::uint64_t shown = std::max<std::uint64_t>(arguments.steps / 10, 1);
    if ((step + 1) % shown == 0) {
      std::printf("step %6llu   loss %.3f\n", static_cast<unsigned long long>(step + 1), mean);
      std::fflush(stdout);
    }
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  mg::write_data(model.parameters(), std::vector<double>(data.begin(), data.end()));
  std::printf("\n%.2f s", seconds.count());
  if (!arguments.eager) std::printf(", %zu programs, one for each length", learner.programs());
  std::printf("\n\nmade up:\n");
  for (std::uint64_t i = 0; i < arguments.samples; ++i) {
    std::printf("  %s\n", made_up(model, words, random).c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(read_arguments(argc, argv));
  } catch (const mg::IoError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
