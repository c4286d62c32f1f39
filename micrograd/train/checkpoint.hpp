// A net, and a training run, as named arrays: weights as one matrix and one vector a layer, the optimiser's
// state, where the run stands. What is written and read back gives the same bits.
#pragma once

#include <filesystem>

#include <micrograd/nn/mlp.hpp>
#include <micrograd/train/optimiser.hpp>
#include <micrograd/train/safetensors.hpp>
#include <micrograd/train/trainer.hpp>

namespace micrograd {

/// `layers.0.weight` of shape (outputs, inputs), `layers.0.bias` of shape (outputs), and so on.
SafeTensors parameters_of(const MLP& net);
/// Sets the parameters of `net`. Throws IoError, naming `file`, if a tensor is missing, of another shape, or
/// not F64; `net` is then as it was.
void set_parameters(const MLP& net, const SafeTensors& content, const std::string& file);

/// A net alone. They throw IoError as write_file, read_file, parse_safetensors and set_parameters do.
void save_net(const MLP& net, const std::filesystem::path& file);
void load_net(const MLP& net, const std::filesystem::path& file);

/// Everything that a run needs to go on: the net, its generator, the optimiser, where it stands. Where
/// `patience` keeps the best epoch's net, `layers.…` are that net, for whoever uses it, and
/// `progress.parameters` are what the run goes on with. Throws UsageError if `progress` is not of this
/// optimiser, and IoError as write_file does; net and optimiser are not changed.
void save_checkpoint(const MLP& net, const Optimiser& optimiser, const Progress& progress,
                     const std::filesystem::path& file);
/// Sets the net and the optimiser as they were and says where the run stood. Throws IoError for a file that
/// cannot be read or does not fit them; both may then have been changed in part.
Progress load_checkpoint(const MLP& net, Optimiser& optimiser, const std::filesystem::path& file);

}  // namespace micrograd
