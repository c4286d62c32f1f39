// What stands behind a Program: the ways that its function took through its branches, each traced once, and
// for each the programs made of it so far. Internal to the compiler.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <string>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/derive.hpp>
#include <micrograd/compiler/draw.hpp>
#include <micrograd/compiler/dump.hpp>
#include <micrograd/compiler/export_c.hpp>
#include <micrograd/compiler/run.hpp>
#include <micrograd/compiler/simplify.hpp>
#include <micrograd/compiler/trace.hpp>
#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>

namespace micrograd {

/// A way through the branches of the function.
template <class Real>
struct Path {
  compiler::Code code;                 ///< as traced
  std::optional<compiler::Code> once;  ///< what counts once in a sum
  std::array<std::optional<compiler::Plan<Real>>, compiler::wants> plans;
};

template <class Real>
class Program<Real>::Implementation {
 public:
  Implementation(compiler::Function function, compiler::Shape shape, CompileOptions options)
      : shape(shape), options_(std::move(options)), function_(std::move(function)) {}

  void trace_first(const std::vector<double>& given) {
    std::vector<double> sample = given;
    if (sample.empty()) {
      sample.assign(shape.inputs + shape.targets, 1.0);
      sample.resize(shape.columns(), 0.0);
    }
    if (sample.size() != shape.columns()) {
      throw UsageError("compile: the sample has another size (got " + std::to_string(sample.size()) +
                       " numbers, expected " + std::to_string(shape.columns()) + ")");
    }
    trace_path(sample, "compile: in the sample");
    if (options_.verify) verify(sample);
  }
  void add_graph(compiler::Code code) {
    if (paths_.empty()) outputs = code.outputs.size();  // later others may be reading it
    paths_.push_back(
        std::make_unique<Path<Real>>(Path<Real>{.code = std::move(code), .once = {}, .plans = {}}));
  }

  /// Runs what is wanted on all rows; returns what is the same for all of them, summed over the paths.
  std::vector<double> run(const char* who, Want want, const std::vector<compiler::Column<const Real>>& inputs,
                          std::size_t rows, const std::vector<compiler::Column<Real>>& results) {
    const std::scoped_lock lock(mutex_);
    const std::vector<double> parameters = read_parameters();
    compiler::Batch<Real> batch{.inputs = inputs,
                                .rows = rows,
                                .picked = {},
                                .parameters = parameters,
                                .outputs = results,
                                .threads = options_.threads};
    if (paths_.size() == 1 && paths_[0]->code.guards.empty()) {
      check_indices(who, batch, paths_[0]->code);
      return plan(*paths_[0], want).run(batch);
    }
    check_indices(who, batch, paths_[0]->code, true);
    const std::vector<std::vector<std::uint32_t>> groups = group(who, batch);
    for (std::size_t p = 0; p < groups.size(); ++p) {
      batch.picked = groups[p];
      if (!groups[p].empty()) check_indices(who, batch, paths_[p]->code);
    }
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
    batch.picked = {};
    if (sum.empty()) sum = plan(*paths_[0], want).run(batch);  // no rows
    return sum;
  }

  [[nodiscard]] const CompileOptions& options() const { return options_; }

  std::string dump(Stage stage, Want want) {
    const std::scoped_lock lock(mutex_);
    check_outputs("dump", stage, want);
    if (stage != Stage::scheduled) return compiler::dump(code_at(stage, want));
    const compiler::Plan<Real>& made = plan(*paths_[0], want);
    return compiler::dump(made.code(), made.schedule(), made.block());
  }
  std::string to_dot(const DrawOptions& options) {
    const std::scoped_lock lock(mutex_);
    check_outputs("to_dot", options.stage, options.want);
    if (options.stage == Stage::scheduled) {
      throw UsageError(
          "to_dot: there is no picture of a schedule (got Stage::scheduled); use Stage::simplified, or dump");
    }
    return compiler::draw(code_at(options.stage, options.want), options);
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
    const compiler::Plan<Real>& first = plan(*paths_[0], Want::values);
    const std::size_t leaves = shape.columns() + shape.parameters;
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

  void trace_path(const std::vector<double>& sample, const std::string& where) {
    compiler::Code code = compiler::trace(function_, sample, shape, options_.parameters, where);
    if (!paths_.empty() && code.outputs.size() != outputs) {
      throw UsageError("compile: the number of results depends on the row (got " +
                       std::to_string(code.outputs.size()) + ", expected " + std::to_string(outputs) + ")");
    }
    add_graph(std::move(code));
  }

  /// The same function on other numbers must give the same program.
  void verify(const std::vector<double>& sample) const {
    std::vector<double> other = sample;
    const auto first_index = other.begin() + static_cast<std::ptrdiff_t>(shape.inputs + shape.targets);
    std::for_each(other.begin(), first_index, [](double& number) { number = 1.25 * number + 0.125; });
    std::fill(first_index, other.end(), 0.0);  // which is in range on every way
    const compiler::Code& first = paths_[0]->code;
    const compiler::Code second = compiler::trace(function_, other, shape, options_.parameters);
    const bool branches = !first.guards.empty() || !second.guards.empty();
    const bool is_alike = first.lists == second.lists &&
                          std::ranges::equal(first.instructions, second.instructions, {},
                                             &compiler::Instruction::op, &compiler::Instruction::op);
    if (!is_alike && branches) return;  // another way through the branches
    if (!is_alike) {
      throw UsageError(
          "compile: the function does something else at its second run, and not by a comparison of "
          "Values (got " +
          std::to_string(first.size()) + " and then " + std::to_string(second.size()) +
          " operations); what it depends on must be its inputs or parameters");
    }
    for (Id id = 0; id < first.size(); ++id) {
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
    const compiler::Code* first = nullptr;
    for (std::size_t p = 0; p < groups.size(); ++p) {
      if (groups[p].empty()) continue;
      const compiler::Code& terms = counted_once(*paths_[p]);
      if (first == nullptr) first = &terms;
      if (compiler::same_program(*first, terms)) continue;
      throw UsageError(
          "backward: a term over parameters alone is not the same in all branches, so that a sum "
          "cannot count it once (got " +
          std::to_string(first->size()) + " and " + std::to_string(terms.size()) +
          " operations in it); use select or Reduce::mean");
    }
  }

  const compiler::Code& counted_once(Path<Real>& path) {
    if (path.once) return *path.once;
    return path.once.emplace(
        compiler::simplify(compiler::derive(path.code, Want::once, shape, options_.reduce)));
  }

  using Id = compiler::Id;

  /// What `derive` makes of several outputs is not always what was asked for.
  void check_outputs(const char* who, Stage stage, Want want) const {
    const bool any_number = want == Want::values || want == Want::jacobian || want == Want::jvp ||
                            want == Want::vjp || want == Want::guards;
    if (outputs == 1 || any_number || stage == Stage::traced) return;
    throw UsageError(std::string(who) + ": what is wanted needs one output (got " + std::to_string(outputs) +
                     "); of several there are the values, jacobian, jvp and vjp");
  }

  /// The first path's program before it is scheduled.
  compiler::Code code_at(Stage stage, Want want) {
    Path<Real>& path = *paths_[0];
    if (stage == Stage::traced) return path.code;
    if (stage == Stage::derived) return compiler::derive(path.code, want, shape, options_.reduce);
    return plan(path, want).code();
  }

  const compiler::Plan<Real>& plan(Path<Real>& path, Want want) {
    std::optional<compiler::Plan<Real>>& plan = path.plans[static_cast<std::size_t>(want)];
    if (!plan) {
      compiler::Code code = compiler::derive(path.code, want, shape, options_.reduce);
      const compiler::SimplifyOptions off{
          .identities = false, .fold_constants = false, .merge_common = false};
      plan.emplace(compiler::simplify(code, options_.simplify ? options_.simplify_options : off));
    }
    return *plan;
  }

  static double number_at(const compiler::Batch<Real>& batch, std::size_t row, std::size_t column) {
    return static_cast<double>(batch.inputs[column].data[row * batch.inputs[column].stride]);
  }

  /// Throws for a row, of those picked, with a number that is not allowed; of those that are only not whole,
  /// if so told, because what may be chosen depends on the path.
  void check_indices(const char* who, const compiler::Batch<Real>& batch, const compiler::Code& code,
                     bool whole_is_enough = false) const {
    const std::size_t rows = batch.picked.empty() ? batch.rows : batch.picked.size();
    for (const compiler::IndexColumn& index : code.indices) {
      const compiler::IndexColumn allowed = whole_is_enough ? compiler::IndexColumn{} : index;
      for (std::size_t i = 0; i < rows; ++i) {
        const std::size_t row = batch.picked.empty() ? i : batch.picked[i];
        const double number = number_at(batch, row, index.column);
        if (compiler::is_allowed(allowed, number)) [[likely]]
          continue;
        compiler::refuse_index(std::string(who) + ": in row " + std::to_string(row),
                               code.labels.at(index.column), index, number);
      }
    }
  }

  /// Which rows take which path. Rows that take none yet get one, by a run of the function on the first of
  /// them.
  std::vector<std::vector<std::uint32_t>> group(const char* who, const compiler::Batch<Real>& batch) {
    std::vector<std::vector<std::uint32_t>> groups(paths_.size());
    std::vector<std::uint32_t> left(batch.rows);
    std::iota(left.begin(), left.end(), 0U);
    for (std::size_t p = 0; p < paths_.size() && !left.empty(); ++p) take_rows(p, batch, left, groups[p]);
    std::vector<std::pair<std::uint32_t, std::size_t>> astray;
    while (!left.empty()) {
      const std::uint32_t row = left.front();
      if (function_ == nullptr || paths_.size() >= options_.max_paths) refuse(who, batch, row);
      std::vector<double> sample;
      sample.reserve(shape.columns());
      for (std::size_t j = 0; j < shape.columns(); ++j) sample.push_back(number_at(batch, row, j));
      trace_path(sample, std::string(who) + ": in row " + std::to_string(row));
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
  void take_rows(std::size_t p, const compiler::Batch<Real>& batch, std::vector<std::uint32_t>& left,
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
  std::vector<Real> run_guards(std::size_t p, const compiler::Batch<Real>& batch,
                               const std::vector<std::uint32_t>& rows) {
    const std::size_t width = 3 * paths_[p]->code.guards.size();
    std::vector<Real> sides(batch.rows * width);
    if (width == 0 || rows.empty()) return sides;
    compiler::Batch<Real> guards = batch;
    guards.picked = rows;
    guards.outputs.clear();
    for (std::size_t k = 0; k < width; ++k) guards.outputs.push_back({sides.data() + k, width});
    plan(*paths_[p], Want::guards).run(guards);
    return sides;
  }

  [[noreturn]] void refuse(const char* who, const compiler::Batch<Real>& batch, std::uint32_t row) {
    const Path<Real>& path = *paths_.back();
    const std::vector<Real> sides = run_guards(paths_.size() - 1, batch, {row});
    const std::size_t width = 3 * path.code.guards.size();
    for (std::size_t g = 0; g < path.code.guards.size(); ++g) {
      const compiler::Guard& guard = path.code.guards[g];
      const Real* const side = &sides[row * width + 3 * g];
      if ((side[0] != 0) == guard.truth) continue;
      if (side[1] != side[1] || side[2] != side[2]) {  // an index out of range may be why
        compiler::Batch<Real> one = batch;
        one.picked = std::span(&row, 1);
        check_indices(who, one, path.code);
      }
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

}  // namespace micrograd
