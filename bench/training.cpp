// Epochs of the trainer on real images, beside the same written by hand with matrix products: the
// digits that come with the project, and Fashion-MNIST where it is installed.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <micrograd/nn/loss.hpp>
#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/digits.hpp>
#include <micrograd/train/idx.hpp>
#include <micrograd/train/named.hpp>
#include <micrograd/train/optimiser.hpp>
#include <micrograd/train/trainer.hpp>
#include "baselines/classifier.hpp"
#include "contest.hpp"

namespace bench {
namespace {

using micrograd::Dataset;
using micrograd::Value;

struct Training {
  Dataset data;
  std::vector<std::size_t> widths;  ///< after the inputs
  std::size_t epochs;               ///< of a run
  std::size_t batch_size;
  Rule rule;
  double learning_rate;
};

micrograd::MLP net_of(const Training& training) {
  return {training.data.columns, training.widths, {.initialiser = micrograd::Initialiser::he}};
}

/// A trainer, and how to start it again from where it began.
class Trained {
 public:
  Trained(std::shared_ptr<const Training> training, bool eager)
      : training_(std::move(training)),
        net_(net_of(*training_)),
        optimiser_(make_optimiser()),
        trainer_(net_, training_->data, *optimiser_, micrograd::cross_entropy,
                 {.epochs = 1'000'000,
                  .batch_size = training_->batch_size,
                  .eager = eager,
                  .precision = micrograd::Precision::float32}),
        parameters_(optimiser_->parameter_data()),
        state_(optimiser_->state()) {}

  /// The last epoch's mean loss.
  double run() {
    optimiser_->set_parameter_data(parameters_);
    optimiser_->set_state(state_);
    double loss = 0;
    for (std::size_t epoch = 0; epoch < training_->epochs; ++epoch) {
      while (!trainer_.step_ahead().ends_epoch) {}
      loss = trainer_.end_epoch().loss;
    }
    return loss;
  }
  [[nodiscard]] const std::vector<double>& parameters() const { return parameters_; }

 private:
  [[nodiscard]] std::unique_ptr<micrograd::Optimiser> make_optimiser() const {
    const double rate = training_->learning_rate;
    if (training_->rule == Rule::sgd) return std::make_unique<micrograd::SGD>(net_.parameters(), rate);
    return std::make_unique<micrograd::Adam>(net_.parameters(),
                                             micrograd::AdamOptions{.learning_rate = rate});
  }

  std::shared_ptr<const Training> training_;
  micrograd::MLP net_;
  std::unique_ptr<micrograd::Optimiser> optimiser_;
  micrograd::Trainer trainer_;
  std::vector<double> parameters_;
  std::vector<micrograd::NamedState> state_;
};

/// Of a run's products: a layer's weights meet each row once forwards and, but for the first layer's, twice
/// backwards.
double operations_of(const Training& training) {
  double multiplications = 0;
  std::size_t from = training.data.columns;
  for (const std::size_t to : training.widths) {
    multiplications += (from == training.data.columns ? 2.0 : 3.0) * static_cast<double>(from * to);
    from = to;
  }
  return 2 * multiplications * static_cast<double>(training.data.rows() * training.epochs);
}

Run prepare_by_hand(const Training& training) {
  ClassifierTask task{.widths = {training.data.columns},
                      .parameters = {},
                      .points = training.data.values,
                      .labels = training.data.labels,
                      .epochs = training.epochs,
                      .batch_size = training.batch_size,
                      .rule = training.rule,
                      .learning_rate = training.learning_rate};
  task.widths.insert(task.widths.end(), training.widths.begin(), training.widths.end());
  const micrograd::MLP net = net_of(training);
  const std::vector<double> parameters = micrograd::SGD(net.parameters(), 1).parameter_data();
  task.parameters = parameters;
  const std::shared_ptr<HandClassifier> classifier = make_classifier(task);
  const auto start = std::chrono::steady_clock::now();
  classifier->run();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::fprintf(stderr, "  products by hand: %.0f %% of the speed of large products\n",
               100 * operations_of(training) / seconds / single_peak());
  return [classifier] { return classifier->run(); };
}

Run prepare_trainer(const std::shared_ptr<const Training>& training, bool eager) {
  return [trained = std::make_shared<Trained>(training, eager)] { return trained->run(); };
}

Workload training_of(const std::string& name, double target, Training what) {
  const auto training = std::make_shared<const Training>(std::move(what));
  const auto rows = static_cast<double>(training->data.rows() * training->epochs);
  Workload workload{.name = name,
                    .unit = "row",
                    .judged = "trainer",
                    .target = target,
                    .tolerance = 0.05,  // in another order of the rows
                    .contestants = {}};
  workload.contestants.push_back(
      {"products by hand", rows, [training] { return prepare_by_hand(*training); }});
  workload.contestants.push_back({"trainer", rows, [training] { return prepare_trainer(training, false); }});
  // A graph for each picture of clothes would take minutes.
  if (training->data.columns < 100) {
    workload.contestants.push_back({"eager", rows, [training] { return prepare_trainer(training, true); }});
  }
  return workload;
}

Dataset first_rows(Dataset data, std::size_t rows) {
  data.values.resize(rows * data.columns);
  data.labels.resize(rows);
  return data;
}

}  // namespace

Workload digits_epoch() {
  return training_of(
      "T1 digits epoch", 1.2,
      {.data = micrograd::load_digits(std::filesystem::path(MICROGRAD_DATA_DIR) / "digits.csv"),
       .widths = {32, 10},
       .epochs = 5,
       .batch_size = 32,
       .rule = Rule::adam,
       .learning_rate = 3e-3});
}

std::optional<Workload> fashion_epoch() {
  const std::filesystem::path folder = micrograd::NamedOptions().fashion_folder;
  if (!std::filesystem::exists(folder)) return std::nullopt;
  constexpr std::size_t rows = 12'800;
  constexpr double samples = 0.9;  // of those that are learnt from in the same time
  return training_of(
      "T2 Fashion-MNIST epoch", 1 / samples,
      {.data = first_rows(micrograd::load_fashion_mnist(folder, micrograd::FashionPart::train), rows),
       .widths = {128, 10},
       .epochs = 1,
       .batch_size = 128,
       .rule = Rule::sgd,
       .learning_rate = 0.1});
}

}  // namespace bench
