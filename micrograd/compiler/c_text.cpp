// A row's formula, evaluated on Expressions, is written down from its smallest pieces to the whole.
#include <micrograd/compiler/c_text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <micrograd/compiler/c_expression.hpp>
#include <micrograd/compiler/lane_rows.hpp>

namespace micrograd::compiler {
namespace {

using Kind = Term::Kind;

/// How strongly the parts of a piece hold together: those of a sum less than those of a product.
enum class Binding : std::uint8_t { choice, comparison, sum, product, sign, whole };

struct Piece {
  const Term* term = nullptr;
  std::size_t uses = 0;
  std::string text;
  Binding binding = Binding::whole;
};

class Writer {
 public:
  Writer(std::string_view result, const Dialect& dialect) : result_(result), dialect_(dialect) {}

  RowText write(const Expression& formula) {
    collect(formula.term().get());
    for (Piece& piece : pieces_) {
      put(piece);
      const bool is_simple = piece.term->kind == Kind::name || piece.term->kind == Kind::number;
      if (piece.uses < 2 || is_simple) continue;
      const std::string name = std::string(result_) + "_" + std::to_string(written_.statements.size() + 1);
      written_.statements.push_back("const " + std::string(dialect_.type()) + " " + name + " = " +
                                    piece.text + ";");
      piece.text = name;
      piece.binding = Binding::whole;
    }
    written_.result = std::move(pieces_.back().text);
    return std::move(written_);
  }

 private:
  Piece* find(const Term* term) {
    const auto found = std::ranges::find(pieces_, term, &Piece::term);
    return found == pieces_.end() ? nullptr : &*found;
  }

  /// Every piece once, behind those that it is made of.
  void collect(const Term* root) {
    struct Visit {
      const Term* term;
      std::size_t next = 0;
    };
    std::vector<Visit> open{{.term = root}};
    while (!open.empty()) {
      Visit& visit = open.back();
      if (visit.next < visit.term->operands.size()) {
        const Term* const operand = visit.term->operands[visit.next++].get();
        if (Piece* const known = find(operand)) {
          ++known->uses;
        } else {
          open.push_back({.term = operand});
        }
        continue;
      }
      pieces_.push_back({.term = visit.term, .uses = 1, .text = {}});
      open.pop_back();
    }
  }

  /// Operand `i` of the piece, in parentheses if it holds together less than `least`.
  std::string operand(const Piece& piece, std::size_t i, Binding least) {
    const Piece& operand = *find(piece.term->operands[i].get());
    return operand.binding < least ? "(" + operand.text + ")" : operand.text;
  }

  void put_infix(Piece& piece, Binding binding, Binding left, Binding right) {
    piece.binding = binding;
    piece.text = operand(piece, 0, left) + " " + piece.term->text + " " + operand(piece, 1, right);
  }

  void put_call(Piece& piece, const std::string& function) {
    piece.text = function + "(";
    for (std::size_t i = 0; i < piece.term->operands.size(); ++i) {
      piece.text += (i == 0 ? "" : ", ") + operand(piece, i, Binding::choice);
    }
    piece.text += ")";
  }

  void put(Piece& piece) {
    const Term& term = *piece.term;
    switch (term.kind) {
      case Kind::number:
        piece.text = number_in_c(term.number, dialect_);
        if (std::signbit(term.number)) piece.binding = Binding::sign;
        return;
      case Kind::name:
        piece.text = term.text;
        return;
      case Kind::sign:
        piece.text = "-" + operand(piece, 0, Binding::whole);
        piece.binding = Binding::sign;
        return;
      case Kind::sum:
        return put_infix(piece, Binding::sum, Binding::sum, Binding::product);
      case Kind::product:
        return put_infix(piece, Binding::product, Binding::product, Binding::sign);
      case Kind::comparison:
        return put_infix(piece, Binding::comparison, Binding::sum, Binding::sum);
      case Kind::choice:
        piece.binding = Binding::choice;
        piece.text = operand(piece, 0, Binding::comparison) + " ? " + operand(piece, 1, Binding::sum) +
                     " : " + operand(piece, 2, Binding::sum);
        return;
      case Kind::call:
        return put_call(piece, term.text + (dialect_.is_float ? "f" : ""));
      case Kind::gamma:
        put_call(piece, (dialect_.is_float ? "(float)" : "") + dialect_.prefix + term.text);
        if (dialect_.is_float) piece.binding = Binding::sign;
        (term.text == "digamma" ? written_.uses_digamma : written_.uses_polygamma) = true;
        return;
    }
  }

  std::string_view result_;
  const Dialect& dialect_;
  std::vector<Piece> pieces_;
  RowText written_;
};

template <class Op, std::size_t I> auto operand_for(const CellText& cell) {
  if constexpr (std::is_same_v<Operand<Op, I, Expression>, double>) {
    return cell.number.value_or(0);  // never 0 by default: a row's number operand is a literal
  } else {
    return cell.number ? Expression(*cell.number) : Expression(cell.name);
  }
}

template <class Op> Expression formula_of(std::span<const CellText> operands) {
  return [&]<std::size_t... I>(std::index_sequence<I...> /*operands*/) {
    return Expression(Op::template value<Expression>(operand_for<Op, I>(operands[I])...));
  }(std::make_index_sequence<arity<Op>>());
}

constexpr auto formulas = [] {
  std::array<Expression (*)(std::span<const CellText> operands), KernelOps::size> list{};
  KernelOps::for_each([&list]<class Op>() { list[kernel_code<Op>] = formula_of<Op>; });
  return list;
}();

std::size_t row_of(OpCode op) {
  static_assert(kernel_code<IsNotEqual> - kernel_code<IsLess> == special::not_equal - special::less);
  if (op < Ops::size) return op;
  return op == special::select ? kernel_code<Choose> : kernel_code<IsLess> + (op - special::less);
}

template <class Real> std::string digits_of(Real number) {
  if (std::isnan(number)) return "NAN";
  if (std::isinf(number)) return number < 0 ? "-INFINITY" : "INFINITY";
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  std::string text(digits.data(), end);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

std::string number_in_c(double number, const Dialect& dialect) {
  if (!dialect.is_float) return digits_of(number);
  const auto rounded = static_cast<float>(number);
  return digits_of(rounded) + (std::isfinite(rounded) ? "f" : "");
}

RowText row_in_c(OpCode op, std::span<const CellText> operands, std::string_view result,
                 const Dialect& dialect) {
  return Writer(result, dialect).write(formulas[row_of(op)](operands));
}

}  // namespace micrograd::compiler
