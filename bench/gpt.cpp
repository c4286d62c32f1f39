// One step of training the GPT of examples/gpt.hpp on a document after another, Adam included: with graphs,
// and compiled once for each length.
#include <map>
#include <memory>
#include <vector>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/micrograd.hpp>

#include "../examples/gpt.hpp"
#include "baselines/gpt.hpp"
#include "contest.hpp"

namespace bench {
namespace {

using micrograd::Index;
using micrograd::Value;

constexpr std::size_t documents = 50;

constexpr std::size_t tokens_known = 27;

struct Gpt {
  explicit Gpt(std::size_t width) : model({.tokens = tokens_known, .width = width}, random) {
    for (std::size_t d = 0; d < documents; ++d) {
      std::vector<std::size_t>& document = tokens.emplace_back(5 + random.below(9), tokens_known - 1);
      for (std::size_t i = 1; i + 1 < document.size(); ++i) document[i] = random.below(tokens_known - 1);
    }
  }

  micrograd::Random random{1};
  gpt::Model model;
  micrograd::Adam adam{model.parameters(), {.learning_rate = 1e-3}};
  std::vector<double> data = adam.parameter_data();
  std::vector<double> grads = std::vector<double>(data.size());
  std::vector<float> singles{data.begin(), data.end()};
  std::vector<float> single_grads = std::vector<float>(data.size());
  std::vector<std::vector<std::size_t>> tokens;
  std::map<std::size_t, micrograd::Program<float>> programs;

  double eager_step(const std::vector<std::size_t>& document) {
    micrograd::write_data(model.parameters(), data);
    micrograd::write_grads(model.parameters(), 0);
    const Value loss = model.loss(std::vector<Index>(document.begin(), document.end()));
    loss.backward();
    micrograd::read_grads(model.parameters(), grads);
    return loss.data();
  }
  double compiled_step(const std::vector<std::size_t>& document) {
    auto program = programs.find(document.size());
    if (program == programs.end()) {
      const auto loss = [this](std::span<const Value>, std::span<const Index> t) { return model.loss(t); };
      program = programs
                    .emplace(document.size(), micrograd::compile<float>(loss, {.indices = document.size()},
                                                                        {.parameters = model.parameters(),
                                                                         .reduce = micrograd::Reduce::none}))
                    .first;
    }
    const std::vector<float> row(document.begin(), document.end());
    const float one = 1;
    return program->second.backward_seeded({row.data(), 1, row.size()}, {}, {&one, 1, 1}, singles,
                                           single_grads);
  }
  /// `at` and `slopes`: what the step reads and writes.
  template <class Step, class Numbers>
  double train(Step step, Numbers& at, const Numbers& slopes) {
    double sum = 0;
    for (const auto& document : tokens) {
      sum += (this->*step)(document);
      adam.step_on(at, slopes);
    }
    return sum;
  }
  double train_eager() { return train(&Gpt::eager_step, data, grads); }
  double train_compiled() { return train(&Gpt::compiled_step, singles, single_grads); }
};

Workload gpt_of(const char* name, std::size_t width) {
  Workload workload{.name = name,
                    .unit = "document",
                    .judged = "compiled",
                    .target = 0.6,
                    .tolerance = 1e-4,  // float beside double, after so many steps
                    .contestants = {}};
  workload.contestants.push_back({"plain loops", documents, [width] {
                                    auto gpt = std::make_shared<Gpt>(width);
                                    auto plain = std::make_shared<native::PlainGpt>(
                                        tokens_known, width, gpt->model.shape().heads,
                                        gpt->model.shape().context, gpt->data);
                                    return [gpt, plain] {
                                      double sum = 0;
                                      for (const auto& document : gpt->tokens) sum += plain->step(document);
                                      return sum;
                                    };
                                  }});
  workload.contestants.push_back({"compiled", documents, [width] {
                                    auto gpt = std::make_shared<Gpt>(width);
                                    for (const auto& document : gpt->tokens) gpt->compiled_step(document);
                                    return [gpt] { return gpt->train_compiled(); };
                                  }});
  workload.contestants.push_back({"eager", documents, [width] {
                                    auto gpt = std::make_shared<Gpt>(width);
                                    return [gpt] { return gpt->train_eager(); };
                                  }});
  return workload;
}

}  // namespace

Workload gpt_step() { return gpt_of("G1 GPT, width 16", 16); }
Workload wide_gpt_step() { return gpt_of("G2 GPT, width 64", 64); }

}  // namespace bench
