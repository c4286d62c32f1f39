// Lists are brought together by a hash and compared before anything follows from it.
#include <micrograd/compiler/find_products.hpp>

#include <algorithm>
#include <bit>
#include <optional>
#include <unordered_map>
#include <utility>

#include <micrograd/compiler/lists.hpp>

namespace micrograd::compiler {
namespace {

/// Below so many products a sum after the other is as fast.
constexpr std::size_t least_products = 16;
/// A sum with more terms of other kinds is not much of a product.
constexpr std::size_t most_other_terms = 2;

/// A dot that may be a row of a product.
struct Row {
  std::vector<Id> x, weights;
  Id start = none;
  std::vector<Product> rest;
};

/// A term of the product itself: a weight and what varies.
bool is_weighted(const Product& term) {
  return !term.minus && term.y == none && term.factor != none && term.x != none;
}

std::optional<Row> row_of(std::span<const Product> terms) {
  Row row;
  for (const Product& term : terms) {
    const bool is_start = !term.minus && term.x == none && row.start == none;
    if (is_weighted(term)) {
      row.x.push_back(term.x);
      row.weights.push_back(term.factor);
    } else if (is_start) {
      row.start = term.factor;
    } else {
      row.rest.push_back(term);
    }
  }
  if (row.x.size() < 2 || row.rest.size() > most_other_terms) return std::nullopt;
  return row;
}

/// Those whose list enough others have for a product that pays, and few more: most dots of a long program
/// have one of their own, and cost little then.
std::vector<Id> with_lists_of_others(const Code& code, std::span<const Id> dots) {
  constexpr std::uint8_t enough = least_products / 2;
  std::vector<std::uint8_t> rows(std::bit_ceil(2 * dots.size() + 1));  // by a hash of their lists
  const auto look = [&](Id dot) {
    std::uint64_t hash = 0;
    std::size_t columns = 0;
    for (const Product& term : code.products_of(code.instructions[dot])) {
      if (!is_weighted(term)) continue;
      hash = mixed_hash(hash, term.x);
      ++columns;
    }
    return std::pair(columns, &rows[hash & (rows.size() - 1)]);
  };
  for (const Id dot : dots) {
    std::uint8_t& count = *look(dot).second;
    if (count < enough) ++count;
  }
  std::vector<Id> kept;
  for (const Id dot : dots) {
    const auto [columns, count] = look(dot);
    if (columns >= 2 && *count >= 2 && columns * *count >= least_products) kept.push_back(dot);
  }
  return kept;
}

}  // namespace

std::vector<FoundMultiply> find_multiplies(const Code& code, std::span<const Id> dots) {
  Lists lists;
  std::vector<FoundMultiply> found;
  for (const Id dot : with_lists_of_others(code, dots)) {
    std::optional<Row> row = row_of(code.products_of(code.instructions[dot]));
    if (!row) continue;
    const std::size_t number = lists.number_of(row->x);
    if (number == found.size()) found.emplace_back().x = row->x;
    FoundMultiply& product = found[number];
    product.results.push_back(dot);
    product.rests.push_back(std::move(row->rest));
    product.weights.insert(product.weights.end(), row->weights.begin(), row->weights.end());
    product.starts.push_back(row->start);
  }
  std::erase_if(found, [](const FoundMultiply& product) {
    return product.results.size() < 2 || product.weights.size() < least_products;
  });
  return found;
}

std::vector<FoundTotals> find_totals(const Code& code, std::span<const Id> totals) {
  struct ProductsOfOne {
    Id g;
    std::vector<Id> x, totals;
  };
  std::vector<ProductsOfOne> rows;
  std::unordered_map<Id, std::size_t> row_of_g;
  for (const Id total : totals) {
    const std::span<const Product> terms = code.products_of(code.instructions[code.instructions[total].a]);
    if (terms.size() != 1) continue;
    const Product& term = terms[0];
    if (term.minus || term.factor != none || term.y == none) continue;
    const auto [at, is_new] = row_of_g.try_emplace(term.x, rows.size());
    if (is_new) rows.push_back({.g = term.x, .x = {}, .totals = {}});
    rows[at->second].x.push_back(term.y);
    rows[at->second].totals.push_back(total);
  }
  Lists lists;
  std::vector<FoundTotals> found;
  for (const ProductsOfOne& row : rows) {
    // The same products may come in another order, as a neuron's weights do from the last to the first.
    std::vector<std::size_t> order(row.x.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, {}, [&row](std::size_t i) { return row.x[i]; });
    std::vector<Id> x, of_row;
    for (const std::size_t i : order) {
      x.push_back(row.x[i]);
      of_row.push_back(row.totals[i]);
    }
    const std::size_t number = lists.number_of(x);
    if (number == found.size()) found.push_back({.totals = {}, .g = {}, .x = std::move(x)});
    found[number].g.push_back(row.g);
    found[number].totals.insert(found[number].totals.end(), of_row.begin(), of_row.end());
  }
  std::erase_if(found, [](const FoundTotals& product) {
    return product.g.size() < 2 || product.x.size() < 2 || product.totals.size() < least_products;
  });
  return found;
}

}  // namespace micrograd::compiler
