// Writes the machine's steps for sums of products and light rows, and knows what the machine holds. Internal
// to the schedule.
#pragma once

#include <vector>

#include <micrograd/compiler/places.hpp>

namespace micrograd::compiler {

/// The place of an operation's row among LightRows; their number if it is none of them.
std::size_t light_row_of(OpCode op);

class TermWriter {
 public:
  TermWriter(const Code& code, Places& places, std::vector<TermStep>& terms)
      : code_(code), places_(places), terms_(terms) {}

  /// The steps of a sum up to what becomes of it; the place of the first one.
  std::uint32_t append_sum(Id dot);
  void append_term(const Product& term, bool is_first);
  /// The steps of a light row; the place of the first one.
  std::uint32_t append_row(Id id);
  void append_store(std::uint32_t slot) { terms_.push_back({.code = store_code, .x = slot}); }

  Id held = none;  ///< what the machine holds

 private:
  void hold(Id id);
  [[nodiscard]] bool varies(Id id) const { return code_.varying[id] != 0; }

  const Code& code_;
  Places& places_;
  std::vector<TermStep>& terms_;
};

}  // namespace micrograd::compiler
