// The ways that a function took through its branches, each traced once, and for each the programs made of it
// so far; and which rows take which of them.
#pragma once

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <string>

#include <micrograd/compiler/collect.hpp>
#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/derive.hpp>
#include <micrograd/compiler/dump.hpp>
#include <micrograd/compiler/join_extremes.hpp>
#include <micrograd/compiler/roll.hpp>
#include <micrograd/compiler/run.hpp>
#include <micrograd/compiler/simplify.hpp>
#include <micrograd/compiler/take_one_row.hpp>
#include <micrograd/compiler/trace.hpp>
#include <micrograd/compiler/verify.hpp>
#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {

/// A way through the branches of the function.
template <class Real>
struct Path {
  Code code;                   ///< as traced
  std::optional<Code> rolled;  ///< the same, its repetitions as loops, without the guards; if there are any
  bool was_searched = false;   ///< for them
  std::optional<Code> once;    ///< what counts once in a sum
  std::optional<bool> pays_for_one_row;  ///< looked at once: a program may be long, and run often
  std::array<std::optional<Plan<Real>>, wants> plans;
  std::array<std::optional<Plan<Real>>, wants> plans_for_one;  ///< row
};

template <class Real>
class Paths {
 public:
  Paths(Tracer tracer, Shape shape, CompileOptions options)
      : shape(shape), options(std::move(options)), tracer_(std::move(tracer)) {}

  /// The first path, by a run on the sample, checked if the options say so.
  void trace_first(const std::vector<double>& given) {
    sample_ = given;
    if (sample_.empty()) {
      sample_.assign(shape.inputs + shape.targets, 1.0);
      sample_.resize(shape.columns(), 0.0);
    }
    if (sample_.size() != shape.columns()) {
      throw UsageError("compile: the sample has another size (got " + std::to_string(sample_.size()) +
                       " numbers, expected " + std::to_string(shape.columns()) + ")");
    }
    const std::string where = "compile: in the sample";
    trace_path(sample_, where);
    if (!options.verify) return;
    verify_repeated("compile", paths_[0]->code, trace(sample_, where));
    std::vector<double> other = sample_;
    const auto first_index = other.begin() + static_cast<std::ptrdiff_t>(shape.inputs + shape.targets);
    std::for_each(other.begin(), first_index, [](double& number) { number = 1.25 * number + 0.125; });
    std::fill(first_index, other.end(), 0.0);  // which is in range on every way
    verify_general("compile", paths_[0]->code, trace(other, where));
  }

  void add_graph(Code code) {
    if (paths_.empty()) outputs = code.outputs.size();  // later others may be reading it
    paths_.push_back(std::make_unique<Path<Real>>(Path<Real>{.code = std::move(code),
                                                             .rolled = {},
                                                             .once = {},
                                                             .pays_for_one_row = {},
                                                             .plans = {},
                                                             .plans_for_one = {}}));
  }

  /// Rows by the path they take, where the program for what is wanted is ready; empty: all rows take the
  /// first. Throws UsageError before any row is run: for one that branches as it may not, for an index out of
  /// range, for a program that cannot be made.
  std::vector<std::vector<std::uint32_t>> prepare(const char* who, Want want, const Batch<Real>& batch) {
    const bool is_one = paths_.size() == 1 && paths_[0]->code.guards.empty();
    check_indices(who, batch, paths_[0]->code, !is_one);
    verify_again(who, batch);
    if (is_one) return {};
    const bool counts_once = want == Want::backward && options.reduce == Reduce::sum;
    std::vector<std::vector<std::uint32_t>> groups;
    if (batch.rows == 0) {
      groups.resize(counts_once ? path_of_no_rows(who, batch) + 1 : 1);
      return groups;
    }
    groups = group(who, batch);
    for (std::size_t p = 0; p < groups.size(); ++p) {
      if (groups[p].empty()) continue;
      Batch<Real> part = batch;
      part.picked = groups[p];
      check_indices(who, part, paths_[p]->code);
      plan_for(p, want, part);
    }
    if (counts_once) check_terms_that_count_once(groups);
    return groups;
  }

  /// Made when first needed.
  const Plan<Real>& plan(std::size_t p, Want want) {
    Path<Real>& path = *paths_[p];
    std::optional<Plan<Real>>& plan = path.plans[static_cast<std::size_t>(want)];
    if (!plan) {
      plan.emplace(code_at(Stage::collected, p, want), simd::best_target(options.widest), options.roll);
    }
    return *plan;
  }

  /// The same for a batch: a long program has another plan for one row alone. Made when first needed.
  const Plan<Real>& plan_for(std::size_t p, Want want, const Batch<Real>& batch) {
    if (batch.count() != 1 || !options.roll || want == Want::guards) return plan(p, want);
    Path<Real>& path = *paths_[p];
    std::optional<Plan<Real>>& for_one = path.plans_for_one[static_cast<std::size_t>(want)];
    if (!for_one) {
      if (!path.pays_for_one_row) path.pays_for_one_row = pays_for_one_row(path.code);
      if (!*path.pays_for_one_row) return plan(p, want);
      Code code = take_one_row(code_at(Stage::simplified, p, want));
      if (std::optional<Code> joined = join_extremes(code)) code = *std::move(joined);
      if (options.collect) code = collect(std::move(code));
      for_one.emplace(std::move(code), simd::best_target(options.widest));
    }
    return *for_one;
  }
  const Plan<Real>& plan_to_show(std::size_t p, Want want) {
    const std::optional<Plan<Real>>& for_one = paths_[p]->plans_for_one[static_cast<std::size_t>(want)];
    const bool is_only_one = for_one && !paths_[p]->plans[static_cast<std::size_t>(want)];
    return is_only_one ? *for_one : plan(p, want);
  }

  /// The program of a path after so many of the passes; all but the schedule's.
  Code code_at(Stage stage, std::size_t p, Want want) {
    if (stage == Stage::traced) return paths_[p]->code;
    const Code& source = want == Want::guards || !options.roll ? paths_[p]->code : rolled(*paths_[p]);
    if (stage == Stage::rolled) return source;
    const bool is_derived = want == Want::values && source.guards.empty();
    std::optional<Code> derived;
    if (!is_derived || stage == Stage::derived)
      derived = derive(options.simplify ? merge_choices(source, options.simplify_options) : source, want,
                       shape, options.reduce);
    if (stage == Stage::derived) return *std::move(derived);
    const SimplifyOptions off{.identities = false, .fold_constants = false, .merge_common = false};
    Code code = simplify(derived ? *derived : source, options.simplify ? options.simplify_options : off);
    derived.reset();
    return stage == Stage::simplified || !options.collect ? code : collect(std::move(code), options.roll);
  }

  [[nodiscard]] std::size_t size() const { return paths_.size(); }
  [[nodiscard]] const Code& code(std::size_t p) const { return paths_[p]->code; }
  [[nodiscard]] bool is_of_a_function() const { return tracer_ != nullptr; }

  const Shape shape;
  const CompileOptions options;
  std::size_t outputs = 0;

 private:
  static std::string in_row(const char* who, std::size_t row) {
    return std::string(who) + ": in row " + std::to_string(row);
  }

  Code trace(const std::vector<double>& sample, const std::string& where) const {
    return tracer_(sample, options.parameters, where);
  }

  void trace_path(const std::vector<double>& sample, const std::string& where) {
    Code code = trace(sample, where);
    if (!paths_.empty() && code.outputs.size() != outputs) {
      throw UsageError("compile: the number of results depends on the row (got " +
                       std::to_string(code.outputs.size()) + ", expected " + std::to_string(outputs) + ")");
    }
    add_graph(std::move(code));
  }

  static double number_at(const Batch<Real>& batch, std::size_t row, std::size_t column) {
    return static_cast<double>(batch.inputs[column].data[row * batch.inputs[column].stride]);
  }

  /// Throws for a row, of those picked, with a number that is not allowed; of those that are only not whole,
  /// if so told, because what may be chosen depends on the path.
  void check_indices(const char* who, const Batch<Real>& batch, const Code& code,
                     bool whole_is_enough = false) const {
    const std::size_t rows = batch.picked.empty() ? batch.rows : batch.picked.size();
    for (const IndexColumn& index : code.indices) {
      const IndexColumn allowed = whole_is_enough ? IndexColumn{} : index;
      for (std::size_t i = 0; i < rows; ++i) {
        const std::size_t row = batch.picked.empty() ? i : batch.picked[i];
        const double number = number_at(batch, row, index.column);
        if (is_allowed(allowed, number)) [[likely]]
          continue;
        refuse_index(in_row(who, row), code.labels.at(index.column), index, number);
      }
    }
  }

  std::vector<double> sample_of(const Batch<Real>& batch, std::size_t row) const {
    std::vector<double> sample(shape.columns());
    for (std::size_t j = 0; j < sample.size(); ++j) sample[j] = number_at(batch, row, j);
    return sample;
  }

  /// Runs the function on the first row again: it must do what the program of that row's path does.
  void verify_again(const char* who, const Batch<Real>& batch) {
    if (!options.verify || tracer_ == nullptr || batch.rows == 0) return;
    Code code = trace(sample_of(batch, 0), in_row(who, 0));
    for (const auto& path : paths_) {
      if (same_program(path->code, code)) return;
    }
    add_graph(std::move(code));
    const bool is_of_this_row = takes_first_row(paths_.size() - 1, batch);
    code = std::move(paths_.back()->code);
    paths_.pop_back();
    if (!is_of_this_row) return;  // rounded to Real, the row is on the other side of an edge
    for (std::size_t p = 0; p < paths_.size(); ++p) {
      if (takes_first_row(p, batch)) verify_repeated(who, paths_[p]->code, code);
    }
  }

  bool takes_first_row(std::size_t p, const Batch<Real>& batch) {
    std::vector<std::uint32_t> left{0};
    std::vector<std::uint32_t> taken;
    take_rows(p, batch, left, taken);
    return left.empty();
  }

  /// No row tells the path, but parameters may rule some out.
  std::size_t path_of_no_rows(const char* who, const Batch<Real>& batch) {
    std::vector<std::vector<std::uint32_t>> possible(paths_.size());
    for (std::size_t p = 0; p < paths_.size(); ++p) {
      if (may_be_taken(p, batch)) possible[p] = {0};
    }
    const auto first = std::ranges::find_if_not(possible, &std::vector<std::uint32_t>::empty);
    check_terms_that_count_once(possible);
    if (first != possible.end()) return static_cast<std::size_t>(first - possible.begin());
    if (tracer_ == nullptr || paths_.size() >= options.max_paths) {
      throw UsageError(std::string(who) + ": the parameters branch otherwise than in the paths seen (got " +
                       std::to_string(paths_.size()) + ", which is max_paths)");
    }
    trace_path(sample_, "compile: in the sample");
    return paths_.size() - 1;
  }

  bool may_be_taken(std::size_t p, const Batch<Real>& batch) {
    const std::vector<Guard>& guards = paths_[p]->code.guards;
    if (guards.empty()) return true;
    const Plan<Real>& comparisons = plan(p, Want::guards);
    const std::vector<Real> found = comparisons.run(batch);
    for (std::size_t g = 0; g < guards.size(); ++g) {
      const bool depends_on_row = comparisons.code().varying[comparisons.code().outputs[3 * g]] != 0;
      if (!depends_on_row && (found[3 * g] != 0) != guards[g].truth) return false;
    }
    return true;
  }

  /// A sum counts once what no row enters. That means something only if it is the same on every path.
  void check_terms_that_count_once(const std::vector<std::vector<std::uint32_t>>& groups) {
    const Code* first = nullptr;
    for (std::size_t p = 0; p < groups.size(); ++p) {
      if (groups[p].empty()) continue;
      const Code& terms = counted_once(*paths_[p]);
      if (first == nullptr) first = &terms;
      if (same_program(*first, terms)) continue;
      throw UsageError(
          "backward: a term over parameters alone is not the same in all branches, so that a sum "
          "cannot count it once (got " +
          std::to_string(first->size()) + " and " + std::to_string(terms.size()) +
          " operations in it); use select or Reduce::mean");
    }
  }

  static const Code& rolled(Path<Real>& path) {
    if (!path.was_searched && path.code.guards.empty()) {
      path.rolled = find_loops(path.code);
    } else if (!path.was_searched) {
      Code code = path.code;
      code.guards.clear();  // which are a program of their own
      path.rolled = roll(code);
    }
    path.was_searched = true;
    if (auto joined = join_extremes(path.rolled ? *path.rolled : path.code)) path.rolled = std::move(joined);
    return path.rolled ? *path.rolled : path.code;
  }

  const Code& counted_once(Path<Real>& path) {
    if (path.once) return *path.once;
    return path.once.emplace(simplify(derive(path.code, Want::once, shape, options.reduce)));
  }

  /// Which rows take which path. Rows that take none yet get one, by a run of the function on the first of
  /// them.
  std::vector<std::vector<std::uint32_t>> group(const char* who, const Batch<Real>& batch) {
    if (batch.rows > std::numeric_limits<std::uint32_t>::max()) {
      throw UsageError(std::string(who) + ": a function that branches takes 4294967295 rows at most (got " +
                       std::to_string(batch.rows) + ")");
    }
    std::vector<std::vector<std::uint32_t>> groups(paths_.size());
    std::vector<std::uint32_t> left(batch.rows);
    std::iota(left.begin(), left.end(), 0U);
    for (std::size_t p = 0; p < paths_.size() && !left.empty(); ++p) take_rows(p, batch, left, groups[p]);
    std::vector<std::pair<std::uint32_t, std::size_t>> astray;
    while (!left.empty()) {
      const std::uint32_t row = left.front();
      if (tracer_ == nullptr || paths_.size() >= options.max_paths) refuse(who, batch, row);
      trace_path(sample_of(batch, row), in_row(who, row));
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
      if (!same_program(paths_[p]->code, paths_[last]->code)) continue;
      paths_.pop_back();
      return p;
    }
    return last;
  }

  /// Moves the rows on which all guards of path `p` hold from `left` to `taken`.
  void take_rows(std::size_t p, const Batch<Real>& batch, std::vector<std::uint32_t>& left,
                 std::vector<std::uint32_t>& taken) {
    const std::vector<Guard>& guards = paths_[p]->code.guards;
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
    plan(p, Want::guards).run(guards, Found<Real>());
    return sides;
  }

  [[noreturn]] void refuse(const char* who, const Batch<Real>& batch, std::uint32_t row) {
    const Path<Real>& path = *paths_.back();
    const std::vector<Real> sides = run_guards(paths_.size() - 1, batch, {row});
    const std::size_t width = 3 * path.code.guards.size();
    for (std::size_t g = 0; g < path.code.guards.size(); ++g) {
      const Guard& guard = path.code.guards[g];
      const Real* const side = &sides[row * width + 3 * g];
      if ((side[0] != 0) == guard.truth) continue;
      if (side[1] != side[1] || side[2] != side[2]) {  // an index out of range may be why
        Batch<Real> one = batch;
        one.picked = std::span(&row, 1);
        check_indices(who, one, path.code);
      }
      const Instruction& comparison = path.code.instructions[guard.comparison];
      throw UsageError(std::string(who) + ": row " + std::to_string(row) + " branches otherwise at " +
                       shown(path.code, comparison.a) + " " + std::string(sign_of(comparison.op)) + " " +
                       shown(path.code, comparison.b) + " (got " +
                       engine::describe_number(static_cast<double>(side[1])) + " and " +
                       engine::describe_number(static_cast<double>(side[2])) + ", expected that it is " +
                       (guard.truth ? "true" : "false") + "); use select, or allow more paths (max_paths " +
                       std::to_string(options.max_paths) + ")");
    }
    throw UsageError(std::string(who) + ": row " + std::to_string(row) + " needs one more way through the " +
                     "branches (got " + std::to_string(paths_.size()) + ", which is max_paths)");
  }

  Tracer tracer_;               ///< empty for a graph that stood
  std::vector<double> sample_;  ///< what the function was first run on
  std::vector<std::unique_ptr<Path<Real>>> paths_;
};

}  // namespace micrograd::compiler
