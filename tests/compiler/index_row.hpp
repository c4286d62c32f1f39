// A row of plain numbers as what a function with indices takes.
#pragma once

#include <span>
#include <vector>

#include <micrograd/compiler/compile.hpp>

namespace micrograd {

using Span = std::span<const Value>;
using Indices = std::span<const Index>;

struct OneRow {
  std::vector<Value> x, y;
  std::vector<Index> i;

  template <class Real> OneRow(const Real* row, const Signature& signature) {
    for (std::size_t j = 0; j < signature.inputs; ++j) x.emplace_back(static_cast<double>(*row++));
    for (std::size_t j = 0; j < signature.targets; ++j) y.emplace_back(static_cast<double>(*row++));
    for (std::size_t j = 0; j < signature.indices; ++j) i.emplace_back(static_cast<int>(*row++));
  }
};

}  // namespace micrograd
