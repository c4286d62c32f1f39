// Writes vector steps: where results lie, what their operands are, and the machine's steps. Internal to the
// schedule.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include <micrograd/compiler/places.hpp>

namespace micrograd::compiler {

/// Fewer results than these are not worth the machine.
inline constexpr std::size_t least_in_machine = 4;

class VectorWriter {
 public:
  using Kind = VectorStep::Kind;

  /// Some places of the list in order.
  struct Operand {
    enum class Kind { together, same, scattered } kind = Kind::same;
    std::uint32_t at = 0;  ///< the first, or the only one
    std::uint32_t count = 0;
    std::vector<std::uint32_t> places = {};  ///< scattered ones
  };

  VectorWriter(Places& places, Schedule& schedule, Phase& phase);

  /// Where a number that never changes is.
  std::uint32_t place_number(double number);
  /// Room for results of one step.
  std::uint32_t take_places(std::size_t count);
  /// Results side by side; the place of the first.
  std::uint32_t place_results(std::span<const Id> ids);
  VectorStep& append(Kind kind, std::size_t count, std::uint32_t out);
  /// What runs alone, at its place.
  void append_once(Id id);

  // ---- operands

  /// Where `get(id)` is for each of them.
  template <class Get>
  Operand operand_of(std::span<const Id> ids, const Get& get) const {
    Operand operand{.at = places_.of(get(ids[0])), .count = static_cast<std::uint32_t>(ids.size())};
    bool together = true, same = true;
    for (std::size_t i = 1; i < ids.size(); ++i) {
      const std::uint32_t place = places_.of(get(ids[i]));
      together &= place == operand.at + i;
      same &= place == operand.at;
      if (!together && !same) break;
    }
    if (together || same) {
      operand.kind = same ? Operand::Kind::same : Operand::Kind::together;
      return operand;
    }
    operand.kind = Operand::Kind::scattered;
    operand.places.reserve(ids.size());
    for (const Id id : ids) operand.places.push_back(places_.of(get(id)));
    return operand;
  }
  /// Copies what is scattered, unless that has been done; that of several operands in one step.
  void bring_together(Operand& operand) { bring_together(std::span(&operand, 1)); }
  void bring_together(std::span<Operand> operands);
  [[nodiscard]] bool is_together(const Operand& operand) const;
  /// Where copies of these are side by side.
  std::uint32_t gathered(std::span<const std::uint32_t> places);

  // ---- steps of the machine, from what it takes up to what it stores

  [[nodiscard]] std::uint32_t begin_machine() const {
    return static_cast<std::uint32_t>(phase_.vectors.terms.size());
  }
  /// A term of results side by side, of one operand or of two, that are not both the same for all.
  void append_term(bool minus, bool is_first, const Operand& x, const Operand* y);
  /// A light row, its operands read already.
  void append_row(const TermStep& step) { phase_.vectors.terms.push_back(step); }
  void reads(const Operand& operand);
  /// Stores what the machine holds. These steps join those before them if they are for as many results: all
  /// of them are then done for some packs first, and for the others later. So nothing computed there may be
  /// read here but what lies in the same pack.
  void close_machine(std::uint32_t first, std::size_t count, std::uint32_t out);

 private:
  /// Numbers that the machine reads, in the list.
  struct Read {
    std::uint32_t at = 0;
    std::uint32_t count = 1;
  };

  /// Where copies are of numbers from `first` on among the vectors' `places`.
  struct Gathered {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
    std::uint32_t out = 0;
  };

  /// Where these are side by side already, or none.
  [[nodiscard]] std::uint32_t find_gathered(std::span<const std::uint32_t> places) const;

  Places& places_;
  Schedule& schedule_;
  Phase& phase_;
  std::vector<Read> reads_;            ///< by the machine's steps under way
  std::vector<std::uint32_t> stored_;  ///< where the results of the last machine step begin
  std::unordered_multimap<std::uint64_t, Gathered> gathered_;
};

}  // namespace micrograd::compiler
