// The methods of a Program: their tables, checked and taken apart into columns.
#include <algorithm>
#include <string>

#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/implementation.hpp>
#include <micrograd/compiler/overlap.hpp>
#include <micrograd/error.hpp>

namespace micrograd {

using compiler::Column;

namespace {

std::string in_words(std::size_t rows, std::size_t columns) {
  return std::to_string(rows) + " rows of " + std::to_string(columns);
}

template <class Real>
void check_size(const char* who, const char* what, const Rows<Real>& table, std::size_t rows,
                std::size_t columns) {
  if (table.rows == rows && table.columns == columns && (table.stride >= columns || rows <= 1)) {
    if (table.data != nullptr || rows * columns == 0) return;
    throw UsageError(std::string(who) + ": " + what + " points nowhere (got null, expected " +
                     in_words(rows, columns) + " numbers)");
  }
  if (table.rows == rows && table.columns == columns) {
    throw UsageError(std::string(who) + ": the rows of " + what + " overlap (got the stride " +
                     std::to_string(table.stride) + ", expected " + std::to_string(columns) + " or more)");
  }
  throw UsageError(std::string(who) + ": " + what + " has another size (got " +
                   in_words(table.rows, table.columns) + " numbers, expected " + in_words(rows, columns) +
                   ")");
}

template <class Real> void append_columns(std::vector<Column<Real>>& columns, const Rows<Real>& table) {
  for (std::size_t j = 0; j < table.columns; ++j) columns.push_back({table.data + j, table.stride});
}

}  // namespace

template <class Real> std::size_t Program<Real>::inputs() const { return implementation_->shape.inputs; }
template <class Real> std::size_t Program<Real>::targets() const { return implementation_->shape.targets; }
template <class Real> std::size_t Program<Real>::indices() const { return implementation_->shape.indices; }
template <class Real> std::size_t Program<Real>::outputs() const { return implementation_->outputs(); }
template <class Real> std::size_t Program<Real>::paths() const { return implementation_->paths(); }
template <class Real> std::string Program<Real>::dump(Stage stage, Want want) const {
  return implementation_->dump(stage, want);
}
template <class Real> std::string Program<Real>::to_dot(const DrawOptions& options) const {
  return implementation_->to_dot(options);
}
template <class Real> std::string Program<Real>::to_c(std::string_view name, const CFile& what) const {
  return implementation_->to_c(name, what);
}
template <class Real> void Program<Real>::prepare(Want want) const { implementation_->prepare(want); }
template <class Real> ProgramStats Program<Real>::stats(Want want) const {
  return implementation_->stats(want);
}

namespace {

/// One call: its tables, checked, as columns. It reads what it is given as it was before the call: a table
/// that shares numbers with a result is copied first.
template <class Real>
class Call {
 public:
  Call(const char* who, typename Program<Real>::Implementation& program, const Rows<const Real>& x)
      : who_(who), program_(program), rows_(x.rows) {
    in("x", x, program.shape.columns());
  }
  /// `behind`: the targets and the indices, if they are not in `x`.
  Call(const char* who, typename Program<Real>::Implementation& program, const Rows<const Real>& x,
       const Rows<const Real>& behind)
      : who_(who), program_(program), rows_(x.rows) {
    const std::size_t width = program.shape.columns() - program.shape.inputs;
    const bool is_whole = width > 0 && behind.data == nullptr && behind.columns == 0;
    in("x", x, is_whole ? program.shape.columns() : program.shape.inputs);
    if (!is_whole && width > 0) in("targets", behind, width);
  }

  Call& one_output() {
    if (program_.outputs() != 1) {
      throw UsageError(std::string(who_) + ": the function must have one output (got " +
                       std::to_string(program_.outputs()) + ")");
    }
    return *this;
  }
  Call& in(const char* what, const Rows<const Real>& table, std::size_t columns) {
    check_size(who_, what, table, rows_, columns);
    given_.push_back(table);
    return *this;
  }
  Call& out(const char* what, const Rows<Real>& table, std::size_t columns) {
    check_size(who_, what, table, rows_, columns);
    for (const Result& other : results_) {
      if (!compiler::overlap<Real>(other.table, table)) continue;
      throw UsageError(std::string(who_) + ": " + other.what + " and " + what + " share numbers (got " +
                       in_words(rows_, other.table.columns) + " and of " + std::to_string(columns) +
                       " that overlap); give each result a place of its own");
    }
    results_.push_back({what, table});
    return *this;
  }
  void run(Want want) { run(want, read_parameters(), {}); }
  /// Adds to the gradients of the leaves.
  double run_backward(Want want) {
    const std::vector<Real> parameters = read_parameters();
    std::vector<Real> gradients(parameters.size());
    const Real reduced = run_backward(want, parameters, gradients);
    return program_.add_gradients(reduced, gradients);
  }
  /// Returns the reduced output.
  Real run_backward(Want want, std::span<const Real> parameters, std::span<Real> gradients) {
    Real reduced = 0;
    run(want, parameters, {.first = {&reduced, 1}, .others = gradients});
    return reduced;
  }
  void run(Want want, std::span<const Real> parameters, const compiler::Found<Real>& found) {
    std::vector<Column<const Real>> inputs;
    for (const Rows<const Real>& table : given_) append_columns(inputs, kept(table));
    std::vector<Column<Real>> results;
    for (const Result& result : results_) append_columns(results, result.table);
    program_.run(who_, want, parameters, inputs, rows_, results, found);
  }
  [[nodiscard]] std::size_t rows() const { return rows_; }

 private:
  struct Result {
    const char* what;
    Rows<Real> table;
  };

  [[nodiscard]] std::vector<Real> read_parameters() const {
    const std::vector<double> data = program_.read_parameters();
    return {data.begin(), data.end()};
  }

  /// The table itself, or a copy if a result would be written over it.
  Rows<const Real> kept(const Rows<const Real>& table) {
    const bool is_safe = std::ranges::none_of(
        results_, [&table](const Result& result) { return compiler::overlap<Real>(table, result.table); });
    if (is_safe) return table;
    std::vector<Real>& copy = copies_.emplace_back();
    copy.reserve(rows_ * table.columns);
    for (std::size_t i = 0; i < rows_; ++i) {
      const Real* const row = table.data + i * table.stride;
      copy.insert(copy.end(), row, row + table.columns);
    }
    return {copy.data(), rows_, table.columns};
  }

  const char* who_;
  typename Program<Real>::Implementation& program_;
  std::size_t rows_;
  std::vector<Rows<const Real>> given_;
  std::vector<Result> results_;
  std::vector<std::vector<Real>> copies_;
};

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

namespace {

template <class Real>
void check_arrays(const char* who, std::size_t count, std::span<const Real> parameters,
                  std::span<Real> gradients) {
  if (parameters.size() == count && gradients.size() == count) return;
  throw UsageError(std::string(who) + ": each parameter needs a number and a place for its gradient (got " +
                   std::to_string(parameters.size()) + " and " + std::to_string(gradients.size()) +
                   ", expected " + std::to_string(count) + ")");
}

void check_reduce(Reduce reduce, std::size_t rows) {
  if (reduce == Reduce::none) {
    throw UsageError("backward: Reduce::none needs one seed a row; call backward_seeded");
  }
  if (rows == 0 && reduce == Reduce::mean) {
    throw UsageError("backward: there is no mean of no rows (got 0 rows, expected 1 or more)");
  }
}

}  // namespace

template <class Real>
double Program<Real>::backward(Table x, Table targets) const {
  check_reduce(implementation_->options().reduce, x.rows);
  Call<Real> call("backward", *implementation_, x, targets);
  implementation_->refuse_lost_parameters("backward");
  return call.one_output().run_backward(Want::backward);
}

template <class Real>
double Program<Real>::backward(Table x, Table targets, std::span<const Real> parameters,
                               std::span<Real> gradients) const {
  check_reduce(implementation_->options().reduce, x.rows);
  check_arrays("backward", implementation_->options().parameters.size(), parameters, gradients);
  Call<Real> call("backward", *implementation_, x, targets);
  implementation_->give_to_leaves_that_branch(parameters);
  return static_cast<double>(call.one_output().run_backward(Want::backward, parameters, gradients));
}

template <class Real>
double Program<Real>::backward_seeded(Table x, Table targets, Table seeds) const {
  Call<Real> call("backward_seeded", *implementation_, x, targets);
  implementation_->refuse_lost_parameters("backward_seeded");
  return call.one_output().in("seeds", seeds, 1).run_backward(Want::seeded);
}

template <class Real>
double Program<Real>::backward_seeded(Table x, Table targets, Table seeds, std::span<const Real> parameters,
                                      std::span<Real> gradients) const {
  check_arrays("backward_seeded", implementation_->options().parameters.size(), parameters, gradients);
  Call<Real> call("backward_seeded", *implementation_, x, targets);
  implementation_->give_to_leaves_that_branch(parameters);
  call.one_output().in("seeds", seeds, 1);
  return static_cast<double>(call.run_backward(Want::seeded, parameters, gradients));
}

template class Program<float>;
template class Program<double>;

}  // namespace micrograd
