// What can run a program: the engine, the interpreter, lanes, C. Each is asked the same.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "case.hpp"

namespace micrograd {
class Library;
}

namespace conformance {

/// What a back end gives for the rows of a case.
struct Found {
  std::vector<double> values;       ///< row by row, output by output
  std::vector<double> slopes;       ///< row by row, output by output, by each input
  std::vector<double> vjp;          ///< row by row, by each input; empty: the back end has none
  std::vector<double> jvp;          ///< row by row, output by output; empty: the back end has none
  std::vector<double> reduced;      ///< the loss, and its slope by each parameter; empty: not asked
  std::vector<bool> branches_away;  ///< rows that it refuses, since they branch otherwise than the sample
};

/// backward on the graph of each row.
struct Eager {
  using Real = double;
  static constexpr bool has_rows_of_the_user = true;
  explicit Eager(std::span<const Case<Real>> /*cases*/) {}
  Found run(const Case<Real>& given) const;
};

/// The plain interpreter of programs, after the passes.
struct Interpreter {
  using Real = double;
  static constexpr bool has_rows_of_the_user = true;
  explicit Interpreter(std::span<const Case<Real>> /*cases*/) {}
  Found run(const Case<Real>& given) const;
};

/// Program: kernels on lanes, threads, paths.
template <class Number> struct Lanes {
  using Real = Number;
  static constexpr bool has_rows_of_the_user = true;
  explicit Lanes(std::span<const Case<Real>> /*cases*/) {}
  Found run(const Case<Real>& given) const;
};

/// All programs in one C file.
template <class Number> struct ExportedC {
  using Real = Number;
  static constexpr bool has_rows_of_the_user = false;
  explicit ExportedC(std::span<const Case<Real>> cases);
  Found run(const Case<Real>& given) const;

 private:
  std::shared_ptr<const micrograd::Library> library_;
};

}  // namespace conformance
