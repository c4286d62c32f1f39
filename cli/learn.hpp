// From settings to the things that learn: data, net, loss, optimiser.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/dataset.hpp>
#include <micrograd/train/optimiser.hpp>
#include <micrograd/train/safetensors.hpp>
#include <micrograd/train/trainer.hpp>
#include "config.hpp"

namespace micrograd::command {

/// Where the data sets of this project lie: MICROGRAD_DATA in the environment, the source tree, or where they
/// were installed; the first that exists.
std::filesystem::path data_folder();

struct Data {
  micrograd::Dataset train;     ///< standardised as `shape` says
  micrograd::Dataset held_out;  ///< no rows if none are held out
  DataShape shape;
};

/// Loads, divides and standardises what the settings name. Throws micrograd::Error.
Data load_data(const Settings& settings);

/// What the setting `data` is called so that it is found from any folder: a file by its whole path.
std::string lasting_name(const std::string& data);
/// What people are shown of it: of a path the last part.
std::string shown_name(const std::string& data);

/// The data of a run; `moved_to`, unless empty, is where its file is now. Throws micrograd::UsageError if it
/// is not what it was when the run began.
Data load_same_data(const Config& config, const std::string& moved_to = {});

/// Rows to be put before the net of a run. An empty `source` means the rows that were held out; otherwise a
/// file, read as the run's own data was. Rows of a file may lack what is to be predicted.
micrograd::Dataset load_more(const Config& config, const std::string& source);

/// What the settings and the data ask of the last layer, and how it is judged. Throws micrograd::UsageError
/// for a loss that does not fit the data.
struct Objective {
  std::string name;  ///< of the loss; never `auto`
  std::size_t outputs;
  micrograd::Loss loss;
};
Objective objective(const Config& config);

micrograd::MLP make_net(const Config& config);
/// The same for a run that has weights already. Throws micrograd::IoError, before it makes anything of the
/// sizes that the configuration claims, if the weights are not of these sizes.
micrograd::MLP make_net(const Config& config, const micrograd::SafeTensors& weights, const std::string& file);
std::unique_ptr<micrograd::Optimiser> make_optimiser(const Settings& settings,
                                                     std::vector<micrograd::Value> parameters);
micrograd::FitOptions fit_options(const Config& config);

}  // namespace micrograd::command
