// Matrix products among sums that run side by side: results for each of some lists of factors with each of
// some others.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// results[r * columns + c] = Σ_k a[r * terms + k] * b[k * columns + c], and what else is in the dot.
struct FoundMatrix {
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t terms = 0;
  std::vector<Id> results = {}, a = {}, b = {};
};

struct FoundMatrices {
  std::vector<FoundMatrix> products;
  std::vector<Id> others;  ///< dots in none of them, in order
};

/// A term that can be part of a matrix product: of two results.
constexpr bool is_pair(const Product& term) {
  return !term.minus && term.factor == none && term.x != none && term.y != none;
}

/// `dots`: in the order of the program; none of them varies. O(terms).
FoundMatrices find_matrices(const Code& code, std::span<const Id> dots);

}  // namespace micrograd::compiler
