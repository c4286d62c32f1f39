// How the weights of a new neuron are drawn. Biases always start at 0.
#pragma once

#include <cstddef>

#include <micrograd/nn/random.hpp>

namespace micrograd {

enum class Initialiser {
  uniform,  ///< uniform in [-1, 1), as in the original
  he,       ///< normal with variance 2 / inputs, for ReLU layers (He et al. 2015)
};

/// One weight of a neuron with `inputs` (at least 1) inputs.
double draw_weight(Initialiser initialiser, std::size_t inputs, Random& random);

}  // namespace micrograd
