// Matrix products first; of the others those with terms of the same kinds go through the machine together.
#include <micrograd/compiler/place_sums.hpp>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include <micrograd/compiler/find_matrices.hpp>
#include <micrograd/compiler/lists.hpp>

namespace micrograd::compiler {
namespace {

/// For so many results side by side everything may be brought together; for fewer one operand of a term.
constexpr std::size_t least_worth_gathers = 16;
/// Terms that the machine takes for results side by side; longer sums are added up one after the other.
constexpr std::size_t most_terms_in_machine = 64;

class SumPlacer {
 public:
  SumPlacer(const Code& code, Places& places, VectorWriter& writer, Vectors& vectors, std::uint32_t one)
      : code_(code), places_(places), writer_(writer), to_(vectors), one_(one) {}

  void run(std::span<const Id> ids) {
    FoundMatrices found;
    if (ids.size() < least_in_machine) {
      found.others.assign(ids.begin(), ids.end());
    } else {
      found = find_matrices(code_, ids);
    }
    for (FoundMatrix& product : found.products) {
      put_in_order(product);
      place_product(product);
    }
    // Alike: as many terms with the same signs.
    const auto alike = [this](Id x, Id y) {
      return std::ranges::equal(terms_of(x), terms_of(y), [](const Product& a, const Product& b) {
        return a.minus == b.minus && (a.y == none) == (b.y == none);
      });
    };
    std::vector<std::vector<Id>> classes;
    std::unordered_multimap<std::uint64_t, std::size_t> known;
    for (const Id id : found.others) {
      std::uint64_t hash = terms_of(id).size();
      for (const Product& term : terms_of(id)) {
        hash = mixed_hash(hash, (term.minus ? 2U : 0U) + (term.y == none ? 1U : 0U));
      }
      const auto [first, last] = known.equal_range(hash);
      const auto same = std::find_if(
          first, last, [&](const auto& entry) { return alike(classes[entry.second].front(), id); });
      if (same != last) {
        classes[same->second].push_back(id);
      } else {
        known.emplace(hash, classes.size());
        classes.push_back({id});
      }
    }
    // Few of a kind lie beside one another all the same.
    std::vector<Id> few;
    for (std::vector<Id>& one : classes) {
      if (one.size() < least_in_machine) {
        few.insert(few.end(), one.begin(), one.end());
      } else {
        if (goes_backwards(one)) std::ranges::reverse(one);
        place_alike(one);
      }
    }
    std::ranges::sort(few);
    if (!few.empty())
      append_sums(few, writer_.place_results(few), [](const Product&) { return true; }, false);
  }

 private:
  using Operand = VectorWriter::Operand;

  const Instruction& at(Id id) const { return code_.instructions[id]; }
  std::span<const Product> terms_of(Id dot) const { return code_.products_of(at(dot)); }

  /// What comes later in the program is made of what lies before, as in derivatives.
  bool goes_backwards(std::span<const Id> dots) {
    const Product& first = terms_of(dots.front())[0];
    const Product& last = terms_of(dots.back())[0];
    if (first.x != last.x) return places_.of(first.x) > places_.of(last.x);
    return first.y != none && places_.of(first.y) > places_.of(last.y);
  }

  /// Rows and columns in the order of their factors.
  void put_in_order(FoundMatrix& product) {
    const auto place = [this](Id id) { return places_.of(id); };
    const std::size_t rows = product.rows, columns = product.columns, terms = product.terms;
    if (place(product.a[0]) > place(product.a[(rows - 1) * terms])) {
      for (std::size_t r = 0; r < rows / 2; ++r) {
        const std::size_t other = rows - 1 - r;
        std::swap_ranges(&product.a[r * terms], &product.a[r * terms] + terms, &product.a[other * terms]);
        std::swap_ranges(&product.results[r * columns], &product.results[r * columns] + columns,
                         &product.results[other * columns]);
      }
    }
    if (place(product.b[0]) > place(product.b[columns - 1])) {
      const auto reverse_rows = [columns](std::vector<Id>& matrix) {
        for (std::size_t first = 0; first < matrix.size(); first += columns) {
          std::reverse(&matrix[first], &matrix[first] + columns);
        }
      };
      reverse_rows(product.b);
      reverse_rows(product.results);
    }
  }

  /// Sums with as many terms of the same kinds.
  void place_alike(std::span<const Id> ids) {
    const std::uint32_t out = writer_.place_results(ids);
    if (!append_side_by_side(ids, out, [](const Product&) { return true; }, false)) {
      append_sums(ids, out, [](const Product&) { return true; }, false);
    }
  }

  void place_product(const FoundMatrix& found) {
    const std::uint32_t out = writer_.place_results(found.results);
    ListProduct product{.a = matrix_of(found.a, found.terms),
                        .b = {},
                        .rows = static_cast<std::uint32_t>(found.rows),
                        .columns = static_cast<std::uint32_t>(found.columns),
                        .terms = static_cast<std::uint32_t>(found.terms)};
    const std::optional<Matrix> even = places_.even_matrix(found.b, found.columns);
    product.b = even && even->column_step == 1 ? *even : copied(found.b, found.columns);
    product.scratch = places_.take_places(found.rows * product.scratch_step());
    writer_.append(VectorStep::Kind::product, found.results.size(), out).operands[0] =
        static_cast<std::uint32_t>(to_.products.size());
    to_.products.push_back(product);
    // What else is in the sums.
    const auto is_other = [](const Product& term) { return !is_pair(term); };
    std::size_t most = 0;
    bool all_alike = true;
    const auto others = [&](Id id) {
      std::vector<std::pair<bool, bool>> kinds;
      for (const Product& term : terms_of(id)) {
        if (is_other(term)) kinds.emplace_back(term.minus, term.y == none);
      }
      return kinds;
    };
    const auto first = others(found.results[0]);
    for (const Id id : found.results) {
      const auto here = others(id);
      most = std::max(most, here.size());
      all_alike &= here == first;
    }
    if (most == 0) return;
    if (all_alike && append_side_by_side(found.results, out, is_other, true)) return;
    append_sums(found.results, out, is_other, true);
  }

  Matrix matrix_of(std::span<const Id> ids, std::size_t columns) {
    const std::optional<Matrix> even = places_.even_matrix(ids, columns);
    return even ? *even : copied(ids, columns);
  }
  Matrix copied(std::span<const Id> ids, std::size_t columns) {
    std::vector<std::uint32_t> places;
    places.reserve(ids.size());
    for (const Id id : ids) places.push_back(places_.of(id));
    return {
        .first = writer_.gathered(places), .row_step = static_cast<std::uint32_t>(columns), .column_step = 1};
  }

  /// By the machine, term after term, if what must be brought together for it is not more than it saves.
  /// `wanted`: of which terms; `to_result`: added to what is there.
  template <class Wanted>
  bool append_side_by_side(std::span<const Id> ids, std::uint32_t out, const Wanted& wanted, bool to_result) {
    const std::size_t length = terms_of(ids[0]).size();
    if (length > most_terms_in_machine) return false;
    struct Pair {
      bool minus;
      std::size_t x;  ///< among the operands; y behind it, if there is one
      bool has_y;
    };
    // Of each sum its wanted terms, by number.
    std::vector<std::vector<std::uint32_t>> numbers(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
      for (std::uint32_t k = 0; k < terms_of(ids[i]).size(); ++k) {
        if (wanted(terms_of(ids[i])[k])) numbers[i].push_back(k);
      }
    }
    std::vector<Id> which(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) which[i] = static_cast<Id>(i);
    std::vector<Pair> pairs;
    std::vector<Operand> operands;
    std::size_t scattered = 0;
    const auto is_same = [](const Operand& operand) { return operand.kind == Operand::Kind::same; };
    for (std::size_t k = 0; k < numbers[0].size(); ++k) {
      const auto term = [&](Id i) -> const Product& { return terms_of(ids[i])[numbers[i][k]]; };
      const bool has_y = term(0).y != none;
      pairs.push_back({.minus = term(0).minus, .x = operands.size(), .has_y = has_y});
      operands.push_back(writer_.operand_of(which, [&](Id i) { return term(i).x; }));
      if (has_y) operands.push_back(writer_.operand_of(which, [&](Id i) { return term(i).y; }));
      if (has_y && is_same(operands[operands.size() - 2]) && is_same(operands.back())) return false;
    }
    for (const Operand& operand : operands) scattered += writer_.is_together(operand) ? 0 : 1;
    if (ids.size() < least_worth_gathers && scattered > pairs.size()) return false;
    writer_.bring_together(operands);
    const auto first = static_cast<std::uint32_t>(to_.terms.size());
    if (to_result) {
      const Operand result{
          .kind = Operand::Kind::together, .at = out, .count = static_cast<std::uint32_t>(ids.size())};
      writer_.append_term(false, true, result, nullptr);
      writer_.reads(result);
    }
    bool is_first = !to_result;
    for (const Pair& pair : pairs) {
      const Operand& x = operands[pair.x];
      const Operand* const y = pair.has_y ? &operands[pair.x + 1] : nullptr;
      writer_.reads(x);
      if (y != nullptr) writer_.reads(*y);
      writer_.append_term(pair.minus, is_first, x, y);
      is_first = false;
    }
    writer_.close_machine(first, ids.size(), out);
    return true;
  }

  /// One after the other.
  template <class Wanted>
  void append_sums(std::span<const Id> ids, std::uint32_t out, const Wanted& wanted, bool to_result) {
    VectorStep& step = writer_.append(VectorStep::Kind::sums, ids.size(), out);
    step.operands = {static_cast<std::uint32_t>(to_.sums.size()), to_result ? 1U : 0U, 1};
    for (const Id id : ids) {
      to_.sums.push_back(static_cast<std::uint32_t>(to_.sum_terms.x.size()));
      for (const Product& term : terms_of(id)) {
        if (!wanted(term)) continue;
        to_.sum_terms.x.push_back(places_.of(term.x) | (term.minus ? minus_bit : 0U));
        to_.sum_terms.y.push_back(term.y == none ? one_ : places_.of(term.y));
        if (term.y != none) step.operands[2] = 0;
      }
    }
  }

  const Code& code_;
  Places& places_;
  VectorWriter& writer_;
  Vectors& to_;
  std::uint32_t one_;
};

}  // namespace

void place_sums(const Code& code, Places& places, VectorWriter& writer, Vectors& vectors, std::uint32_t one,
                std::span<const Id> dots) {
  SumPlacer(code, places, writer, vectors, one).run(dots);
}

}  // namespace micrograd::compiler
