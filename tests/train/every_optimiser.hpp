// Every optimiser with options that make it remember and decay all it can, and steps to take with it.
#pragma once

#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <micrograd/error.hpp>
#include <micrograd/train/optimiser.hpp>

namespace micrograd::testing {

/// What `call` throws as a UsageError, or "no error".
template <class Call>
std::string usage_error(const Call& call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

inline std::vector<double> numbers(const std::vector<Value>& values) {
  std::vector<double> result;
  result.reserve(values.size());
  for (const Value& value : values) result.push_back(value.data());
  return result;
}

using Make = std::function<std::unique_ptr<Optimiser>(const std::vector<ParameterGroup>&)>;

/// Every optimiser, with all that could move a parameter without a gradient.
inline const std::map<std::string, Make>& every_optimiser() {
  static const std::map<std::string, Make> all{
      {"SGD",
       [](const auto& groups) { return std::make_unique<SGD>(groups, SGDOptions{.weight_decay = 0.1}); }},
      {"SGD with momentum",
       [](const auto& groups) {
         return std::make_unique<SGD>(groups,
                                      SGDOptions{.momentum = 0.9, .dampening = 0.5, .weight_decay = 0.1});
       }},
      {"SGD with Nesterov's momentum",
       [](const auto& groups) {
         return std::make_unique<SGD>(groups,
                                      SGDOptions{.momentum = 0.9, .nesterov = true, .weight_decay = 0.1});
       }},
      {"RMSProp", [](const auto& groups) { return std::make_unique<RMSProp>(groups); }},
      {"RMSProp with all",
       [](const auto& groups) {
         return std::make_unique<RMSProp>(
             groups, RMSPropOptions{.momentum = 0.9, .centred = true, .weight_decay = 0.1});
       }},
      {"Adam",
       [](const auto& groups) { return std::make_unique<Adam>(groups, AdamOptions{.weight_decay = 0.1}); }},
      {"AdamW",
       [](const auto& groups) { return std::make_unique<AdamW>(groups, AdamWOptions{.weight_decay = 0.1}); }},
  };
  return all;
}

/// Gradients for step `step`, different for each parameter.
inline void set_gradients(const std::vector<Value>& parameters, int step) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i].set_grad(std::sin(3.0 * step + static_cast<double>(i) + 1));
  }
}

inline void take_steps(Optimiser& optimiser, const std::vector<Value>& parameters, int first, int last) {
  for (int step = first; step < last; ++step) {
    set_gradients(parameters, step);
    optimiser.step();
  }
}

}  // namespace micrograd::testing
