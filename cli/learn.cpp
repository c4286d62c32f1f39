// The settings' words, each turned into what it names.
#include "learn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include <micrograd/error.hpp>
#include <micrograd/nn/loss.hpp>
#include "setting_words.hpp"

namespace micrograd::command {
namespace {

using micrograd::UsageError;
using micrograd::Value;
using Outputs = std::span<const Value>;

}  // namespace

Objective objective(const Config& config) {
  const std::size_t classes = config.data.csv.classes.size();
  std::string name = config.settings.loss;
  if (name == "auto") name = classes > 0 ? "cross-entropy" : "mse";
  constexpr std::array<std::string_view, 3> for_classes{"cross-entropy", "binary-cross-entropy", "hinge"};
  constexpr std::array<std::string_view, 3> for_numbers{"mse", "mae", "huber"};
  const auto is_one_of = [&name](const auto& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (!is_one_of(for_classes) && !is_one_of(for_numbers)) {
    throw UsageError("loss: no such loss (got '" + name + "', expected " + listed_words_for("loss") + ")");
  }
  if (is_one_of(for_classes) != (classes > 0)) {
    throw UsageError(
        fmt::format("loss: it does not fit the data (got '{}' and {}, expected {})", name,
                    classes > 0 ? fmt::format("{} classes", classes) : "numbers to predict",
                    classes > 0 ? "cross-entropy, binary-cross-entropy or hinge" : "mse, mae or huber"));
  }
  if (classes == 1) {
    throw UsageError("train: there is nothing to tell apart (got one class, '" + config.data.csv.classes[0] +
                     "', expected two or more)");
  }
  if (name == "binary-cross-entropy" && classes != 2) {
    throw UsageError(
        fmt::format("loss: binary-cross-entropy is for two classes (got {}); use cross-entropy", classes));
  }
  if (name == "cross-entropy") return {name, classes, micrograd::cross_entropy};
  if (name == "binary-cross-entropy") {
    return {name, 1, [](Outputs outputs, std::size_t label) {
              return micrograd::binary_cross_entropy(outputs[0], static_cast<double>(label));
            }};
  }
  if (name == "hinge" && classes == 2) {
    return {name, 1, [](Outputs outputs, std::size_t label) {
              return micrograd::hinge(outputs[0], label == 1 ? 1 : -1);
            }};
  }
  if (name == "hinge") return {name, classes, micrograd::multiclass_hinge};
  if (name == "mse") {
    return {name, 1,
            [](Outputs outputs, double target) { return micrograd::squared_error(outputs[0], target); }};
  }
  if (name == "mae") {
    return {name, 1,
            [](Outputs outputs, double target) { return micrograd::absolute_error(outputs[0], target); }};
  }
  return {name, 1, [](Outputs outputs, double target) { return micrograd::huber(outputs[0], target); }};
}

namespace {

std::vector<std::size_t> widths_of(const Config& config) {
  std::vector<std::size_t> widths = config.settings.model;
  widths.push_back(objective(config).outputs);
  return widths;
}

/// Before a net is made whose size nothing but a setting or a file of a few bytes says.
void check_size(std::size_t inputs, const std::vector<std::size_t>& widths) {
  constexpr double most_parameters = 50e6;
  double parameters = 0;  // as a whole number it could overflow
  auto before = static_cast<double>(inputs);
  for (const std::size_t width : widths) {
    parameters += (before + 1) * static_cast<double>(width);
    before = static_cast<double>(width);
  }
  if (parameters <= most_parameters) return;
  throw UsageError(fmt::format("model: the net is too large (got {:g} parameters, expected at most {:.0f})",
                               parameters, most_parameters));
}

/// One for each layer: the hidden ones' as the setting says, and of the last none.
std::vector<micrograd::Activation> activations_of(const Settings& settings) {
  std::vector<micrograd::Activation> activations;
  std::istringstream names(settings.activation + ",");
  for (std::string name; std::getline(names, name, ',');) {
    activations.push_back(micrograd::activation_named(name));
  }
  const std::size_t hidden = settings.model.size();
  if (activations.size() == 1) {
    activations.assign(hidden, activations.front());
  } else if (activations.size() != hidden) {
    throw UsageError(
        fmt::format("activation: not one for each hidden layer (got {} in '{}', expected 1 for all, or {} as "
                    "in --model {})",
                    activations.size(), settings.activation, hidden, fmt::join(settings.model, ",")));
  }
  activations.push_back(micrograd::Activation::linear);
  return activations;
}

}  // namespace

micrograd::MLP make_net(const Config& config, const micrograd::SafeTensors& weights,
                        const std::string& file) {
  std::size_t inputs = config.data.csv.columns();
  std::size_t layer = 0;
  for (const std::size_t width : widths_of(config)) {
    const micrograd::Tensor* const tensor = weights.find(fmt::format("layers.{}.weight", layer++));
    if (tensor == nullptr || tensor->shape != std::vector<std::size_t>{width, inputs}) {
      throw micrograd::IoError(
          fmt::format("{}: its weights are not those of config.json (got {}, expected {} x {} in layer {})",
                      file, tensor == nullptr ? "none" : fmt::format("{}", fmt::join(tensor->shape, " x ")),
                      width, inputs, layer));
    }
    inputs = width;
  }
  return make_net(config);
}

micrograd::MLP make_net(const Config& config) {
  const std::vector<std::size_t> widths = widths_of(config);
  check_size(config.data.csv.columns(), widths);
  return micrograd::MLP(config.data.csv.columns(), widths,
                        {.initialiser = micrograd::initialiser_named(config.settings.init),
                         .seed = config.settings.seed,
                         .activations = activations_of(config.settings),
                         .dropout = config.settings.dropout});
}

std::unique_ptr<micrograd::Optimiser> make_optimiser(const Settings& settings,
                                                     std::vector<Value> parameters) {
  using namespace micrograd;
  const std::string& name = settings.optimizer;
  const double rate = settings.lr, decay = settings.weight_decay;
  if (name == "sgd" || name == "nesterov") {
    return std::make_unique<SGD>(std::move(parameters), SGDOptions{.learning_rate = rate,
                                                                   .momentum = settings.momentum,
                                                                   .nesterov = name == "nesterov",
                                                                   .weight_decay = decay});
  }
  if (name == "rmsprop") {
    return std::make_unique<RMSProp>(
        std::move(parameters),
        RMSPropOptions{.learning_rate = rate, .momentum = settings.momentum, .weight_decay = decay});
  }
  if (name == "adam") {
    return std::make_unique<Adam>(std::move(parameters),
                                  AdamOptions{.learning_rate = rate, .weight_decay = decay});
  }
  if (name == "adamw") {
    return std::make_unique<AdamW>(std::move(parameters),
                                   AdamWOptions{.learning_rate = rate, .weight_decay = decay});
  }
  throw UsageError("optimizer: no such optimiser (got '" + name + "', expected " +
                   listed_words_for("optimizer") + ")");
}

namespace {

micrograd::Precision precision_of(const Settings& settings) {
  if (settings.precision == "double") return micrograd::Precision::float64;
  if (settings.precision == "single") return micrograd::Precision::float32;
  throw UsageError("precision: no such precision (got '" + settings.precision + "', expected " +
                   listed_words_for("precision") + ")");
}

}  // namespace

micrograd::Evaluation judge(const Config& config, const Objective& objective, const micrograd::MLP& net,
                            const micrograd::Dataset& data) {
  const std::vector<double>& weights = config.data.class_weights;
  if (config.settings.eager) return micrograd::evaluate(net, data, objective.loss, weights);
  micrograd::check_answers("evaluate", data);
  const micrograd::Task task{.model = net,
                             .loss = objective.loss,
                             .parameters = net.parameters(),
                             .data = &data,
                             .class_weights = weights};
  return best_step(task, precision_of(config.settings), micrograd::Purpose::judging)->evaluate(data);
}

micrograd::FitOptions fit_options(const Config& config) {
  const Settings& settings = config.settings;
  micrograd::FitOptions options{.epochs = settings.epochs,
                                .batch_size = settings.batch,
                                .accumulate = settings.accumulate,
                                .seed = settings.seed,
                                .schedule = micrograd::parse_schedule(settings.schedule),
                                .l1 = settings.l1,
                                .l2 = settings.l2,
                                .class_weights = config.data.class_weights,
                                .patience = settings.patience,
                                .eager = settings.eager,
                                .precision = precision_of(settings)};
  if (settings.clip_value > 0) options.clip_value = settings.clip_value;
  if (settings.clip_norm > 0) options.clip_norm = settings.clip_norm;
  return options;
}

}  // namespace micrograd::command
