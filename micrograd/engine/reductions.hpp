// Functions of many values, built from rows: sum, dot, mean, logsumexp, softmax, gather, pick. They take any
// contiguous range (vector, array, span) of a number type and record plain scalar operations, left to right.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <initializer_list>
#include <limits>
#include <ranges>
#include <span>
#include <string>
#include <vector>

#include <micrograd/engine/index.hpp>
#include <micrograd/engine/value.hpp>
#include <micrograd/error.hpp>

namespace micrograd {

/// A contiguous range of Values, Duals or Boundeds.
template <class R>
concept NumberRange = std::ranges::contiguous_range<R> && Number<std::ranges::range_value_t<R>>;

/// A contiguous range of plain numbers.
template <class R>
concept PlainRange = std::ranges::contiguous_range<R> && std::is_arithmetic_v<std::ranges::range_value_t<R>>;

/// The number itself, cut off from the graph: a new leaf.
inline Value detach(const Value& x) {
  Value result(x.node()->data);
  if (engine::tape.watcher != nullptr) engine::watch_detached(x, result);
  return result;
}

/// x[0] + x[1] + …, n - 1 additions; 0 for an empty range.
template <NumberRange R>
std::ranges::range_value_t<R> sum(const R& x) {
  auto at = std::ranges::begin(x);
  const auto end = std::ranges::end(x);
  if (at == end) return {};
  auto total = *at;
  for (++at; at != end; ++at) total += *at;
  return total;
}
inline Value sum(std::initializer_list<Value> x) { return sum(std::span(x.begin(), x.size())); }

/// x[0] * y[0] + x[1] * y[1] + …; one of the two may hold plain numbers. Throws UsageError when the lengths
/// differ; 0 for empty ranges.
template <class X, class Y>
  requires(NumberRange<X> && (NumberRange<Y> || PlainRange<Y>)) || (PlainRange<X> && NumberRange<Y>)
auto dot(const X& x, const Y& y) {
  using T = std::remove_cvref_t<decltype(*std::ranges::begin(x) * *std::ranges::begin(y))>;
  const std::size_t n = std::ranges::size(x);
  if (n != std::ranges::size(y)) {
    throw UsageError("dot: the two sides must have the same length (got " + std::to_string(n) + " and " +
                     std::to_string(std::ranges::size(y)) + ")");
  }
  if (n == 0) return T();
  T total = x[0] * y[0];
  for (std::size_t i = 1; i < n; ++i) total += x[i] * y[i];
  return total;
}

/// Throws UsageError for an empty range.
template <NumberRange R>
std::ranges::range_value_t<R> mean(const R& x) {
  if (std::ranges::empty(x)) throw UsageError("mean: needs at least one value (got 0)");
  return sum(x) / static_cast<double>(std::ranges::size(x));
}
inline Value mean(std::initializer_list<Value> x) { return mean(std::span(x.begin(), x.size())); }

/// The largest data of a range, as a plain number: what logsumexp shifts by. No gradient flows through the
/// shift because the result does not depend on it. 0 where shifting would make NaNs of infinities.
template <NumberRange R>
double shift_of(const R& x) {
  double largest = -std::numeric_limits<double>::infinity();
  for (const auto& value : x) largest = std::max(largest, primal(value));
  return std::isfinite(largest) ? largest : 0.0;
}

/// Calls `f` with the shift of `x`: a plain number, or, while somebody watches, a result that replays.
template <NumberRange R, class F>
auto with_shift_of(const R& x, F&& f) {
  if constexpr (std::same_as<std::ranges::range_value_t<R>, Value>) {
    if (engine::tape.watcher != nullptr) {
      Value largest = -std::numeric_limits<double>::infinity();
      for (const Value& value : x) largest = max(largest, value);
      largest = detach(largest);
      return f(select(abs(largest) <= std::numeric_limits<double>::max(), largest, 0.0));
    }
  }
  return f(shift_of(x));
}

/// ln Σ e^x[i] without overflow: ln Σ e^(x[i] - m) + m with m the largest. Throws UsageError for an empty
/// range.
template <NumberRange R>
std::ranges::range_value_t<R> logsumexp(const R& x) {
  if (std::ranges::empty(x)) throw UsageError("logsumexp: needs at least one value (got 0)");
  return with_shift_of(x, [&x](const auto& shift) {
    std::vector<std::ranges::range_value_t<R>> powers;
    powers.reserve(std::ranges::size(x));
    for (const auto& value : x) powers.push_back(exp(value - shift));
    return log(sum(powers)) + shift;
  });
}
inline Value logsumexp(std::initializer_list<Value> x) { return logsumexp(std::span(x.begin(), x.size())); }

/// e^x[i] / Σ e^x[j], computed with the largest x taken off. Throws UsageError for an empty range.
template <NumberRange R>
std::vector<std::ranges::range_value_t<R>> softmax(const R& x) {
  if (std::ranges::empty(x)) throw UsageError("softmax: needs at least one value (got 0)");
  std::vector<std::ranges::range_value_t<R>> result;
  result.reserve(std::ranges::size(x));
  with_shift_of(x, [&](const auto& shift) {
    for (const auto& value : x) result.push_back(exp(value - shift));
    return 0;
  });
  const auto total = sum(result);
  for (auto& power : result) power = power / total;
  return result;
}
inline std::vector<Value> softmax(std::initializer_list<Value> x) {
  return softmax(std::span(x.begin(), x.size()));
}

/// Throws UsageError unless 0 <= index < size.
template <std::integral I>
std::size_t checked_index(const char* who, I index, std::size_t size) {
  if (std::cmp_less(index, 0) || std::cmp_greater_equal(index, size)) {
    throw UsageError(std::string(who) + ": index out of range (got " + std::to_string(index) +
                     ", expected 0 to " + std::to_string(size) + " exclusive)");
  }
  return static_cast<std::size_t>(index);
}

/// values[index], checked.
template <NumberRange R, std::integral I>
std::ranges::range_value_t<R> pick(const R& values, I index) {
  return std::ranges::data(values)[checked_index("pick", index, std::ranges::size(values))];
}

/// The same with an Index, which may stand for a column of the rows that a compiled function is run on.
template <NumberRange R>
std::ranges::range_value_t<R> pick(const R& values, const Index& index) {
  if constexpr (std::same_as<std::ranges::range_value_t<R>, Value>) {
    if (index.column() != nullptr) return engine::watch_pick(std::span<const Value>(values), index);
  }
  return pick(values, index.value());
}

/// Row `index` of a table (a range of rows), checked: the embedding of a token.
template <std::ranges::contiguous_range Table, std::integral I>
  requires NumberRange<std::ranges::range_value_t<Table>>
auto gather(const Table& table, I index) {
  const auto& row = std::ranges::data(table)[checked_index("gather", index, std::ranges::size(table))];
  return std::vector<std::ranges::range_value_t<decltype(row)>>(std::ranges::begin(row),
                                                                std::ranges::end(row));
}

/// The same with an Index.
template <std::ranges::contiguous_range Table>
  requires NumberRange<std::ranges::range_value_t<Table>>
auto gather(const Table& table, const Index& index) {
  using Row = std::ranges::range_value_t<Table>;
  if constexpr (std::same_as<std::ranges::range_value_t<Row>, Value>) {
    if (index.column() != nullptr) {
      const std::vector<std::span<const Value>> rows(std::ranges::begin(table), std::ranges::end(table));
      return engine::watch_gather(rows, index);
    }
  }
  return gather(table, index.value());
}

}  // namespace micrograd
