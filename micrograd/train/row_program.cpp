// How a model and a loss that know nothing of columns become a function of columns.
#include <micrograd/train/row_program.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include <micrograd/compiler/plain_number.hpp>
#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>

namespace micrograd {
namespace {

using Values = std::span<const Value>;

/// The loss is traced for each class.
constexpr std::size_t most_classes = 1000;

/// Writes down who would draw, and lets all signals through.
class CountedFactors final : public DropoutFactors {
 public:
  std::span<const Value> factors(Dropout& dropout, std::size_t count) override {
    draws.push_back({.dropout = &dropout, .count = count});
    ones_.resize(count, Value(1.0));
    return ones_;
  }
  std::vector<Draw> draws;

 private:
  std::vector<Value> ones_;
};

/// Hands out columns.
class ColumnFactors final : public DropoutFactors {
 public:
  ColumnFactors(Values columns, std::span<const Draw> draws) : columns_(columns), draws_(draws) {}
  std::span<const Value> factors(Dropout& dropout, std::size_t count) override {
    const bool is_expected =
        next_ < draws_.size() && draws_[next_].dropout == &dropout && draws_[next_].count == count;
    if (!is_expected) throw UsageError("the model leaves out other signals each time that it is run");
    ++next_;
    const Values given = columns_.first(count);
    columns_ = columns_.subspan(count);
    return given;
  }

 private:
  Values columns_;
  std::span<const Draw> draws_;
  std::size_t next_ = 0;
};

std::vector<Draw> count_draws(const Task& task) {
  const NoGrad only_to_see;
  CountedFactors counted;
  const std::span<const double> row = task.data->row(0);
  task.model(Values(std::vector<Value>(row.begin(), row.end())));
  return std::move(counted.draws);
}

/// The optimiser's, and those of the model that it leaves alone.
std::vector<Value> all_parameters(const Task& task) {
  std::vector<Value> all = task.parameters;
  std::set<const engine::Node*> known;
  for (const Value& parameter : all) known.insert(parameter.node());
  for (const Value& parameter : task.model.parameters()) {
    if (known.insert(parameter.node()).second) all.push_back(parameter);
  }
  return all;
}

}  // namespace

Classes::Classes(const Task& task) {
  std::set<std::size_t> labels(task.data->labels.begin(), task.data->labels.end());
  if (task.held_out != nullptr) labels.insert(task.held_out->labels.begin(), task.held_out->labels.end());
  if (labels.size() > most_classes) {
    throw UsageError("there are too many classes to compile the loss for each (got " +
                     std::to_string(labels.size()) + ", expected at most " + std::to_string(most_classes) +
                     ")");
  }
  labels_.assign(labels.begin(), labels.end());
  for (std::size_t place = 0; place < labels_.size(); ++place) places_.emplace(labels_[place], place);
}

template <class Real>
RowProgram<Real>::RowProgram(const Task& task, const Classes& classes, Purpose purpose)
    : task_(task), classes_(classes), purpose_(purpose), parameters_(all_parameters(task)) {
  const Model::Mode mode(task.model, purpose == Purpose::learning);
  draws_ = count_draws(task);
  for (const Draw& draw : draws_) factors_ += draw.count;
  if (is_single && purpose == Purpose::learning) {
    singles_.assign(task.data->values.begin(), task.data->values.end());
  }
  CompileOptions options{.parameters = parameters_, .reduce = Reduce::none};
  // First to see whether plain numbers are drawn, counted or kept, and then to run.
  options.verify = true;
  compile_it(options);
  options.verify = false;
  compile_it(options);
  program_->prepare(purpose == Purpose::learning ? Want::seeded : Want::values);
}

template <class Real>
void RowProgram<Real>::compile_it(const CompileOptions& options) {
  const bool judging = purpose_ == Purpose::judging;
  const auto outputs_of = [this](Values x, Values y) {
    const ColumnFactors factors(y, draws_);
    std::vector<Value> outputs = task_.model(x);
    outputs_ = outputs.size();
    return outputs;
  };
  const auto results = [judging](Value loss, std::vector<Value> outputs) {
    std::vector<Value> all{std::move(loss)};
    if (judging) std::move(outputs.begin(), outputs.end(), std::back_inserter(all));
    return all;
  };
  const bool by_class = !task_.data->labels.empty();
  Signature signature{.inputs = task_.data->columns,
                      .targets = factors_ + (by_class ? 0U : 1U),
                      .indices = by_class ? 1U : 0U};
  const std::span<const double> first = task_.data->row(0);
  signature.sample.assign(first.begin(), first.end());
  signature.sample.resize(signature.inputs + factors_, 1.0);
  if (by_class) {
    signature.sample.push_back(static_cast<double>(classes_.place_of(task_.data->labels[0])));
    program_ = std::make_unique<Program<Real>>(compiler::compile_any<Real>(
        [this, outputs_of, results](Values x, Values y, compiler::Indices index) {
          const std::vector<Value> outputs = outputs_of(x, y);
          std::vector<Value> losses;
          losses.reserve(classes_.labels().size());
          for (const std::size_t label : classes_.labels()) {
            losses.push_back(task_.loss(outputs, Example{.label = label, .target = 0}));
          }
          return results(pick(losses, index[0]), outputs);
        },
        signature, options));
  } else {
    signature.sample.push_back(task_.data->targets[0]);
    program_ = std::make_unique<Program<Real>>(compiler::compile_plain<Real>(
        [this, outputs_of, results](Values x, Values y, double target) {
          const std::vector<Value> outputs = outputs_of(x, y);
          return results(task_.loss(outputs, Example{.label = 0, .target = target}), outputs);
        },
        signature, options));
  }
}

template <class Real>
std::size_t RowProgram<Real>::width() const {
  return task_.data->columns + factors_ + 1;
}

template <class Real>
Rows<const Real> RowProgram<Real>::table(const Dataset& data, std::span<const std::size_t> rows, bool draws) {
  table_.resize(rows.size() * width());
  Real* at = table_.data();
  for (const std::size_t row : rows) {
    if (!singles_.empty() && &data == task_.data) {
      at = std::copy_n(&singles_[row * data.columns], data.columns, at);
    } else {
      for (const double number : data.row(row)) *at++ = static_cast<Real>(number);
    }
    for (const Draw& draw : draws_) {
      const bool left_out = draws && draw.dropout->training();
      for (std::size_t i = 0; i < draw.count; ++i) {
        *at++ = left_out ? static_cast<Real>(draw.dropout->draw()) : Real{1};
      }
    }
    *at++ = data.labels.empty() ? static_cast<Real>(data.targets[row])
                                : static_cast<Real>(classes_.place_of(data.labels[row]));
  }
  return {table_.data(), rows.size(), width()};
}

template <class Real>
std::vector<double> RowProgram<Real>::plain_results(std::size_t row) const {
  const NoGrad answers_only;
  CountedFactors all_ones;
  const std::vector<Value> outputs = task_.model(task_.data->row(row));
  std::vector<double> results{task_.loss(outputs, example(*task_.data, row)).data()};
  for (const Value& output : outputs) results.push_back(output.data());
  return results;
}

namespace {

constexpr std::size_t checked_at_most = 4096;

/// Rows here and there, those with the smallest and the largest target among them.
std::vector<double> some_targets(const Task& task) {
  std::vector<double> some;
  for (const Dataset* data : {task.data, task.held_out}) {
    if (data == nullptr || data->targets.empty()) continue;
    const std::vector<double>& all = data->targets;
    const auto [least, most] = std::ranges::minmax_element(all);
    some.insert(some.end(), {*least, *most});
    const std::size_t stride = (all.size() + checked_at_most - 1) / checked_at_most;
    for (std::size_t row = 0; row < all.size(); row += stride) some.push_back(all[row]);
  }
  return some;
}

bool are_close(double x, double y) {
  if (std::isnan(x) || std::isnan(y)) return std::isnan(x) && std::isnan(y);
  return x == y || std::abs(x - y) <= 1e-9 * (std::abs(x) + std::abs(y));
}

}  // namespace

void check_loss_of_numbers(const Task& task, std::size_t outputs) {
  const std::vector<double> targets = some_targets(task);
  // Answers on either side of the target, near and far.
  constexpr std::array<double, 5> how_far{0.37, -0.61, 2.9, -7.3, 0.05};
  std::vector<double> table;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    for (std::size_t k = 0; k < outputs; ++k) {
      table.push_back(targets[i] + (1 + std::abs(targets[i])) * how_far[(i + 2 * k) % how_far.size()]);
    }
    table.push_back(targets[i]);
  }
  const std::size_t width = outputs + 1;
  const Program<double> program = compiler::compile_plain<double>(
      [&task](Values x, Values /*y*/, double target) {
        return std::vector<Value>{task.loss(x, Example{.label = 0, .target = target})};
      },
      {.inputs = outputs,
       .targets = 1,
       .sample = {table.begin(), table.begin() + static_cast<std::ptrdiff_t>(width)}},
      {.parameters = all_parameters(task)});
  std::vector<double> found(targets.size());
  program.run({table.data(), targets.size(), width}, found);
  const NoGrad answers_only;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const double* const row = &table[i * width];
    const std::vector<Value> answers(row, row + outputs);
    const double expected = task.loss(answers, Example{.label = 0, .target = targets[i]}).data();
    if (are_close(found[i], expected)) continue;
    throw UsageError("the loss does other things for other targets (got " +
                     engine::describe_number(found[i]) + " for the target " +
                     engine::describe_number(targets[i]) + ", expected " + engine::describe_number(expected) +
                     "); compute with Values alone");
  }
}

template class RowProgram<float>;
template class RowProgram<double>;

}  // namespace micrograd
