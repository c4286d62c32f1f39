// Every derivative of a function from one tool: grad, with create_graph where it is differentiated again.
#include <micrograd/engine/functional.hpp>

#include <string>

#include <micrograd/engine/grad.hpp>
#include <micrograd/engine/modes.hpp>
#include <micrograd/error.hpp>

namespace micrograd::functional {
namespace {

std::vector<Value> values(std::span<const double> x) { return {x.begin(), x.end()}; }

std::vector<double> numbers(std::span<const Value> x) {
  std::vector<double> data;
  for (const Value& value : x) data.push_back(value.data());
  return data;
}

void check_length(const char* who, const char* what, std::size_t got, std::size_t expected) {
  if (got == expected) return;
  throw UsageError(std::string(who) + ": the direction must have one entry for each " + what + " (got " +
                   std::to_string(got) + ", expected " + std::to_string(expected) + ")");
}

/// The gradient of a function with one output, as Values that can be differentiated again.
std::vector<Value> gradient_graph(const Function& f, std::span<const Value> x) {
  return grad(f(x).front(), x, {.create_graph = true});
}

}  // namespace

Matrix jacobian(const Function& f, std::span<const double> x) {
  const engine::Recording recording;
  const std::vector<Value> inputs = values(x);
  const std::vector<Value> outputs = f(inputs);
  Matrix matrix{.rows = outputs.size(), .columns = x.size(), .entries = {}};
  for (const Value& output : outputs) {
    const std::vector<double> row = numbers(grad(output, inputs));
    matrix.entries.insert(matrix.entries.end(), row.begin(), row.end());
  }
  return matrix;
}

Matrix hessian(const Function& f, std::span<const double> x) {
  return jacobian([&f](std::span<const Value> inputs) { return gradient_graph(f, inputs); }, x);
}

std::vector<double> hvp(const Function& f, std::span<const double> x, std::span<const double> v) {
  check_length("hvp", "input", v.size(), x.size());
  return vjp([&f](std::span<const Value> inputs) { return gradient_graph(f, inputs); }, x,
             v);  // the Hessian is symmetric
}

std::vector<double> jvp(const Function& f, std::span<const double> x, std::span<const double> v) {
  check_length("jvp", "input", v.size(), x.size());
  const engine::Recording recording;
  const std::vector<Value> inputs = values(x);
  const std::vector<Value> outputs = f(inputs);
  const std::vector<Value> weights = values(std::vector<double>(outputs.size(), 1.0));
  const std::vector<Value> product = grad(outputs, inputs, {.create_graph = true, .seeds = weights});
  return numbers(grad(product, weights, {.seeds = values(v)}));
}

std::vector<double> vjp(const Function& f, std::span<const double> x, std::span<const double> u) {
  const engine::Recording recording;
  const std::vector<Value> inputs = values(x);
  const std::vector<Value> outputs = f(inputs);
  check_length("vjp", "output", u.size(), outputs.size());
  return numbers(grad(outputs, inputs, {.seeds = values(u)}));
}

}  // namespace micrograd::functional
