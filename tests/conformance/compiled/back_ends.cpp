// How each back end is asked.
#include "back_ends.hpp"

#include <optional>

#include <micrograd/compiler/derive.hpp>
#include <micrograd/compiler/interpret.hpp>
#include <micrograd/compiler/simplify.hpp>
#include <micrograd/compiler/trace.hpp>

#include "../../compiler/c_library.hpp"

namespace conformance {

using micrograd::Rows;
using Span = std::span<const Value>;
using Indices = std::span<const Index>;

namespace {

/// A table of `columns` numbers for each row.
template <class Real, class F>
std::vector<Real> table(std::size_t rows, std::size_t columns, F number) {
  std::vector<Real> numbers(rows * columns);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) numbers[i * columns + j] = static_cast<Real>(number(i, j));
  }
  return numbers;
}

/// A row as programs take it: inputs, the target if wanted, indices.
std::vector<double> row_of(const Point& point, std::optional<double> target = {}) {
  std::vector<double> row = point.inputs;
  if (target) row.push_back(*target);
  for (const Index& index : point.indices) row.push_back(static_cast<double>(index.value()));
  return row;
}

template <class Real> std::vector<Real> rows_of(const Case<Real>& given, bool with_target) {
  std::vector<Real> numbers;
  for (std::size_t i = 0; i < given.rows(); ++i) {
    const std::optional<double> target = with_target ? std::optional(given.target_of(i)) : std::nullopt;
    for (const double number : row_of(given.point(i), target)) numbers.push_back(static_cast<Real>(number));
  }
  return numbers;
}

template <class Real> auto compiled(const Case<Real>& given) {
  return micrograd::compile<Real>(
      [&given](Span x, Indices indices) { return given.function(x, indices); },
      {.inputs = given.inputs(), .indices = random_programs::indices, .sample = row_of(given.point(0))},
      given.options());
}

template <class Real> auto compiled_loss(const Case<Real>& given) {
  return micrograd::compile<Real>(
      [&given](Span x, Span y, Indices indices) { return given.loss(x, y, indices); },
      {.inputs = given.inputs(),
       .targets = 1,
       .indices = random_programs::indices,
       .sample = row_of(given.point(0), 1)},
      given.options());
}

template <class Real> bool has_loss(const Case<Real>& given) {
  return given.rows() > 0 && !given.parameters().empty();
}

}  // namespace

// ---- the engine

Found Eager::run(const Case<double>& given) const {
  Found found;
  std::vector<Value> losses;
  std::vector<double> weights;
  for (std::size_t i = 0; i < given.rows(); ++i) {
    const Point& point = given.point(i);
    const std::vector<Value> x(point.inputs.begin(), point.inputs.end());
    const std::vector<Value> outputs = given.function(x, point.indices);
    const auto append_slopes = [&x](std::vector<double>& to) {
      for (const Value& leaf : x) {
        to.push_back(leaf.grad());
        leaf.set_grad(0);
      }
    };
    std::vector<double> seeds;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      found.values.push_back(outputs[k].data());
      outputs[k].backward();
      append_slopes(found.slopes);
      seeds.push_back(given.seed_of(i, k));
    }
    micrograd::backward(outputs, seeds);
    append_slopes(found.vjp);
    const Value target = given.target_of(i);
    losses.push_back(given.loss(x, std::span(&target, 1), point.indices));
    weights.push_back(given.weight_of(i) / given.target_of(i));
  }
  if (!has_loss(given)) return found;
  for (const Value& parameter : given.parameters()) parameter.set_grad(0);
  const Value reduced = dot(losses, weights);
  reduced.backward();
  found.reduced.push_back(reduced.data());
  for (const Value& parameter : given.parameters()) found.reduced.push_back(parameter.grad());
  return found;
}

// ---- the interpreter

Found Interpreter::run(const Case<double>& given) const {
  namespace compiler = micrograd::compiler;
  using micrograd::Want;
  const compiler::SimplifyOptions& by = given.options().simplify_options;
  std::vector<double> parameters;
  for (const Value& parameter : given.parameters()) parameters.push_back(parameter.data());
  const std::size_t n = given.inputs();
  const auto rows_with = [&given](bool has_target, std::size_t more, auto number) {
    std::vector<std::vector<double>> rows;
    for (std::size_t i = 0; i < given.rows(); ++i) {
      rows.push_back(row_of(given.point(i), has_target ? std::optional(given.target_of(i)) : std::nullopt));
      for (std::size_t j = 0; j < more; ++j) rows.back().push_back(number(i, j));
    }
    return rows;
  };
  const auto shape_with = [&](std::size_t targets) {
    return compiler::Shape{.inputs = n,
                           .targets = targets,
                           .indices = random_programs::indices,
                           .parameters = parameters.size()};
  };
  const auto interpret = [&](const compiler::Code& traced, std::size_t targets, Want want, const auto& rows) {
    compiler::Code code = compiler::derive(traced, want, shape_with(targets), given.options().reduce);
    if (given.options().simplify) code = compiler::simplify(code, by);
    return compiler::interpret(code, rows, parameters);
  };
  const auto append = [](std::vector<double>& to, const compiler::Interpreted& from) {
    for (const std::vector<double>& row : from.rows) to.insert(to.end(), row.begin(), row.end());
  };

  Found found;
  const auto rows = rows_with(false, 0, [](std::size_t, std::size_t) { return 0.0; });
  const compiler::Code code = compiler::trace(
      compiler::wrap([&given](Span x, Indices indices) { return given.function(x, indices); }),
      row_of(given.point(0)), shape_with(0), given.parameters());
  for (const std::vector<double>& guards : interpret(code, 0, Want::guards, rows).rows) {
    bool holds = true;
    for (std::size_t g = 0; g < code.guards.size(); ++g)
      holds &= (guards[3 * g] != 0) == code.guards[g].truth;
    found.branches_away.push_back(!holds);
  }
  append(found.values, interpret(code, 0, Want::values, rows));
  append(found.slopes, interpret(code, 0, Want::jacobian, rows));
  append(found.vjp,
         interpret(code, 0, Want::vjp, rows_with(false, given.outputs(), [&](std::size_t i, std::size_t k) {
                     return given.seed_of(i, k);
                   })));
  append(found.jvp, interpret(code, 0, Want::jvp, rows_with(false, n, [&](std::size_t i, std::size_t j) {
                                return given.direction_of(i, j);
                              })));
  if (!has_loss(given)) return found;
  const compiler::Code loss = compiler::trace(
      compiler::wrap([&given](Span x, Span y, Indices indices) { return given.loss(x, y, indices); }),
      row_of(given.point(0), 1), shape_with(1), given.parameters());
  const bool is_seeded = given.options().reduce == Reduce::none;
  const auto columns =
      rows_with(true, is_seeded ? 1 : 0, [&](std::size_t i, std::size_t) { return given.loss_seed_of(i); });
  found.reduced = interpret(loss, 1, is_seeded ? Want::seeded : Want::backward, columns).uniform;
  return found;
}

// ---- lanes

template <class Real> Found Lanes<Real>::run(const Case<Real>& given) const {
  const std::size_t rows = given.rows();
  const std::size_t n = given.inputs();
  const std::size_t m = given.outputs();
  const std::vector<Real> numbers = rows_of(given, false);
  const Rows<const Real> x(numbers.data(), rows, n + random_programs::indices);
  const auto call = [rows](std::size_t columns, auto&& method) {
    std::vector<Real> out(rows * columns);
    method(Rows<Real>(out.data(), rows, columns));
    return std::vector<double>(out.begin(), out.end());
  };
  const auto program = compiled(given);
  Found found;
  found.values = call(m, [&](auto out) { program.run(x, out); });
  found.slopes = call(m * n, [&](auto out) { program.jacobian(x, out); });
  const auto seeds =
      table<Real>(rows, m, [&given](std::size_t i, std::size_t k) { return given.seed_of(i, k); });
  found.vjp = call(n, [&](auto out) { program.vjp(x, {seeds.data(), rows, m}, out); });
  const auto directions =
      table<Real>(rows, n, [&given](std::size_t i, std::size_t j) { return given.direction_of(i, j); });
  found.jvp = call(m, [&](auto out) { program.jvp(x, {directions.data(), rows, n}, out); });
  if (!has_loss(given)) return found;
  const auto loss = compiled_loss(given);
  const std::vector<Real> whole = rows_of(given, true);
  const std::size_t width = n + 1 + random_programs::indices;
  const Rows<const Real> inputs(whole.data(), rows, n, width);
  const Rows<const Real> behind(whole.data() + n, rows, width - n, width);
  const auto weights =
      table<Real>(rows, 1, [&given](std::size_t i, std::size_t) { return given.loss_seed_of(i); });
  for (const Value& parameter : given.parameters()) parameter.set_grad(0);
  found.reduced.push_back(given.options().reduce == Reduce::none
                              ? loss.backward_seeded(inputs, behind, weights)
                              : loss.backward(inputs, behind));
  for (const Value& parameter : given.parameters()) found.reduced.push_back(parameter.grad());
  return found;
}

template struct Lanes<double>;
template struct Lanes<float>;

// ---- C

namespace {

template <class Real> std::string name_of(const char* what, const Case<Real>& given) {
  return what + std::to_string(given.seed());
}

}  // namespace

template <class Real> ExportedC<Real>::ExportedC(std::span<const Case<Real>> cases) {
  std::string text;
  for (const Case<Real>& given : cases) {
    if (!given.has_points()) continue;
    text += compiled(given).to_c(name_of("f", given), {.gradient = true});
    if (given.parameters().empty()) continue;
    text += compiled_loss(given).to_c(name_of("loss", given), {.backward = true});
  }
  library_ = std::make_shared<micrograd::Library>(text, "-O1");
}

template <class Real> Found ExportedC<Real>::run(const Case<Real>& given) const {
  std::vector<Real> parameters;
  for (const Value& parameter : given.parameters()) parameters.push_back(static_cast<Real>(parameter.data()));
  const auto call = [&](const std::string& name, const Real* x, auto*... results) {
    return parameters.empty()
               ? library_->call(name, x, results...)
               : library_->call(name, x, static_cast<const Real*>(parameters.data()), results...);
  };
  const std::size_t n = given.inputs();
  const std::vector<Real> numbers = rows_of(given, false);
  const std::size_t width = n + random_programs::indices;
  std::vector<Real> out(given.outputs()), slopes(given.outputs() * n);
  Found found;
  for (std::size_t i = 0; i < given.rows(); ++i) {
    const int refused = call(name_of("f", given), numbers.data() + i * width, out.data());
    const int refused_too =
        call(name_of("f", given) + "_gradient", numbers.data() + i * width, out.data(), slopes.data());
    EXPECT_EQ(refused, refused_too);
    found.branches_away.push_back(refused != 0);
    found.values.insert(found.values.end(), out.begin(), out.end());
    found.slopes.insert(found.slopes.end(), slopes.begin(), slopes.end());
  }
  if (!has_loss(given)) return found;
  found.reduced.assign(1 + parameters.size(), 0);
  const std::vector<Real> whole = rows_of(given, true);
  std::vector<Real> by_parameter(parameters.size());
  Real loss = 0;
  for (std::size_t i = 0; i < given.rows(); ++i) {
    const int refused = call(name_of("loss", given) + "_backward", whole.data() + i * (width + 1), &loss,
                             by_parameter.data());
    EXPECT_EQ(refused != 0, found.branches_away[i]);
    const double weight = given.weight_of(i) / given.target_of(i);
    found.reduced[0] += weight * static_cast<double>(loss);
    for (std::size_t j = 0; j < parameters.size(); ++j) {
      found.reduced[1 + j] += weight * static_cast<double>(by_parameter[j]);
    }
  }
  return found;
}

template struct ExportedC<double>;
template struct ExportedC<float>;

}  // namespace conformance
