// Each activation with its name and its function: the one place that lists them.
#include <micrograd/nn/activation.hpp>

#include <array>
#include <cstddef>

#include <micrograd/nn/name.hpp>

namespace micrograd {
namespace {

struct Entry {
  Activation activation;
  std::string_view name;
  Value (*function)(const Value&);
};

constexpr std::array entries{
    Entry{Activation::linear, "Linear", [](const Value& x) { return x; }},
    Entry{Activation::relu, "ReLU", [](const Value& x) { return relu(x); }},
    Entry{Activation::tanh, "Tanh", [](const Value& x) { return tanh(x); }},
    Entry{Activation::sigmoid, "Sigmoid", [](const Value& x) { return sigmoid(x); }},
    Entry{Activation::softplus, "Softplus", [](const Value& x) { return softplus(x); }},
    Entry{Activation::gelu, "GELU", [](const Value& x) { return gelu(x); }},
    Entry{Activation::silu, "SiLU", [](const Value& x) { return silu(x); }},
    Entry{Activation::leaky_relu, "LeakyReLU", [](const Value& x) { return leaky_relu(x); }},
    Entry{Activation::elu, "ELU", [](const Value& x) { return elu(x); }},
};

constexpr auto listed = [] {
  std::array<Activation, entries.size()> result{};
  for (std::size_t i = 0; i < entries.size(); ++i) result[i] = entries[i].activation;
  return result;
}();

// The table is looked up by position.
static_assert([] {
  for (std::size_t i = 0; i < listed.size(); ++i) {
    if (static_cast<std::size_t>(listed[i]) != i) return false;
  }
  return true;
}());

const Entry& entry(Activation activation) { return entries[static_cast<std::size_t>(activation)]; }

}  // namespace

std::span<const Activation> activations() { return listed; }

std::string_view name(Activation activation) { return entry(activation).name; }

Activation activation_named(std::string_view name) {
  return entry_named("activation", entries, name).activation;
}

Value activate(Activation activation, const Value& x) { return entry(activation).function(x); }

}  // namespace micrograd
