// The functions a neuron may end in, by name.
#pragma once

#include <span>
#include <string_view>

#include <micrograd/engine/value.hpp>

namespace micrograd {

/// `leaky_relu` and `elu` are those of the table with their usual numbers: slope 0.01, scale 1.
enum class Activation { linear, relu, tanh, sigmoid, softplus, gelu, silu, leaky_relu, elu };

/// Every activation, in the order of the enumeration.
std::span<const Activation> activations();

/// As printed before "Neuron": "Linear", "ReLU", "Tanh".
std::string_view name(Activation activation);

/// The activation of that name, in upper or lower case: "relu", "Tanh". Throws UsageError for any other name;
/// the message lists all.
Activation activation_named(std::string_view name);

/// The activation of x: one node, or x itself for `linear`.
Value activate(Activation activation, const Value& x);

}  // namespace micrograd
