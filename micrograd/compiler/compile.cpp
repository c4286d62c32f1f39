// From a function or a graph to a Program. What a run needs then goes through the passes: roll, derive,
// simplify, collect, schedule (paths.hpp, where a way through the function's branches gets its plan).
#include <micrograd/compiler/compile.hpp>

#include <micrograd/compiler/implementation.hpp>
#include <micrograd/compiler/plain_number.hpp>
#include <micrograd/engine/watcher.hpp>

namespace micrograd {

Value freeze(const Value& x) {
  if (engine::tape.watcher != nullptr) engine::tape.watcher->frozen(x);
  return Value::constant(x.node()->data);
}

namespace compiler {

void check_indices(bool are_taken, std::size_t indices) {
  if (are_taken == (indices > 0)) return;
  throw UsageError(are_taken
                       ? "compile: the function takes indices (got 0 in the signature, expected 1 or more)"
                       : "compile: the function takes no indices (got " + std::to_string(indices) +
                             " in the signature, expected 0)");
}

void check_no_columns(std::size_t columns) {
  if (columns == 0) return;
  throw UsageError("compile: the function takes nothing (got " + std::to_string(columns) +
                   " columns in the signature, expected 0)");
}

namespace {

Shape shape_of(const Signature& signature, const CompileOptions& options) {
  return {.inputs = signature.inputs,
          .targets = signature.targets,
          .indices = signature.indices,
          .parameters = options.parameters.size()};
}

template <class Real>
Program<Real> make_program(Tracer tracer, const Signature& signature, const CompileOptions& options) {
  auto made = std::make_shared<typename Program<Real>::Implementation>(std::move(tracer),
                                                                       shape_of(signature, options), options);
  made->trace_first(signature.sample);
  return Program<Real>(std::move(made));
}

}  // namespace

template <class Real>
Program<Real> compile_any(AnyFunction function, const Signature& signature, const CompileOptions& options) {
  const Shape shape = shape_of(signature, options);
  return make_program<Real>(
      [function = std::move(function), shape](std::span<const double> sample,
                                              std::span<const Value> parameters, const std::string& where) {
        return trace(function, sample, shape, parameters, where);
      },
      signature, options);
}
template Program<float> compile_any(AnyFunction, const Signature&, const CompileOptions&);
template Program<double> compile_any(AnyFunction, const Signature&, const CompileOptions&);

template <class Real>
Program<Real> compile_plain(PlainFunction function, const Signature& signature,
                            const CompileOptions& options) {
  const Shape shape = shape_of(signature, options);
  return make_program<Real>(
      [function = std::move(function), shape](std::span<const double> sample,
                                              std::span<const Value> parameters, const std::string& where) {
        return trace_plain(function, sample, shape, parameters, where);
      },
      signature, options);
}
template Program<float> compile_plain(PlainFunction, const Signature&, const CompileOptions&);
template Program<double> compile_plain(PlainFunction, const Signature&, const CompileOptions&);

}  // namespace compiler

template <class Real>
Program<Real> compile(std::span<const Value> outputs, std::span<const Value> inputs,
                      const CompileOptions& options) {
  const compiler::Leaves leaves{.inputs = {inputs.begin(), inputs.end()}, .parameters = options.parameters};
  const compiler::Shape shape{.inputs = inputs.size(), .parameters = options.parameters.size()};
  auto made = std::make_shared<typename Program<Real>::Implementation>(nullptr, shape, options);
  made->add_graph(compiler::trace_graph(outputs, leaves));
  return Program<Real>(std::move(made));
}
template Program<float> compile(std::span<const Value>, std::span<const Value>, const CompileOptions&);
template Program<double> compile(std::span<const Value>, std::span<const Value>, const CompileOptions&);

}  // namespace micrograd
