// Nets and runs to tensors and back. Counters are stored as whole numbers and sums as the doubles they are.
#include <micrograd/train/checkpoint.hpp>

#include <string>
#include <unordered_map>
#include <utility>

#include <micrograd/error.hpp>
#include <micrograd/file.hpp>

namespace micrograd {
namespace {

constexpr const char* optimiser_prefix = "optimiser.";
constexpr const char* generator_name = "generator";
constexpr const char* counters_name = "progress.counters";
constexpr const char* sums_name = "progress.sums";
constexpr const char* standing_name = "progress.parameters";

std::string layer_name(std::size_t layer, const char* part) {
  return "layers." + std::to_string(layer) + "." + part;
}

/// The items of a tensor of this shape.
template <class Item>
const std::vector<Item>& items_of(const SafeTensors& content, const std::string& name,
                                  const std::vector<std::size_t>& shape, const std::string& file) {
  const auto words = [](const std::vector<std::size_t>& extents) {
    std::string text;
    for (const std::size_t extent : extents) text += (text.empty() ? "" : " x ") + std::to_string(extent);
    return text.empty() ? std::string("a single number") : text;
  };
  const Tensor* const tensor = content.find(name);
  if (tensor == nullptr) {
    throw IoError("load: " + file + ": tensor '" + name + "' is missing (got " +
                  std::to_string(content.tensors.size()) + " others, expected one of " + words(shape) + ")");
  }
  const auto* const items = std::get_if<std::vector<Item>>(&tensor->items);
  if (items != nullptr && tensor->shape == shape) return *items;
  throw IoError("load: " + file + ": tensor '" + name + "' does not fit (got " + words(tensor->shape) +
                (items == nullptr ? " of another kind" : "") + ", expected " + words(shape) + ")");
}

/// The parameters of the net, each with the number that `data_of` gives for it.
template <class DataOf>
SafeTensors parameters_with(const MLP& net, const DataOf& data_of) {
  SafeTensors content;
  for (std::size_t i = 0; i < net.layers().size(); ++i) {
    const Layer& layer = net.layers()[i];
    std::vector<double> weights, biases;
    for (const Neuron& neuron : layer.neurons()) {
      const std::vector<Value> parameters = neuron.parameters();  // the bias is the last
      for (std::size_t k = 0; k + 1 < parameters.size(); ++k) weights.push_back(data_of(parameters[k]));
      biases.push_back(data_of(parameters.back()));
    }
    content.tensors.push_back(
        {layer_name(i, "weight"), {layer.outputs(), layer.inputs()}, std::move(weights)});
    content.tensors.push_back({layer_name(i, "bias"), {layer.outputs()}, std::move(biases)});
  }
  return content;
}

/// The net as it was after the best epoch, and its parameters as they are; the net alone where no best epoch
/// is kept. Nothing of the net is changed.
SafeTensors best_of(const MLP& net, const Optimiser& optimiser, const Progress& progress) {
  if (progress.best_parameters.empty()) return parameters_of(net);
  const std::vector<Value>& learned = optimiser.parameters();
  if (progress.best_parameters.size() != learned.size()) {
    throw UsageError("save_checkpoint: the best parameters do not fit (got " +
                     std::to_string(progress.best_parameters.size()) + ", expected " +
                     std::to_string(learned.size()) + ")");
  }
  std::unordered_map<const engine::Node*, double> best;
  for (std::size_t i = 0; i < learned.size(); ++i)
    best.emplace(learned[i].node(), progress.best_parameters[i]);
  SafeTensors content = parameters_with(net, [&best](const Value& parameter) {
    const auto found = best.find(parameter.node());
    return found == best.end() ? parameter.data() : found->second;  // the optimiser is not given all
  });
  content.tensors.push_back({standing_name, {learned.size()}, optimiser.parameter_data()});
  return content;
}

}  // namespace

SafeTensors parameters_of(const MLP& net) {
  return parameters_with(net, [](const Value& parameter) { return parameter.data(); });
}

void set_parameters(const MLP& net, const SafeTensors& content, const std::string& file) {
  std::vector<std::pair<Value, double>> changes;  // made only once all is known to fit
  for (std::size_t i = 0; i < net.layers().size(); ++i) {
    const Layer& layer = net.layers()[i];
    const std::size_t inputs = layer.inputs();
    const auto& weights = items_of<double>(content, layer_name(i, "weight"), {layer.outputs(), inputs}, file);
    const auto& biases = items_of<double>(content, layer_name(i, "bias"), {layer.outputs()}, file);
    for (std::size_t n = 0; n < layer.outputs(); ++n) {
      const std::vector<Value> parameters = layer.neurons()[n].parameters();
      for (std::size_t k = 0; k < inputs; ++k) changes.emplace_back(parameters[k], weights[n * inputs + k]);
      changes.emplace_back(parameters.back(), biases[n]);
    }
  }
  for (const auto& [parameter, data] : changes) parameter.set_data(data);
}

void save_net(const MLP& net, const std::filesystem::path& file) {
  write_file(file, to_safetensors(parameters_of(net)));
}

void load_net(const MLP& net, const std::filesystem::path& file) {
  set_parameters(net, parse_safetensors(read_file(file), file.string()), file.string());
}

void save_checkpoint(const MLP& net, const Optimiser& optimiser, const Progress& progress,
                     const std::filesystem::path& file) {
  SafeTensors content = best_of(net, optimiser, progress);
  for (NamedState& state : optimiser.state()) {
    const std::size_t count = state.numbers.size();
    content.tensors.push_back({optimiser_prefix + state.name, {count}, std::move(state.numbers)});
  }
  const std::vector<std::uint64_t> generator = net.dropout_random().state();
  content.tensors.push_back({generator_name, {generator.size()}, generator});
  content.tensors.push_back(
      {counters_name,
       {4},
       std::vector<std::uint64_t>{progress.epochs, progress.row, progress.steps, progress.stale}});
  content.tensors.push_back(
      {sums_name, {3}, std::vector<double>{progress.loss_sum, progress.weight_sum, progress.best}});
  write_file(file, to_safetensors(content));
}

Progress load_checkpoint(const MLP& net, Optimiser& optimiser, const std::filesystem::path& file) {
  const std::string name = file.string();
  const SafeTensors content = parse_safetensors(read_file(file), name);
  const auto& counters = items_of<std::uint64_t>(content, counters_name, {4}, name);
  const auto& sums = items_of<double>(content, sums_name, {3}, name);
  const std::size_t words = net.dropout_random().state().size();
  const auto& generator = items_of<std::uint64_t>(content, generator_name, {words}, name);
  std::vector<NamedState> states = optimiser.state();
  for (NamedState& state : states) {
    state.numbers = items_of<double>(content, optimiser_prefix + state.name, {state.numbers.size()}, name);
  }
  try {
    optimiser.set_state(states);
    net.dropout_random().set_state(generator);
  } catch (const UsageError& error) {  // numbers that no run can have written
    throw IoError("load: " + name + ": " + error.what());
  }
  const std::size_t count = optimiser.parameters().size();
  const std::vector<double>* const standing = content.find(standing_name) != nullptr
                                                  ? &items_of<double>(content, standing_name, {count}, name)
                                                  : nullptr;
  set_parameters(net, content, name);
  std::vector<double> best;
  if (standing != nullptr) {
    best = optimiser.parameter_data();
    optimiser.set_parameter_data(*standing);
  }
  return {.epochs = counters[0],
          .row = counters[1],
          .steps = counters[2],
          .loss_sum = sums[0],
          .weight_sum = sums[1],
          .best = sums[2],
          .stale = counters[3],
          .best_parameters = std::move(best)};
}

}  // namespace micrograd
