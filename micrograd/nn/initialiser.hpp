// How the weights of a new neuron are drawn. Biases always start at 0.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <micrograd/nn/random.hpp>

namespace micrograd {

enum class Initialiser {
  uniform,        ///< uniform in [-1, 1), as in the original
  he,             ///< normal with variance 2 / inputs, for ReLU layers (He et al. 2015)
  xavier,         ///< uniform with variance 2 / (inputs + outputs), for tanh layers (Glorot and Bengio 2010)
  xavier_normal,  ///< normal with that variance
};

/// Every initialiser, in the order of the enumeration.
std::span<const Initialiser> initialisers();

/// As on a command line: "uniform", "he", "xavier", "xavier_normal".
std::string_view name(Initialiser initialiser);

/// The initialiser of that name, in upper or lower case. Throws UsageError for any other name; the message
/// lists all.
Initialiser initialiser_named(std::string_view name);

/// One weight of a neuron with `inputs` (at least 1) inputs in a layer of `outputs` neurons.
double draw_weight(Initialiser initialiser, std::size_t inputs, Random& random, std::size_t outputs = 1);

}  // namespace micrograd
