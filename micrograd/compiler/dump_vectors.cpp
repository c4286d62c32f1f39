// Vector steps as text.
#include <micrograd/compiler/dump_vectors.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace micrograd::compiler {
namespace {

using Kind = VectorStep::Kind;

constexpr auto light_names = [] {
  std::array<std::string_view, LightRows::size> names{};
  std::size_t row = 0;
  LightRows::for_each([&]<class Op>() { names[row++] = Op::info.name; });
  return names;
}();

std::string number(std::uint32_t place) { return "u" + std::to_string(place); }
std::string vector(std::uint32_t first) { return number(first) + "…"; }
std::string results(std::uint32_t first, std::size_t count) {
  return count == 1 ? number(first) : vector(first) + number(first + static_cast<std::uint32_t>(count) - 1);
}

std::string text_of_term(const TermStep& term) {
  switch (static_cast<TermKind>(term.code / 4)) {
    case TermKind::u:
      return number(term.u);
    case TermKind::x:
      return vector(term.x);
    case TermKind::ux:
      return number(term.u) + " * " + vector(term.x);
    default:
      return vector(term.x) + " * " + vector(term.y);
  }
}

std::string text_of_row(const TermStep& step, const std::string& held) {
  const std::size_t row = (step.code - first_row_code) / 4;
  const auto form = static_cast<RowForm>((step.code - first_row_code) % 4);
  const std::string name(light_names[row]);
  const bool is_choice = row + 1 == LightRows::size;
  std::size_t operands = 0, at = 0;
  LightRows::for_each([&]<class Op>() { operands = at++ == row ? arity<Op> : operands; });
  if (operands == 1) return name + "(" + held + ")";
  if (is_choice) {
    const bool y_is_vector = form == RowForm::held_x || form == RowForm::held_u;
    const std::string y = y_is_vector ? vector(step.x) : number(step.u);
    const std::string z = form == RowForm::held_x   ? vector(step.y)
                          : form == RowForm::held_u ? number(step.u)
                          : form == RowForm::x_held ? vector(step.x)
                                                    : number(step.x);
    return name + "(" + held + ", " + y + ", " + z + ")";
  }
  const bool is_number = form == RowForm::held_u || form == RowForm::u_held;
  const std::string other = is_number ? number(step.u) : vector(step.x);
  const bool held_first = form == RowForm::held_x || form == RowForm::held_u;
  return name + "(" + (held_first ? held : other) + ", " + (held_first ? other : held) + ")";
}

std::string dump_machine(const Vectors& vectors, const VectorStep& step) {
  std::string lines, held;
  for (std::uint32_t t = step.operands[0]; t < step.operands[1]; ++t) {
    const TermStep& term = vectors.terms[t];
    if (term.code == store_code) {
      lines.append("  ").append(results(term.x, step.count)).append(" = ").append(held).append("\n");
    } else if (term.code < store_code) {
      const bool minus = (term.code & 2U) != 0;
      const bool is_first = (term.code & 1U) != 0;
      if (is_first) held.clear();
      held += is_first ? (minus ? "-" : "") : (minus ? " - " : " + ");
      held += text_of_term(term);
    } else {
      held = text_of_row(term, held);
    }
  }
  return lines;
}

}  // namespace

std::string dump_vector_step(const Vectors& vectors, const VectorStep& step) {
  if (step.kind == Kind::machine) return dump_machine(vectors, step);
  std::string text = "  " + results(step.out, step.count) + " = ";
  switch (step.kind) {
    case Kind::parameters:
      text += "parameters";
      break;
    case Kind::gather: {
      constexpr std::uint32_t most = 4;
      text += "brought together";
      for (std::uint32_t i = 0; i < std::min(most, step.count); ++i) {
        text += " " + number(vectors.places[step.operands[0] + i]);
      }
      if (step.count > most) text += " …";
      break;
    }
    case Kind::kernel: {
      text += name_of(step.op);
      for (std::size_t k = 0; k < operand_count(step.op); ++k) {
        const bool is_number = step.count == 1 || (step.uniform >> k & 1U) != 0;
        text += " " + (is_number ? number(step.operands[k]) : vector(step.operands[k]));
      }
      break;
    }
    case Kind::sums: {
      const std::uint32_t first = step.operands[0];
      const std::uint32_t terms = vectors.sums[first + step.count] - vectors.sums[first];
      if (step.operands[1] != 0) text += "the same + ";
      text += "sums of " + std::to_string(terms) + " terms";
      break;
    }
    case Kind::product: {
      const ListProduct& product = vectors.products[step.operands[0]];
      const auto shape = [](std::uint32_t rows, std::uint32_t columns) {
        return std::to_string(rows) + " x " + std::to_string(columns);
      };
      text += "matrix " + shape(product.rows, product.terms) + " at " + number(product.a.first) +
              " times matrix " + shape(product.terms, product.columns) + " at " + number(product.b.first);
      break;
    }
    case Kind::pick:
      text += "pick " + number(step.operands[1]);
      break;
    case Kind::scatter:
      text += "0, but " + std::to_string(step.operands[1]) + " by index";
      break;
    case Kind::extreme:
      text += std::string(name_of(step.op)) + " of each list";
      if (step.op == special::which)
        text += " is " + std::string(name_of(static_cast<OpCode>(step.operands[1])));
      break;
    default:
      break;
  }
  return text + "\n";
}

}  // namespace micrograd::compiler
