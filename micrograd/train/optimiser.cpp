// What all optimisers have in common: groups, frozen parameters, the state.
#include <micrograd/train/optimiser.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_set>
#include <utility>

#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/leaves.hpp>
#include <micrograd/error.hpp>

namespace micrograd {
namespace {

bool is_rate(double x) { return std::isfinite(x) && x >= 0; }

const NamedState& find_state(std::span<const NamedState> state, const NamedState& expected) {
  const NamedState* found = nullptr;
  for (const NamedState& given : state) {
    if (given.name != expected.name) continue;
    if (found != nullptr) {
      throw UsageError("set_state: a name comes twice (got '" + given.name + "' again, expected it once)");
    }
    found = &given;
  }
  if (found == nullptr) {
    throw UsageError("set_state: a part of the state is missing (got " + std::to_string(state.size()) +
                     " other names, expected '" + expected.name + "')");
  }
  if (found->numbers.size() != expected.numbers.size()) {
    throw UsageError("set_state: '" + expected.name + "' has the wrong size (got " +
                     std::to_string(found->numbers.size()) + " numbers, expected " +
                     std::to_string(expected.numbers.size()) + ")");
  }
  return *found;
}

void check_names(std::span<const NamedState> state, const std::vector<NamedState>& expected) {
  for (const NamedState& given : state) {
    std::string known;
    bool is_known = false;
    for (const NamedState& one : expected) {
      is_known = is_known || one.name == given.name;
      known += (known.empty() ? "" : ", ") + one.name;
    }
    if (!is_known) {
      throw UsageError("set_state: this optimiser remembers nothing of the kind (got '" + given.name +
                       "', expected " + known + "); was it saved by another one, or with other options?");
    }
  }
}

}  // namespace

namespace {

/// The exponent of what is not finite is all ones; in whole numbers, so that it becomes a few vector
/// instructions.
template <class Whole, Whole exponent, class Real> bool no_exponent_is(std::span<const Real> numbers) {
  Whole found = 0;
  for (const Real number : numbers) {
    found |= (std::bit_cast<Whole>(number) & exponent) == exponent ? 1U : 0U;
  }
  return found == 0;
}

}  // namespace

bool all_finite(std::span<const double> numbers) {
  return no_exponent_is<std::uint64_t, 0x7ff0000000000000U>(numbers);
}
bool all_finite(std::span<const float> numbers) {
  return no_exponent_is<std::uint32_t, 0x7f800000U>(numbers);
}

std::vector<double> Optimiser::Memory::in_double() const {
  return singles.empty() ? numbers : std::vector<double>(singles.begin(), singles.end());
}

std::span<double> Optimiser::numbers(std::size_t memory) {
  Memory& kept = memories_[memory];
  if (!kept.singles.empty()) kept.numbers = kept.in_double();
  kept.singles.clear();
  return kept.numbers;
}

std::span<float> Optimiser::singles(std::size_t memory) {
  Memory& kept = memories_[memory];
  if (kept.singles.empty()) kept.singles.assign(kept.numbers.begin(), kept.numbers.end());
  return kept.singles;
}

Optimiser::Optimiser(std::vector<Value> parameters, double learning_rate)
    : Optimiser("Optimiser", {ParameterGroup{.parameters = std::move(parameters)}}, learning_rate, 0, {}) {}

Optimiser::Optimiser(const char* optimiser, const std::vector<ParameterGroup>& groups, double learning_rate,
                     double weight_decay, std::vector<Memory> memories)
    : memories_(std::move(memories)) {
  set_learning_rate(learning_rate);
  const std::string name = optimiser;
  check_option(name + ": weight_decay", weight_decay, is_rate(weight_decay), "a finite number, 0 or more");
  for (const ParameterGroup& group : groups) add_group(name, group, weight_decay);
  check_parameters(name);
  frozen_.resize(parameters_.size(), false);
  for (Memory& memory : memories_) memory.numbers.resize(parameters_.size(), 0.0);
}

void Optimiser::add_group(const std::string& optimiser, const ParameterGroup& group, double weight_decay) {
  const double decay = group.weight_decay.value_or(weight_decay);
  const char* const expected = "a finite number, 0 or more";
  check_option(optimiser + ": a group's rate_factor", group.rate_factor, is_rate(group.rate_factor),
               expected);
  check_option(optimiser + ": a group's weight_decay", decay, is_rate(decay), expected);
  const std::size_t first = parameters_.size();
  parameters_.insert(parameters_.end(), group.parameters.begin(), group.parameters.end());
  groups_.push_back(
      {.first = first, .last = parameters_.size(), .rate_factor = group.rate_factor, .weight_decay = decay});
}

void Optimiser::check_parameters(const std::string& optimiser) const {
  std::unordered_set<const engine::Node*> seen;
  seen.reserve(parameters_.size());
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Value& parameter = parameters_[i];
    if (!seen.insert(parameter.node()).second) {
      throw UsageError(optimiser + ": a parameter is listed twice (got it again as number " +
                       std::to_string(i) + " from 0, expected each once)");
    }
    if (!parameter.op().empty()) {
      throw UsageError(optimiser + ": only leaves can be moved (got the result of " +
                       std::string(parameter.op()) + " as number " + std::to_string(i) +
                       " from 0, expected a leaf)");
    }
  }
}

void Optimiser::check_option(const std::string& what, double got, bool in_range, const char* expected) {
  if (in_range) return;
  throw UsageError(what + " is out of range (got " + engine::describe_number(got) + ", expected " + expected +
                   ")");
}

void Optimiser::zero_grad() const { write_grads(parameters_, 0); }

void Optimiser::step() {
  data_.resize(parameters_.size());
  grads_.resize(parameters_.size());
  read_leaves(parameters_, data_, grads_);
  if (step_on(data_, grads_)) write_data(parameters_, data_);
}

bool Optimiser::step_on(std::span<double> /*data*/, std::span<const double> /*grads*/) { return false; }
bool Optimiser::step_on(std::span<float> data, std::span<const float> grads) {
  std::vector<double> wide(data.begin(), data.end());
  if (!step_on(wide, std::vector<double>(grads.begin(), grads.end()))) return false;
  std::ranges::transform(wide, data.begin(), [](double number) { return static_cast<float>(number); });
  return true;
}

void Optimiser::set_learning_rate(double rate) {
  check_option("set_learning_rate: the rate", rate, is_rate(rate), "a finite number, 0 or more");
  learning_rate_ = rate;
}

template <class Real> void Optimiser::check_gradients(std::span<const Real> grads) const {
  if (all_finite(grads)) return;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const auto grad = static_cast<double>(grads[i]);
    if (std::isfinite(grad) || frozen_[i]) continue;
    throw UsageError("step: the gradient of parameter " + std::to_string(i) + " from 0 is not finite (got " +
                     engine::describe_number(grad) +
                     ", expected a finite number); a smaller learning rate may help, and AnomalyMode finds "
                     "the operation");
  }
}

template void Optimiser::check_gradients(std::span<const double> grads) const;
template void Optimiser::check_gradients(std::span<const float> grads) const;

std::vector<Value> Optimiser::trainable_parameters() const {
  std::vector<Value> trainable;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!frozen_[i]) trainable.push_back(parameters_[i]);
  }
  return trainable;
}

std::size_t Optimiser::index_of(const char* function, const Value& parameter) const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (same_node(parameters_[i], parameter)) return i;
  }
  throw UsageError(std::string(function) + ": this is not a parameter of the optimiser (got a Value of " +
                   engine::describe_number(parameter.data()) + ", expected one of its " +
                   std::to_string(parameters_.size()) + " parameters)");
}

std::vector<double> Optimiser::parameter_data() const {
  std::vector<double> data(parameters_.size());
  read_data(parameters_, data);
  return data;
}

void Optimiser::set_parameter_data(std::span<const double> data) const {
  if (data.size() != parameters_.size()) {
    throw UsageError("set_parameter_data: the sizes differ (got " + std::to_string(data.size()) +
                     " numbers, expected " + std::to_string(parameters_.size()) + ")");
  }
  write_data(parameters_, data);
}

bool Optimiser::is_frozen(const Value& parameter) const { return frozen_[index_of("is_frozen", parameter)]; }

void Optimiser::set_frozen(const char* function, std::span<const Value> parameters, bool frozen) {
  std::unordered_set<const engine::Node*> wanted;
  for (const Value& parameter : parameters) wanted.insert(parameter.node());
  std::vector<bool> result = frozen_;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (wanted.erase(parameters_[i].node()) != 0) result[i] = frozen;
  }
  if (!wanted.empty()) {
    for (const Value& parameter : parameters) static_cast<void>(index_of(function, parameter));
  }
  frozen_ = std::move(result);
  any_frozen_ = std::ranges::find(frozen_, true) != frozen_.end();
}

std::vector<NamedState> Optimiser::state() const {
  std::vector<NamedState> all;
  all.push_back({.name = "learning_rate", .numbers = {learning_rate_}});
  all.push_back({.name = "frozen", .numbers = {frozen_.begin(), frozen_.end()}});
  for (const Memory& memory : memories_) all.push_back({.name = memory.name, .numbers = memory.in_double()});
  return all;
}

void Optimiser::set_state(std::span<const NamedState> state) {
  const std::vector<NamedState> expected = this->state();
  check_names(state, expected);
  const std::vector<double>& rate = find_state(state, expected[0]).numbers;
  check_option("set_state: 'learning_rate'", rate[0], is_rate(rate[0]), "a finite number, 0 or more");
  const std::vector<double>& frozen = find_state(state, expected[1]).numbers;
  for (const double x : frozen) check_option("set_state: 'frozen'", x, x == 0 || x == 1, "0 or 1");
  std::vector<Memory> memories = memories_;
  for (std::size_t i = 0; i < memories.size(); ++i) {
    Memory& memory = memories[i];
    memory.singles.clear();
    memory.numbers = find_state(state, expected[i + 2]).numbers;
    for (const double x : memory.numbers) {
      const bool is_right = memory.range == Range::any || (x >= 0 && memory.range == Range::not_negative) ||
                            (x >= 0 && std::isfinite(x) && x == std::floor(x));
      check_option("set_state: '" + std::string(memory.name) + "'", x, is_right,
                   memory.range == Range::count ? "a whole number, 0 or more" : "0 or more");
    }
  }
  memories_ = std::move(memories);
  learning_rate_ = rate[0];
  for (std::size_t i = 0; i < frozen.size(); ++i) frozen_[i] = frozen[i] != 0;
  any_frozen_ = std::ranges::find(frozen_, true) != frozen_.end();
}

}  // namespace micrograd
