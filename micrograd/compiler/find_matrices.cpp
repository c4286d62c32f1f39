// Each sum has a list of left factors and one of right factors. Left lists that meet the same right lists are
// the rows of a product, which then is whole.
#include <micrograd/compiler/find_matrices.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>
#include <utility>

#include <micrograd/compiler/lists.hpp>

namespace micrograd::compiler {
namespace {

/// Below so many multiplications sums side by side are as fast.
constexpr std::size_t least_multiplications = 256;
/// A sum with more terms of other kinds is not much of a product.
constexpr std::size_t most_other_terms = 2;

/// A dot by the numbers of its lists.
struct Entry {
  Id dot = 0;
  std::uint32_t left = 0;
  std::uint32_t right = 0;
};

class Finder {
 public:
  explicit Finder(const Code& code) : code_(code) {}

  FoundMatrices run(std::span<const Id> dots) {
    for (const Id dot : dots) sort_in(dot);
    std::ranges::sort(by_left_, {}, [](const Entry& entry) { return std::pair(entry.left, entry.right); });
    // Rows by the right lists that they meet.
    Lists met_lists;
    std::vector<std::vector<std::span<const Entry>>> products;
    for (std::size_t i = 0; i < by_left_.size();) {
      std::size_t end = i;
      std::vector<Id> met;
      while (end < by_left_.size() && by_left_[end].left == by_left_[i].left) {
        met.push_back(by_left_[end++].right);
      }
      const std::span row(&by_left_[i], end - i);
      i = end;
      const bool is_twice_there = std::ranges::adjacent_find(met) != met.end();
      if (is_twice_there || met.size() < 2) {
        leave(row);
        continue;
      }
      const std::size_t number = met_lists.number_of(met);
      if (number == products.size()) products.emplace_back();
      products[number].emplace_back(row);
    }
    for (const auto& rows : products) {
      const std::size_t terms = left_[rows[0][0].left].size();
      if (rows.size() < 2 || rows.size() * rows[0].size() * terms < least_multiplications) {
        for (const std::span<const Entry> row : rows) leave(row);
      } else {
        write(rows);
      }
    }
    std::ranges::sort(found_.others);
    std::ranges::sort(found_.products, {}, [](const FoundMatrix& product) { return product.results[0]; });
    return std::move(found_);
  }

 private:
  void sort_in(Id dot) {
    const std::span<const Product> terms = code_.products_of(code_.instructions[dot]);
    std::vector<Id> left, right;
    for (const Product& term : terms) {
      if (!is_pair(term)) continue;
      left.push_back(term.x);
      right.push_back(term.y);
    }
    if (left.size() < 2 || terms.size() - left.size() > most_other_terms) {
      found_.others.push_back(dot);
      return;
    }
    by_left_.push_back({.dot = dot,
                        .left = static_cast<std::uint32_t>(left_.number_of(left)),
                        .right = static_cast<std::uint32_t>(right_.number_of(right))});
  }

  void leave(std::span<const Entry> row) {
    for (const Entry& entry : row) found_.others.push_back(entry.dot);
  }

  /// What changes from one result to the next in the program is the column, so that results lie side by side
  /// in its order.
  void write(const std::vector<std::span<const Entry>>& rows) {
    std::vector<Entry> entries;
    for (const std::span<const Entry> row : rows) entries.insert(entries.end(), row.begin(), row.end());
    std::ranges::sort(entries, {}, &Entry::dot);
    const bool left_is_row = entries[0].left == entries[1].left;
    const auto row_of = [&](const Entry& entry) { return left_is_row ? entry.left : entry.right; };
    const auto column_of = [&](const Entry& entry) { return left_is_row ? entry.right : entry.left; };
    const std::size_t height = left_is_row ? rows.size() : rows[0].size();
    const std::size_t width = entries.size() / height;

    FoundMatrix product{.rows = height, .columns = width, .terms = left_[entries[0].left].size()};
    std::unordered_map<std::uint32_t, std::size_t> rows_known, columns_known;
    product.results.resize(entries.size());
    product.a.resize(height * product.terms);
    product.b.resize(product.terms * width);
    for (const Entry& entry : entries) {
      const auto [row, is_new_row] = rows_known.try_emplace(row_of(entry), rows_known.size());
      const auto [column, is_new_column] = columns_known.try_emplace(column_of(entry), columns_known.size());
      product.results[row->second * width + column->second] = entry.dot;
      if (is_new_row) {
        const std::span<const Id> list = left_is_row ? left_[entry.left] : right_[entry.right];
        std::ranges::copy(list, &product.a[row->second * product.terms]);
      }
      if (!is_new_column) continue;
      const std::span<const Id> list = left_is_row ? right_[entry.right] : left_[entry.left];
      for (std::size_t k = 0; k < list.size(); ++k) product.b[k * width + column->second] = list[k];
    }
    found_.products.push_back(std::move(product));
  }

  const Code& code_;
  Lists left_, right_;
  std::vector<Entry> by_left_;
  FoundMatrices found_;
};

}  // namespace

FoundMatrices find_matrices(const Code& code, std::span<const Id> dots) { return Finder(code).run(dots); }

}  // namespace micrograd::compiler
