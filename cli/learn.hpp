// From settings to the things that learn: net, loss, optimiser.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/optimiser.hpp>
#include <micrograd/train/safetensors.hpp>
#include <micrograd/train/trainer.hpp>
#include "config.hpp"

namespace micrograd::command {

/// What the settings and the data ask of the last layer, and how it is judged. Throws micrograd::UsageError
/// for a loss that does not fit the data.
struct Objective {
  std::string name;  ///< of the loss; never `auto`
  std::size_t outputs;
  micrograd::Loss loss;
};
Objective objective(const Config& config);

/// Throws micrograd::UsageError for a net of more parameters than fit into the memory of usual machines.
micrograd::MLP make_net(const Config& config);
/// The same for a run that has weights already. Throws micrograd::IoError, before it makes anything of the
/// sizes that the configuration claims, if the weights are not of these sizes.
micrograd::MLP make_net(const Config& config, const micrograd::SafeTensors& weights, const std::string& file);
std::unique_ptr<micrograd::Optimiser> make_optimiser(const Settings& settings,
                                                     std::vector<micrograd::Value> parameters);
micrograd::FitOptions fit_options(const Config& config);
/// How good the net is on these rows: judged as in training, so with the same bits.
micrograd::Evaluation judge(const Config& config, const Objective& objective, const micrograd::MLP& net,
                            const micrograd::Dataset& data);

}  // namespace micrograd::command
