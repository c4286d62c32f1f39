// The compiler as a list of passes: trace, derive, simplify, schedule, run; and the bookkeeping of programs
// that took several ways through the branches of their function.
#include <micrograd/compiler/compile.hpp>

#include <algorithm>
#include <array>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>

#include <micrograd/compiler/derive.hpp>
#include <micrograd/compiler/dump.hpp>
#include <micrograd/compiler/export_c.hpp>
#include <micrograd/compiler/run.hpp>
#include <micrograd/compiler/simplify.hpp>
#include <micrograd/compiler/trace.hpp>
#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>

namespace micrograd {

using compiler::Batch;
using compiler::Code;
using compiler::Column;
using compiler::Plan;
using compiler::Want;

Value freeze(const Value& x) {
  if (engine::tape.watcher != nullptr) engine::watch_read(x);
  return Value::constant(x.node()->data);
}

namespace {

std::string in_words(std::size_t rows, std::size_t columns) {
  return std::to_string(rows) + " rows of " + std::to_string(columns);
}

template <class Real>
void check_size(const char* who, const char* what, const Rows<Real>& table, std::size_t rows,
                std::size_t columns) {
  if (table.rows == rows && table.columns == columns && (table.stride >= columns || rows <= 1)) return;
  if (table.rows == rows && table.columns == columns) {
    throw UsageError(std::string(who) + ": the rows of " + what + " overlap (got the stride " +
                     std::to_string(table.stride) + ", expected " + std::to_string(columns) + " or more)");
  }
  throw UsageError(std::string(who) + ": " + what + " has another size (got " +
                   in_words(table.rows, table.columns) + " numbers, expected " + in_words(rows, columns) +
                   ")");
}

template <class Real, class Table>
void append_columns(std::vector<Column<Real>>& columns, const Table& table) {
  for (std::size_t j = 0; j < table.columns; ++j) columns.push_back({table.data + j, table.stride});
}

}  // namespace

/// A way through the branches of the function.
template <class Real>
struct Path {
  Code code;                 ///< as traced
  std::optional<Code> once;  ///< what counts once in a sum
  std::array<std::optional<Plan<Real>>, compiler::wants> plans;
};

template <class Real>
class Program<Real>::Implementation {
 public:
  Implementation(compiler::Function function, compiler::Shape shape, CompileOptions options)
      : shape(shape), options_(std::move(options)), function_(std::move(function)) {}

  void trace_first(const std::vector<double>& given) {
    std::vector<double> sample = given;
    const std::size_t columns = shape.inputs + shape.targets;
    if (sample.empty()) sample.assign(columns, 1.0);
    if (sample.size() != columns) {
      throw UsageError("compile: the sample has another size (got " + std::to_string(sample.size()) +
                       " numbers, expected " + std::to_string(columns) + ")");
    }
    trace_path(sample);
    if (options_.verify) verify(sample);
  }
  void add_graph(Code code) {
    outputs = code.outputs.size();
    paths_.push_back(
        std::make_unique<Path<Real>>(Path<Real>{.code = std::move(code), .once = {}, .plans = {}}));
  }

  /// Runs what is wanted on all rows; returns what is the same for all of them, summed over the paths.
  std::vector<double> run(const char* who, Want want, const std::vector<Column<const Real>>& inputs,
                          std::size_t rows, const std::vector<Column<Real>>& results) {
    const std::scoped_lock lock(mutex_);
    const std::vector<double> parameters = read_parameters();
    Batch<Real> batch{.inputs = inputs,
                      .rows = rows,
                      .picked = {},
                      .parameters = parameters,
                      .outputs = results,
                      .threads = options_.threads};
    if (paths_.size() == 1 && paths_[0]->code.guards.empty()) return plan(*paths_[0], want).run(batch);
    const std::vector<std::vector<std::uint32_t>> groups = group(who, batch);
    if (want == Want::backward && options_.reduce == Reduce::sum) check_terms_that_count_once(groups);
    std::vector<double> sum;
    for (std::size_t p = 0; p < groups.size(); ++p) {
      if (groups[p].empty()) continue;
      const bool all = groups[p].size() == rows;
      batch.picked = all ? std::span<const std::uint32_t>() : std::span(groups[p]);
      const std::vector<double> part = plan(*paths_[p], want).run(batch);
      sum.resize(part.size());
      for (std::size_t k = 0; k < part.size(); ++k) sum[k] += part[k];
    }
    if (sum.empty()) sum = plan(*paths_[0], want).run(batch);  // no rows
    return sum;
  }

  [[nodiscard]] const CompileOptions& options() const { return options_; }

  std::string dump() {
    const std::scoped_lock lock(mutex_);
    return compiler::dump(plan(*paths_[0], Want::values).code());
  }
  std::string to_c(std::string_view name, const CFile& what) {
    const std::scoped_lock lock(mutex_);
    return compiler::export_c(paths_[0]->code, {.name = name,
                                                .shape = shape,
                                                .what = what,
                                                .is_float = std::is_same_v<Real, float>,
                                                .simplify = options_.simplify,
                                                .parameters = read_parameters()});
  }
  ProgramStats stats() {
    const std::scoped_lock lock(mutex_);
    const Plan<Real>& first = plan(*paths_[0], Want::values);
    const std::size_t leaves = shape.inputs + shape.targets + shape.parameters;
    return {.traced = paths_[0]->code.size() - leaves,
            .simplified = first.code().size(),
            .paths = paths_.size(),
            .block = first.block()};
  }

  compiler::Shape shape;
  std::size_t outputs = 0;

 private:
  std::vector<double> read_parameters() const {
    std::vector<double> data;
    data.reserve(options_.parameters.size());
    for (const Value& parameter : options_.parameters) data.push_back(parameter.node()->data);
    return data;
  }

  void trace_path(const std::vector<double>& sample) {
    Code code = compiler::trace(function_, sample, shape.inputs, options_.parameters);
    if (!paths_.empty() && code.outputs.size() != outputs) {
      throw UsageError("compile: the number of results depends on the row (got " +
                       std::to_string(code.outputs.size()) + ", expected " + std::to_string(outputs) + ")");
    }
    add_graph(std::move(code));
  }

  /// The same function on other numbers must give the same program.
  void verify(const std::vector<double>& sample) const {
    std::vector<double> other = sample;
    for (double& number : other) number = 1.25 * number + 0.125;
    const Code& first = paths_[0]->code;
    const Code second = compiler::trace(function_, other, shape.inputs, options_.parameters);
    if (first.size() != second.size()) return;  // another way through the branches
    for (Id id = 0; id < first.size(); ++id) {
      if (first.instructions[id].op != second.instructions[id].op) return;
      if (!first.is_number(id)) continue;
      const double x = first.number(id);
      const double y = second.number(id);
      if (x == y || (x != x && y != y)) continue;
      throw UsageError(
          "compile: a plain number in the function follows its inputs, and would be a constant of the "
          "program (got " +
          engine::describe_number(x) + " and, for other inputs, " + engine::describe_number(y) +
          "); compute it from the Values");
    }
  }

  /// A sum counts once what no row enters. That means something only if it is the same on every path.
  void check_terms_that_count_once(const std::vector<std::vector<std::uint32_t>>& groups) {
    const Path<Real>* first = nullptr;
    for (std::size_t p = 0; p < groups.size(); ++p) {
      if (groups[p].empty()) continue;
      Path<Real>& path = *paths_[p];
      if (!path.once) {
        path.once = compiler::simplify(compiler::derive(path.code, Want::once, shape, options_.reduce));
      }
      if (first == nullptr) first = &path;
      if (compiler::same_program(*first->once, *path.once)) continue;
      throw UsageError(
          "backward: a term over parameters alone is not the same in all branches, so that a sum cannot "
          "count "
          "it once (got " +
          std::to_string(first->once->size()) + " and " + std::to_string(path.once->size()) +
          " operations in it); use select or Reduce::mean");
    }
  }

  using Id = compiler::Id;

  const Plan<Real>& plan(Path<Real>& path, Want want) {
    std::optional<Plan<Real>>& plan = path.plans[static_cast<std::size_t>(want)];
    if (!plan) {
      Code code = compiler::derive(path.code, want, shape, options_.reduce);
      const compiler::SimplifyOptions off{
          .identities = false, .fold_constants = false, .merge_common = false};
      plan.emplace(compiler::simplify(code, options_.simplify ? options_.simplify_options : off));
    }
    return *plan;
  }

  /// Which rows take which path. Rows that take none yet get one, by a run of the function on the first of
  /// them.
  std::vector<std::vector<std::uint32_t>> group(const char* who, const Batch<Real>& batch) {
    std::vector<std::vector<std::uint32_t>> groups(paths_.size());
    std::vector<std::uint32_t> left(batch.rows);
    std::iota(left.begin(), left.end(), 0U);
    for (std::size_t p = 0; p < paths_.size() && !left.empty(); ++p) take_rows(p, batch, left, groups[p]);
    std::vector<std::pair<std::uint32_t, std::size_t>> astray;
    while (!left.empty()) {
      const std::uint32_t row = left.front();
      if (function_ == nullptr || paths_.size() >= options_.max_paths) refuse(who, batch, row);
      std::vector<double> sample;
      for (std::size_t j = 0; j < shape.inputs + shape.targets; ++j) {
        sample.push_back(static_cast<double>(batch.inputs[j].data[row * batch.inputs[j].stride]));
      }
      trace_path(sample);
      const std::size_t path = forget_last_if_known();
      groups.resize(paths_.size());
      take_rows(path, batch, left, groups[path]);
      if (left.empty() || left.front() != row) continue;
      // Rounding to Real makes a comparison of the program differ from the function's.
      astray.emplace_back(row, path);
      left.erase(left.begin());
    }
    for (const auto& [row, path] : astray) {
      left = {row};
      for (std::size_t p = 0; p < paths_.size() && !left.empty(); ++p) take_rows(p, batch, left, groups[p]);
      if (!left.empty()) groups[path].push_back(row);
    }
    for (std::vector<std::uint32_t>& rows : groups) std::sort(rows.begin(), rows.end());
    return groups;
  }

  /// The place of the latest path, or of an older one that is the same.
  std::size_t forget_last_if_known() {
    const std::size_t last = paths_.size() - 1;
    for (std::size_t p = 0; p < last; ++p) {
      if (!compiler::same_program(paths_[p]->code, paths_[last]->code)) continue;
      paths_.pop_back();
      return p;
    }
    return last;
  }

  /// Moves the rows on which all guards of path `p` hold from `left` to `taken`.
  void take_rows(std::size_t p, const Batch<Real>& batch, std::vector<std::uint32_t>& left,
                 std::vector<std::uint32_t>& taken) {
    const std::vector<compiler::Guard>& guards = paths_[p]->code.guards;
    const std::vector<Real> sides = run_guards(p, batch, left);
    std::vector<std::uint32_t> rest;
    const std::size_t width = 3 * guards.size();
    for (const std::uint32_t row : left) {
      bool holds = true;
      for (std::size_t g = 0; g < guards.size(); ++g) {
        holds &= (sides[row * width + 3 * g] != 0) == guards[g].truth;
      }
      (holds ? taken : rest).push_back(row);
    }
    left = std::move(rest);
  }

  /// For each row, each guard's comparison and its two sides.
  std::vector<Real> run_guards(std::size_t p, const Batch<Real>& batch,
                               const std::vector<std::uint32_t>& rows) {
    const std::size_t width = 3 * paths_[p]->code.guards.size();
    std::vector<Real> sides(batch.rows * width);
    if (width == 0 || rows.empty()) return sides;
    Batch<Real> guards = batch;
    guards.picked = rows;
    guards.outputs.clear();
    for (std::size_t k = 0; k < width; ++k) guards.outputs.push_back({sides.data() + k, width});
    plan(*paths_[p], Want::guards).run(guards);
    return sides;
  }

  [[noreturn]] void refuse(const char* who, const Batch<Real>& batch, std::uint32_t row) {
    const Path<Real>& path = *paths_.back();
    const std::vector<Real> sides = run_guards(paths_.size() - 1, batch, {row});
    const std::size_t width = 3 * path.code.guards.size();
    for (std::size_t g = 0; g < path.code.guards.size(); ++g) {
      const compiler::Guard& guard = path.code.guards[g];
      const Real* const side = &sides[row * width + 3 * g];
      if ((side[0] != 0) == guard.truth) continue;
      const compiler::Instruction& comparison = path.code.instructions[guard.comparison];
      throw UsageError(std::string(who) + ": row " + std::to_string(row) + " branches otherwise at " +
                       compiler::shown(path.code, comparison.a) + " " +
                       std::string(compiler::sign_of(comparison.op)) + " " +
                       compiler::shown(path.code, comparison.b) + " (got " +
                       engine::describe_number(static_cast<double>(side[1])) + " and " +
                       engine::describe_number(static_cast<double>(side[2])) + ", expected that it is " +
                       (guard.truth ? "true" : "false") + "); use select, or allow more paths (max_paths " +
                       std::to_string(options_.max_paths) + ")");
    }
    throw UsageError(std::string(who) + ": row " + std::to_string(row) + " needs one more way through the " +
                     "branches (got " + std::to_string(paths_.size()) + ", which is max_paths)");
  }

  CompileOptions options_;
  compiler::Function function_;  ///< empty for a graph that stood
  std::vector<std::unique_ptr<Path<Real>>> paths_;
  std::mutex mutex_;  ///< paths and plans are made when first needed
};

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

template <class Real> std::size_t Program<Real>::inputs() const { return implementation_->shape.inputs; }
template <class Real> std::size_t Program<Real>::targets() const { return implementation_->shape.targets; }
template <class Real> std::size_t Program<Real>::outputs() const { return implementation_->outputs; }
template <class Real> std::string Program<Real>::dump() const { return implementation_->dump(); }
template <class Real> std::string Program<Real>::to_c(std::string_view name, const CFile& what) const {
  return implementation_->to_c(name, what);
}
template <class Real> ProgramStats Program<Real>::stats() const { return implementation_->stats(); }

namespace {

/// One call: its tables, checked, as columns.
template <class Real>
class Call {
 public:
  Call(const char* who, typename Program<Real>::Implementation& program, const Rows<const Real>& x)
      : who_(who), program_(program), rows_(x.rows) {
    check_size(who, "x", x, x.rows, program.shape.inputs + program.shape.targets);
    append_columns(inputs_, x);
  }
  Call(const char* who, typename Program<Real>::Implementation& program, const Rows<const Real>& x,
       const Rows<const Real>& targets)
      : who_(who), program_(program), rows_(x.rows) {
    if (program.shape.targets > 0 && targets.data == nullptr && targets.columns == 0) {
      check_size(who, "x", x, x.rows, program.shape.inputs + program.shape.targets);
      append_columns(inputs_, x);
      return;
    }
    check_size(who, "x", x, x.rows, program.shape.inputs);
    append_columns(inputs_, x);
    if (program.shape.targets == 0) return;
    check_size(who, "targets", targets, x.rows, program.shape.targets);
    append_columns(inputs_, targets);
  }

  Call& one_output() {
    if (program_.outputs != 1) {
      throw UsageError(std::string(who_) + ": the function must have one output (got " +
                       std::to_string(program_.outputs) + ")");
    }
    return *this;
  }
  Call& in(const char* what, const Rows<const Real>& table, std::size_t columns) {
    check_size(who_, what, table, rows_, columns);
    append_columns(inputs_, table);
    return *this;
  }
  Call& out(const char* what, const Rows<Real>& table, std::size_t columns) {
    check_size(who_, what, table, rows_, columns);
    append_columns(results_, table);
    return *this;
  }
  std::vector<double> run(Want want) { return program_.run(who_, want, inputs_, rows_, results_); }
  [[nodiscard]] std::size_t rows() const { return rows_; }

 private:
  const char* who_;
  typename Program<Real>::Implementation& program_;
  std::size_t rows_;
  std::vector<Column<const Real>> inputs_;
  std::vector<Column<Real>> results_;
};

/// Adds what a run found to the parameters' gradients, and returns the reduced output.
double add_gradients(const std::vector<Value>& parameters, const std::vector<double>& found) {
  for (std::size_t i = 0; i < parameters.size(); ++i) parameters[i].add_grad(found[i + 1]);
  return found[0];
}

}  // namespace

template <class Real>
void Program<Real>::run(Table x, Rows<Real> out) const {
  Call<Real>("run", *implementation_, x).out("out", out, outputs()).run(Want::values);
}

template <class Real>
void Program<Real>::gradient(Table x, Rows<Real> out, Rows<Real> gradients) const {
  Call<Real>("gradient", *implementation_, x)
      .one_output()
      .out("out", out, 1)
      .out("gradients", gradients, inputs())
      .run(Want::gradient);
}

template <class Real>
void Program<Real>::jacobian(Table x, Rows<Real> out) const {
  Call<Real>("jacobian", *implementation_, x).out("out", out, outputs() * inputs()).run(Want::jacobian);
}

template <class Real>
void Program<Real>::hessian(Table x, Rows<Real> out) const {
  Call<Real>("hessian", *implementation_, x)
      .one_output()
      .out("out", out, inputs() * inputs())
      .run(Want::hessian);
}

template <class Real>
void Program<Real>::jvp(Table x, Table directions, Rows<Real> out) const {
  Call<Real>("jvp", *implementation_, x)
      .in("directions", directions, inputs())
      .out("out", out, outputs())
      .run(Want::jvp);
}

template <class Real>
void Program<Real>::vjp(Table x, Table seeds, Rows<Real> out) const {
  Call<Real>("vjp", *implementation_, x)
      .in("seeds", seeds, outputs())
      .out("out", out, inputs())
      .run(Want::vjp);
}

template <class Real>
double Program<Real>::backward(Table x, Table targets) const {
  const CompileOptions& options = implementation_->options();
  if (options.reduce == Reduce::none) {
    throw UsageError("backward: Reduce::none needs one seed a row; call backward_seeded");
  }
  Call<Real> call("backward", *implementation_, x, targets);
  if (call.rows() == 0 && options.reduce == Reduce::mean) {
    throw UsageError("backward: there is no mean of no rows (got 0 rows, expected 1 or more)");
  }
  return add_gradients(options.parameters, call.one_output().run(Want::backward));
}

template <class Real>
double Program<Real>::backward_seeded(Table x, Table targets, Table seeds) const {
  Call<Real> call("backward_seeded", *implementation_, x, targets);
  return add_gradients(implementation_->options().parameters,
                       call.one_output().in("seeds", seeds, 1).run(Want::seeded));
}

template class Program<float>;
template class Program<double>;

}  // namespace micrograd
