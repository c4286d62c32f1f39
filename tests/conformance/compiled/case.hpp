// A random program, the rows that it is tried on, and what every back end must give for them: numbers of a
// reference run in forward mode, which carries the rounding error of its own and of a back end along.
#pragma once

#include <array>

#include <micrograd/compiler/compile.hpp>

#include "../instances.hpp"
#include "loose.hpp"

namespace conformance {

using micrograd::CompileOptions;
using micrograd::Index;
using micrograd::Reduce;
using micrograd::Value;
using random_programs::Loose;

inline constexpr std::array<std::size_t, 7> row_counts{0, 1, 7, 127, 128, 129, 1000};
inline constexpr std::size_t most_threads = 4;

/// One row.
struct Point {
  std::vector<double> inputs;
  std::vector<Index> indices;
};

/// What is right for it. Slopes: output k by leaf j at k * leaves + j.
template <class Real>
struct Expected {
  std::vector<Loose<Real>> values, slopes;
};

template <class Real>
class Case {
 public:
  Case(std::uint64_t seed, bool rows_of_the_user);

  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] std::size_t inputs() const { return drawn_.inputs; }
  [[nodiscard]] std::size_t outputs() const { return drawn_.outputs.size(); }
  [[nodiscard]] std::size_t leaves() const { return drawn_.leaves.size(); }
  [[nodiscard]] const std::vector<Value>& parameters() const { return parameters_; }
  /// What the program computes, and what its first output is worth with one target.
  [[nodiscard]] std::vector<Value> function(std::span<const Value> x, std::span<const Index> indices) const;
  [[nodiscard]] Value loss(std::span<const Value> x, std::span<const Value> target,
                           std::span<const Index> indices) const;

  /// Rows lie close around the first of a few points; 0 if no point is clear of kinks and ties.
  [[nodiscard]] std::size_t rows() const { return rows_; }
  /// A case without points is one that no back end can be judged by.
  [[nodiscard]] bool has_points() const { return !points_.empty(); }
  [[nodiscard]] const Point& point(std::size_t row) const { return points_[of(row)]; }
  [[nodiscard]] const Expected<Real>& expected(std::size_t row) const { return expected_[of(row)]; }

  /// Whole numbers, which round nothing themselves.
  [[nodiscard]] double seed_of(std::size_t row, std::size_t output) const {
    return static_cast<double>(1 + (row + output) % 3);
  }
  [[nodiscard]] double direction_of(std::size_t row, std::size_t input) const {
    return static_cast<double>(2 - (row + input) % 2);
  }
  [[nodiscard]] double target_of(std::size_t row) const { return static_cast<double>(1 + row % 2); }
  [[nodiscard]] double loss_seed_of(std::size_t row) const { return static_cast<double>(row % 3); }
  /// How much the loss of a row counts.
  [[nodiscard]] double weight_of(std::size_t row) const;

  /// How it is compiled: each case in another way.
  [[nodiscard]] const CompileOptions& options() const { return options_; }

 private:
  void draw_options(random_programs::Draw& draw);
  [[nodiscard]] std::size_t of(std::size_t row) const { return row * 7 % points_.size(); }

  std::uint64_t seed_;
  random_programs::Program drawn_;
  std::vector<Value> parameters_;
  std::vector<Point> points_;
  std::vector<Expected<Real>> expected_;
  std::size_t rows_ = 0;
  CompileOptions options_;
};

extern template class Case<double>;
extern template class Case<float>;

}  // namespace conformance
