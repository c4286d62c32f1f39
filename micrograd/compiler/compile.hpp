// compile: a function on Values, run once to see what it does, becomes a program that does the same for any
// number of rows of plain numbers at the speed of vector instructions, derivatives included.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <micrograd/compiler/simplify_options.hpp>
#include <micrograd/engine/index.hpp>
#include <micrograd/engine/value.hpp>
#include <micrograd/simd/target.hpp>

namespace micrograd {

/// A table of plain numbers that belongs to the caller: row i, column j is `data[i * stride + j]`.
template <class Real>
struct Rows {
  Real* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t stride = 0;

  Rows() = default;
  Rows(Real* numbers, std::size_t row_count, std::size_t column_count)
      : Rows(numbers, row_count, column_count, column_count) {}
  Rows(Real* numbers, std::size_t row_count, std::size_t column_count, std::size_t row_stride)
      : data(numbers), rows(row_count), columns(column_count), stride(row_stride) {}
  /// One column.
  template <class Numbers>
    requires requires(Numbers& numbers) { std::span<Real>(numbers); } &&
                 (!std::is_same_v<std::remove_cvref_t<Numbers>, Rows>)
  Rows(Numbers&& numbers)
      : data(std::span<Real>(numbers).data()), rows(std::span<Real>(numbers).size()), columns(1), stride(1) {}
  operator Rows<const Real>() const
    requires(!std::is_const_v<Real>)
  {
    return {data, rows, columns, stride};
  }
};

/// What a function to be compiled takes. A row of numbers is its inputs, behind them the targets, and then
/// the indices, whole numbers that choose with pick and gather.
struct Signature {
  std::size_t inputs = 0;
  std::size_t targets = 0;
  std::size_t indices = 0;
  /// What the function is first run on, a whole row; if empty, all ones and the indices 0. A function that
  /// branches is run again for rows that would take other branches.
  std::vector<double> sample = {};
};

/// What `backward` differentiates. In a sum too, a term over parameters alone counts once.
enum class Reduce { mean, sum, none };

struct CompileOptions {
  /// Leaves whose data is read anew at each run, and whose gradients `backward` adds to. The program keeps
  /// these leaves: move them with set_data. A Value put in the place of one (`w = w - step`) is none of them,
  /// which is noticed where the function is run again, by `verify`, and by `backward` when nobody but the
  /// program holds the old leaf; otherwise the program goes on with the old one.
  std::vector<Value> parameters = {};
  Reduce reduce = Reduce::mean;
  /// Used by a run; the results do not depend on it.
  std::size_t threads = 1;
  /// The widest vector instructions to use. Programs limited alike give the same bits on all machines that
  /// have these.
  simd::Target widest = simd::Target::avx3;
  /// How many ways through its branches a function may take; 1: a row that branches otherwise than the sample
  /// is a UsageError.
  std::size_t max_paths = 16;
  /// For finding mistakes, slow: run the function three times, twice on the sample and once on other numbers,
  /// and again on the first row of each run of the program. What then differs, though no comparison says so,
  /// is a UsageError: plain numbers that follow the inputs, parameters that were replaced, drawn numbers.
  bool verify = false;
  /// Shorten the program before it is run; in which ways.
  bool simplify = true;
  compiler::SimplifyOptions simplify_options = {};
  /// Find loops: sums of many terms that were computed alike; and in what is in none of them, and in programs
  /// on one row, vectors and matrix products.
  bool roll = true;
  /// Compute sums of products without writing down what lies between. Such sums round less often than eager
  /// code where the machine can multiply and add at once; where a comparison depends on them, only products
  /// with what is the same for all rows do.
  bool collect = true;
};

/// What a C file has besides the function itself.
struct CFile {
  bool gradient = false;          ///< NAME_gradient: also the derivatives by the inputs
  bool backward = false;          ///< NAME_backward: also those by the parameters, for one output
  bool fixed_parameters = false;  ///< parameters are constants with the data of now, not an argument
};

/// What a run computes. Each has a program of its own, made when it is first needed.
enum class Want {
  values,
  gradient,
  jacobian,
  hessian,
  jvp,
  vjp,
  backward,
  seeded,  ///< backward_seeded
  guards,  ///< whether rows take this way through the branches
  once     ///< what counts once in a sum over rows
};

/// How far a program has come: each stage is made of the one before.
enum class Stage {
  traced,      ///< as the function was recorded, the same whatever is wanted
  rolled,      ///< what it did again and again as loops; the same too
  derived,     ///< with what is wanted as its outputs, derivatives among them
  simplified,  ///< shortened
  collected,   ///< with sums of products as one instruction each
  scheduled    ///< in the order and at the places in which it runs
};

/// What a picture of a program shows.
struct DrawOptions {
  Stage stage = Stage::simplified;
  Want want = Want::values;
  std::size_t most = 500;  ///< the last instructions, so many
  bool top_down = false;   ///< from the top to the bottom rather than from left to right
};

/// How long a program is.
struct ProgramStats {
  std::size_t traced = 0;      ///< operations that the function recorded
  std::size_t simplified = 0;  ///< of these, after simplification
  std::size_t paths = 0;       ///< ways through the branches seen so far
  std::size_t block = 0;       ///< rows that go through the program together
  /// What was found in the source, in words: `100 rounds as one batch, 9 matrix products`; "nothing" if each
  /// operation runs by itself.
  std::string found = {};
};

/// A constant with the data of now. Throws UsageError for a value that is being compiled.
Value freeze(const Value& x);

/// A compiled function. `Real` is the type it computes in, float or double. Copies share the program. What a
/// method takes and gives has one row for each row of `x`; wrong sizes are a UsageError. Results may be
/// written over `x`, which is read as it was before the call; two results must not overlap. A row that is
/// refused leaves the results untouched; what a user's own row throws may leave some of them written. A long
/// program runs a single row in another way than many, so the last digits of a row alone may differ from
/// those of the same row among others.
template <class Real>
class Program {
 public:
  using Table = Rows<const Real>;

  [[nodiscard]] std::size_t inputs() const;
  [[nodiscard]] std::size_t targets() const;
  [[nodiscard]] std::size_t indices() const;
  [[nodiscard]] std::size_t outputs() const;
  /// Ways through the function's branches that rows have taken so far.
  [[nodiscard]] std::size_t paths() const;

  // With targets or indices, a row of `x` is the inputs, behind them the targets, and then the indices.
  // Derivatives are those by the inputs. An index that is not a whole number among those that the function
  // can choose by on this row is a UsageError, thrown before anything is written.

  /// out(i, k): output k of row i.
  void run(Table x, Rows<Real> out) const;
  /// Also gradients(i, j) = d out(i, 0) / d x(i, j), for one output.
  void gradient(Table x, Rows<Real> out, Rows<Real> gradients) const;
  /// out(i, k * inputs + j) = d output k / d x(i, j).
  void jacobian(Table x, Rows<Real> out) const;
  /// out(i, j * inputs + k) = d² output / d x(i, j) d x(i, k), for one output.
  void hessian(Table x, Rows<Real> out) const;
  /// out(i, k) = Σ d output k / d x(i, j) directions(i, j).
  void jvp(Table x, Table directions, Rows<Real> out) const;
  /// out(i, j) = Σ seeds(i, k) d output k / d x(i, j).
  void vjp(Table x, Table seeds, Rows<Real> out) const;

  /// Adds d (reduced output) / d parameter to every parameter's gradient, and returns the reduced output. For
  /// one output. `x` holds the inputs, `targets` the targets and then the indices; or `x` holds all.
  double backward(Table x, Table targets) const;
  double backward(Table x) const { return backward(x, {}); }
  /// For a function that takes nothing: a loss over all examples, say.
  double backward() const { return backward(Table(nullptr, 1, 0), {}); }
  /// The same for those who keep the parameters elsewhere: `parameters` stand for the data of the leaves, and
  /// the gradients are written to `gradients`, not added to theirs; one number for each, in order. Where the
  /// function branches, it may be run again, so the leaves are then given these numbers.
  double backward(Table x, Table targets, std::span<const Real> parameters, std::span<Real> gradients) const;
  /// For Reduce::none: adds Σ seeds(i) d output(i) / d parameter, and returns Σ seeds(i) output(i).
  double backward_seeded(Table x, Table targets, Table seeds) const;
  /// The same with the parameters in arrays.
  double backward_seeded(Table x, Table targets, Table seeds, std::span<const Real> parameters,
                         std::span<Real> gradients) const;

  /// Makes the program for what is wanted now, not at first use. Throws UsageError where that cannot be done,
  /// or if what is wanted needs one output and there are more.
  void prepare(Want want) const;

  /// The program as a C99 file that needs nothing but <math.h>. Its functions take one row:
  /// `int NAME(const double* x, const double* parameters, double* out)`, without `parameters` if there are
  /// none; `NAME_gradient` and `NAME_backward` have one more argument, the derivatives that they write. They
  /// return 0, or 1 and write nothing for a row that branches otherwise than the sample did or whose index
  /// is out of range. A comment in the file says the same of its own functions. Throws UsageError for a name
  /// that C does not allow, for a user's own row, and if long programs would need more than 4 MiB of stack.
  [[nodiscard]] std::string to_c(std::string_view name, const CFile& what = {}) const;

  // What the program looks like, for people: the one of the sample's way through the branches.

  /// As text, one instruction a line. Throws UsageError if what is wanted needs one output and there are
  /// more.
  [[nodiscard]] std::string dump(Stage stage = Stage::simplified, Want want = Want::values) const;
  /// As a drawing in DOT, the language of Graphviz: a box for each result, a bubble for each operation. Solid
  /// lines: a number for each row; dashed ones: one number for all rows. If not all is shown, a note says how
  /// much is not. Throws as `dump`, and for Stage::scheduled, of which there is no picture.
  [[nodiscard]] std::string to_dot(const DrawOptions& options = {}) const;
  /// Of the program for what is wanted. Throws as `dump`.
  [[nodiscard]] ProgramStats stats(Want want = Want::values) const;

  class Implementation;
  explicit Program(std::shared_ptr<Implementation> implementation)
      : implementation_(std::move(implementation)) {}

 private:
  std::shared_ptr<Implementation> implementation_;
};

extern template class Program<float>;
extern template class Program<double>;

namespace compiler {
using Values = std::span<const Value>;
using Indices = std::span<const Index>;
using AnyFunction = std::function<std::vector<Value>(Values inputs, Values targets, Indices indices)>;
template <class Real>
Program<Real> compile_any(AnyFunction function, const Signature& signature, const CompileOptions& options);

template <class F>
concept Compilable =
    std::is_invocable_v<F&> || std::is_invocable_v<F&, Values> || std::is_invocable_v<F&, Values, Values> ||
    std::is_invocable_v<F&, Values, Indices> || std::is_invocable_v<F&, Values, Values, Indices>;

/// Throws UsageError if the function takes indices and has none, or has them and takes none.
void check_indices(bool are_taken, std::size_t indices);

/// Throws UsageError if a function without arguments has columns.
void check_no_columns(std::size_t columns);

/// Whatever the function takes and returns, as an AnyFunction.
template <Compilable F> AnyFunction wrap(F function) {
  return [function = std::move(function)](Values x, Values y, Indices i) -> std::vector<Value> {
    const auto results = [](auto&& result) -> std::vector<Value> {
      if constexpr (std::is_convertible_v<decltype(result), Value>) {
        return {std::forward<decltype(result)>(result)};
      } else {
        return std::forward<decltype(result)>(result);
      }
    };
    constexpr bool takes_targets = std::is_invocable_v<F&, Values, Values>;
    constexpr bool takes_indices = std::is_invocable_v<F&, Values, Indices>;
    if constexpr (std::is_invocable_v<F&>) {
      check_no_columns(x.size() + y.size() + i.size());
      return results(function());
    } else if constexpr (std::is_invocable_v<F&, Values, Values, Indices>) {
      check_indices(true, i.size());
      return results(function(x, y, i));
    } else if constexpr (takes_targets && takes_indices) {  // generic: either will do
      return i.empty() ? results(function(x, y)) : results(function(x, i));
    } else if constexpr (takes_indices) {
      check_indices(true, i.size());
      return results(function(x, i));
    } else {
      check_indices(false, i.size());
      if constexpr (takes_targets) {
        return results(function(x, y));
      } else {
        return results(function(x));
      }
    }
  };
}
}  // namespace compiler

/// Compiles `f()`, `f(std::span<const Value> x)`, `f(x, y)` with targets, `f(x, i)` with `std::span<const
/// Index> i`, or `f(x, y, i)`, which returns a Value or a vector of them. Throws UsageError where the program
/// could go wrong without a word: a leaf that is neither input, parameter nor frozen, data() or grad() of a
/// value or the number of an index that is being compiled, set_data or set_grad, Values that outlive the run
/// that made them, an operation with a closure. Plain numbers that the function finds outside are constants
/// (`verify` reports those that change). The function is kept, and run again for rows that take other
/// branches. O(operations) time and memory; a pick counts as many as it chooses from.
template <class Real, compiler::Compilable F>
Program<Real> compile(F function, const Signature& signature, const CompileOptions& options = {}) {
  return compiler::compile_any<Real>(compiler::wrap(std::move(function)), signature, options);
}

/// Compiles a graph that stands: `inputs` are the leaves that become columns. It computes what the graph
/// does, which knows neither the branches nor the plain numbers that the function took on the way, such as
/// the shift of logsumexp; a select is a UsageError.
template <class Real>
Program<Real> compile(std::span<const Value> outputs, std::span<const Value> inputs,
                      const CompileOptions& options = {});
template <class Real>
Program<Real> compile(const Value& output, std::span<const Value> inputs,
                      const CompileOptions& options = {}) {
  return compile<Real>(std::span(&output, 1), inputs, options);
}

}  // namespace micrograd
