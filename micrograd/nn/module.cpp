// Names of parameters.
#include <micrograd/nn/module.hpp>

#include <utility>

#include <micrograd/error.hpp>

namespace micrograd {

std::vector<NamedParameter> Module::named_parameters() const {
  std::vector<NamedParameter> all;
  for (const Value& parameter : parameters()) {
    all.push_back({.name = "parameters." + std::to_string(all.size()), .value = parameter});
  }
  return all;
}

void Module::append_named(std::vector<NamedParameter>& all, const std::string& name, const Module& part) {
  for (NamedParameter& parameter : part.named_parameters()) {
    all.push_back({.name = name + '.' + parameter.name, .value = std::move(parameter.value)});
  }
}

std::vector<Value> parameters_named(const Module& module, std::string_view name) {
  const std::vector<NamedParameter> all = module.named_parameters();
  std::vector<Value> found;
  for (const NamedParameter& parameter : all) {
    const bool is_below = parameter.name.starts_with(name) && parameter.name.size() > name.size() &&
                          parameter.name[name.size()] == '.';
    if (is_below || parameter.name == name) found.push_back(parameter.value);
  }
  if (found.empty()) {
    const std::string range =
        all.empty() ? "but it has none" : all.front().name + " to " + all.back().name + " or a part of these";
    throw UsageError("parameters_named: no parameter has this name (got '" + std::string(name) +
                     "', expected one of " + range + ")");
  }
  return found;
}

}  // namespace micrograd
