// One step for each term, and for a row at most one to take up what the machine does not hold yet.
#include <micrograd/compiler/write_terms.hpp>

#include <array>
#include <utility>

namespace micrograd::compiler {

namespace {

/// Of each kind its place among the light rows, or their number.
constexpr auto light_rows = [] {
  std::array<std::uint8_t, special::count> known{};
  known.fill(LightRows::size);
  std::uint8_t row = 0;
  LightRows::for_each([&]<class Op>() {
    const std::size_t code = kernel_code<Op>;
    if (code < Ops::size) {
      known[code] = row;
    } else if (code == kernel_code<Choose>) {
      known[special::select] = row;
    } else {
      known[special::less + (code - kernel_code<IsLess>)] = row;
    }
    ++row;
  });
  return known;
}();

}  // namespace

std::size_t light_row_of(OpCode op) { return light_rows[op]; }

void TermWriter::hold(Id id) {
  if (held == id) return;
  if (varies(id)) {
    append_term({.x = id}, true);
  } else {
    append_term({.factor = id}, true);
  }
}

std::uint32_t TermWriter::append_row(Id id) {
  const auto first = static_cast<std::uint32_t>(terms_.size());
  const std::size_t light = light_row_of(code_.instructions[id].op);
  const Instruction& x = code_.instructions[id];
  const std::size_t operands = operand_count(x.op);
  const auto place = [this](Id operand) { return places_.of(operand); };
  if (operands == 3) {
    hold(x.a);
    TermStep step;
    const bool y_varies = varies(x.b), z_varies = varies(x.c);
    if (y_varies) {
      step.x = place(x.b);
      (z_varies ? step.y : step.u) = place(x.c);
    } else {
      step.u = place(x.b);
      step.x = place(x.c);
    }
    const RowForm form = y_varies ? (z_varies ? RowForm::held_x : RowForm::held_u)
                                  : (z_varies ? RowForm::x_held : RowForm::u_held);
    step.code = row_code(light, form);
    terms_.push_back(step);
    return first;
  }
  if (operands == 1) {
    hold(x.a);
    terms_.push_back({.code = row_code(light, RowForm::held_x)});
    return first;
  }
  // Which operand is held: the one that already is, else the first that varies.
  const bool hold_second = x.a != held && (x.b == held || !varies(x.a));
  const Id other = hold_second ? x.a : x.b;
  hold(hold_second ? x.b : x.a);
  const RowForm form = varies(other) ? (hold_second ? RowForm::x_held : RowForm::held_x)
                                     : (hold_second ? RowForm::u_held : RowForm::held_u);
  TermStep step{.code = row_code(light, form)};
  (varies(other) ? step.x : step.u) = place(other);
  terms_.push_back(step);
  return first;
}

std::uint32_t TermWriter::append_sum(Id dot) {
  const auto first = static_cast<std::uint32_t>(terms_.size());
  bool is_first = true;
  for (const Product& term : code_.products_of(code_.instructions[dot])) {
    const bool is_held = is_first && held != none && term == Product{.x = held};
    if (!is_held) append_term(term, is_first);
    is_first = false;
  }
  return first;
}

void TermWriter::append_term(const Product& term, bool is_first) {
  const auto is_read_in_place = [this](Id id) {
    return id != none && code_.instructions[id].op == special::column &&
           !places_.is(Role::column_in_slot, id);
  };
  Id x = term.x, y = term.y;
  if (is_read_in_place(x) && y != none) std::swap(x, y);
  TermKind kind = term.factor == none ? TermKind::x : TermKind::ux;
  if (is_read_in_place(x)) kind = term.factor == none ? TermKind::c : TermKind::uc;
  if (y != none) kind = term.factor == none ? TermKind::xy : TermKind::uxy;
  if (is_read_in_place(y)) kind = TermKind::xc;
  if (x == none) kind = TermKind::u;
  const auto place = [&](Id id) {
    if (id == none) return Id{0};
    return is_read_in_place(id) ? code_.instructions[id].a : places_.of(id);
  };
  terms_.push_back(
      {.code = term_code(kind, term.minus, is_first), .u = place(term.factor), .x = place(x), .y = place(y)});
}

}  // namespace micrograd::compiler
