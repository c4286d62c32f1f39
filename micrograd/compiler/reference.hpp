// A number type for rows that computes nothing: a Reference stands for a result of a program under
// construction, and operations on it append instructions. Derivatives are written this way, so that a row's
// partials are stated once, in the table.
#pragma once

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

class Reference;

/// The comparison of two References; what `select` takes.
struct Truth {
  Code* code = nullptr;  ///< null: known now
  Id id = none;
  bool known = false;
};

class Reference : public Operators<Reference> {
 public:
  Reference() = default;
  /// A plain number; it becomes a literal where it meets a result.
  template <class N>
    requires std::is_arithmetic_v<N>
  Reference(N number) : number_(static_cast<double>(number)) {}
  Reference(Code& code, Id id) : code_(&code), id_(id) {}

  [[nodiscard]] Code* code() const { return code_; }
  [[nodiscard]] bool is_plain() const { return code_ == nullptr; }
  [[nodiscard]] double number() const { return number_; }
  /// Its place in `code`.
  [[nodiscard]] Id in(Code& code) const { return is_plain() ? code.literal(number_) : id_; }

 private:
  Code* code_ = nullptr;
  Id id_ = none;
  double number_ = 0;
};

template <class Op, class... Operands>
Reference emit(const Operands&... operands) {
  Code* code = nullptr;
  ((code = code != nullptr ? code : Reference(operands).code()), ...);
  if (code == nullptr) return Op::template value<double>(Reference(operands).number()...);
  std::array<Id, 3> ids{};
  std::size_t i = 0;
  ((ids[i++] = Reference(operands).in(*code)), ...);
  return {*code, code->append({.op = micrograd::code<Op>, .a = ids[0], .b = ids[1], .c = ids[2]})};
}

template <Row Op> Reference apply(const Reference& x) { return emit<Op>(x); }
template <Row Op> Reference apply(const Reference& x, const Reference& y) { return emit<Op>(x, y); }
template <Row Op> Reference apply(const Reference& x, double y) { return emit<Op>(x, y); }
template <Row Op> Reference apply(double x, const Reference& y) { return emit<Op>(x, y); }
template <Row Op> Reference apply(const Reference& x, const Reference& y, const Reference& z) {
  return emit<Op>(x, y, z);
}

template <class R, class X, class Y>
  requires(std::same_as<X, Reference> || std::same_as<Y, Reference>)
Truth compare(R relation, const X& given_x, const Y& given_y) {
  const Reference x(given_x);
  const Reference y(given_y);
  Code* const code = x.code() != nullptr ? x.code() : y.code();
  if (code == nullptr) return {.known = relation(x.number(), y.number())};
  const auto op = static_cast<OpCode>(special::less + engine::relation_index<R>);
  return {.code = code, .id = code->append({.op = op, .a = x.in(*code), .b = y.in(*code)})};
}

// Rows in this namespace that say `select` go on finding the others.
using micrograd::select;

inline Reference select(const Truth& truth, const Reference& x, const Reference& y) {
  if (truth.code == nullptr) return truth.known ? x : y;
  Code& code = *truth.code;
  return {code, code.append({.op = special::select, .a = truth.id, .b = x.in(code), .c = y.in(code)})};
}

}  // namespace micrograd::compiler
