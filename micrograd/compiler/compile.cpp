// From a function or a graph to a Program. Each run then goes through the passes: derive, simplify, schedule,
// run (implementation.hpp, where a way through the function's branches gets its plan).
#include <micrograd/compiler/compile.hpp>

#include <micrograd/compiler/implementation.hpp>

namespace micrograd {

Value freeze(const Value& x) {
  if (engine::tape.watcher != nullptr) engine::watch_read(x);
  return Value::constant(x.node()->data);
}

namespace compiler {

template <class Real>
Program<Real> compile_any(AnyFunction function, const Signature& signature, const CompileOptions& options) {
  const Shape shape{
      .inputs = signature.inputs, .targets = signature.targets, .parameters = options.parameters.size()};
  auto made = std::make_shared<typename Program<Real>::Implementation>(std::move(function), shape, options);
  made->trace_first(signature.sample);
  return Program<Real>(std::move(made));
}
template Program<float> compile_any(AnyFunction, const Signature&, const CompileOptions&);
template Program<double> compile_any(AnyFunction, const Signature&, const CompileOptions&);

}  // namespace compiler

template <class Real>
Program<Real> compile(std::span<const Value> outputs, std::span<const Value> inputs,
                      const CompileOptions& options) {
  const compiler::Leaves leaves{.inputs = {inputs.begin(), inputs.end()}, .parameters = options.parameters};
  const compiler::Shape shape{.inputs = inputs.size(), .targets = 0, .parameters = options.parameters.size()};
  auto made = std::make_shared<typename Program<Real>::Implementation>(nullptr, shape, options);
  made->add_graph(compiler::trace_graph(outputs, leaves));
  return Program<Real>(std::move(made));
}
template Program<float> compile(std::span<const Value>, std::span<const Value>, const CompileOptions&);
template Program<double> compile(std::span<const Value>, std::span<const Value>, const CompileOptions&);

}  // namespace micrograd
