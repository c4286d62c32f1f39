// Index: a whole number that chooses one of several values, by pick and gather (engine/reductions.hpp). Eager
// code uses it as the number that it is. In a function that is being compiled it may stand for a column of
// the rows to come, and then has no number yet.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <micrograd/engine/value.hpp>

namespace micrograd {

class Index {
 public:
  Index() = default;
  /// Implicit, so that a number may stand wherever an Index may. Throws UsageError beyond 2^63 - 1.
  template <std::integral I>
  Index(I number) : number_(static_cast<std::int64_t>(number)) {
    if (number > 0 && number_ < 0) refuse(static_cast<std::uint64_t>(number));
  }

  /// The plain number. Throws UsageError for an index that is being compiled.
  [[nodiscard]] std::int64_t value() const {
    if (column_) [[unlikely]]
      refuse_value();
    return number_;
  }
  /// The same; a negative one is a UsageError too.
  explicit operator std::size_t() const;

  /// For the layers of this library: an index that stands for a column, whose number of now is the data of
  /// this leaf.
  [[nodiscard]] static Index of_column(const Value& column);
  /// The leaf; null for a plain number.
  [[nodiscard]] const Value* column() const { return column_ ? &*column_ : nullptr; }

 private:
  [[noreturn]] static void refuse(std::uint64_t number);
  [[noreturn]] void refuse_value() const;

  std::int64_t number_ = 0;
  std::optional<Value> column_;
};

namespace engine {

/// The value that `index`, which stands for a column, chooses; recorded as a choice.
Value watch_pick(std::span<const Value> values, const Index& index);
/// The same for each column of a table; throws UsageError unless its rows are equally long.
std::vector<Value> watch_gather(std::span<const std::span<const Value>> table, const Index& index);

}  // namespace engine
}  // namespace micrograd
