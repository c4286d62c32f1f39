// An index that stands for a column: what it chooses is recorded with all that it may choose from.
#include <micrograd/engine/index.hpp>

#include <string>

#include <micrograd/engine/custom_rule.hpp>
#include <micrograd/engine/watcher.hpp>
#include <micrograd/error.hpp>

namespace micrograd {

void Index::refuse(std::uint64_t number) {
  throw UsageError("Index: the number is too large (got " + std::to_string(number) +
                   ", expected at most 9223372036854775807)");
}

void Index::refuse_value() const {
  throw UsageError("value: the index '" + std::string(column()->label()) +
                   "' is being compiled, and a program cannot follow what becomes of a plain number; choose "
                   "with pick or gather, and compare what was picked");
}

Index::operator std::size_t() const {
  const std::int64_t number = value();
  if (number < 0) {
    throw UsageError("Index: this is no position (got " + std::to_string(number) + ", expected 0 or more)");
  }
  return static_cast<std::size_t>(number);
}

Index Index::of_column(const Value& column) {
  Index index;
  index.column_ = column;
  return index;
}

namespace engine {
namespace {

Watcher& watcher_of(const char* who, const Index& index) {
  if (tape.watcher != nullptr) return *tape.watcher;
  throw UsageError(std::string(who) + ": the index '" + std::string(index.column()->label()) +
                   "' is that of a function that was compiled, and has no number outside of it");
}

/// `values` and the place of the one that is chosen now.
Value record_pick(const char* who, std::vector<Node*> values, std::size_t chosen, const Index& index) {
  const double data = values[chosen]->data;
  values.push_back(index.column()->node());
  const auto no_rule = [](const Value& /*out*/) {
    throw UsageError(
        "backward: a value that was picked while a function was compiled has no gradient "
        "outside of it; use the program's own derivatives");
  };
  Value result =
      record_custom(data, {.name = who, .operands = std::move(values), .closure = no_rule, .rule = nullptr});
  tape.watcher->picked(result);
  return result;
}

}  // namespace

Value watch_pick(std::span<const Value> values, const Index& index) {
  const std::size_t chosen = watcher_of("pick", index).chosen("pick", index, values.size());
  std::vector<Node*> nodes;
  nodes.reserve(values.size() + 1);
  for (const Value& value : values) nodes.push_back(operand(value));
  return record_pick("pick", std::move(nodes), chosen, index);
}

std::vector<Value> watch_gather(std::span<const std::span<const Value>> table, const Index& index) {
  const std::size_t chosen = watcher_of("gather", index).chosen("gather", index, table.size());
  const std::size_t columns = table[0].size();
  for (const std::span<const Value> row : table) {
    if (row.size() == columns) continue;
    throw UsageError(
        "gather: the rows of the table must have the same length while the index is being "
        "compiled (got " +
        std::to_string(columns) + " and " + std::to_string(row.size()) + ")");
  }
  std::vector<Value> result;
  result.reserve(columns);
  for (std::size_t j = 0; j < columns; ++j) {
    std::vector<Node*> nodes;
    nodes.reserve(table.size() + 1);
    for (const std::span<const Value> row : table) nodes.push_back(operand(row[j]));
    result.push_back(record_pick("gather", std::move(nodes), chosen, index));
  }
  return result;
}

}  // namespace engine
}  // namespace micrograd
