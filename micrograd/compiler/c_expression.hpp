// A number type for rows that computes nothing: an Expression is a piece of C. A row evaluated on Expressions
// gives its own formula as text, so that the table stays the only place that says what a row computes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <micrograd/ops.hpp>

namespace micrograd::compiler {

/// A piece of C and the pieces that it is made of. Pieces may be shared, so they are a graph.
struct Term {
  enum class Kind : std::uint8_t { number, name, sign, sum, product, comparison, choice, call, gamma };
  Kind kind = Kind::number;
  double number = 0;
  std::string text;  ///< a name, an operator, or a function
  std::vector<std::shared_ptr<const Term>> operands;
};

class Expression {
 public:
  template <class N>
    requires std::is_arithmetic_v<N>
  Expression(N number)
      : term_(
            std::make_shared<Term>(Term{.number = static_cast<double>(number), .text = {}, .operands = {}})) {
  }
  /// A variable.
  explicit Expression(std::string name)
      : term_(
            std::make_shared<Term>(Term{.kind = Term::Kind::name, .text = std::move(name), .operands = {}})) {
  }

  template <class... Operands>
  static Expression made(Term::Kind kind, std::string_view text, const Operands&... operands) {
    return Expression(std::make_shared<Term>(
        Term{.kind = kind, .text = std::string(text), .operands = {operands.term_...}}));
  }

  [[nodiscard]] const std::shared_ptr<const Term>& term() const { return term_; }

  using Kind = Term::Kind;
  friend Expression operator+(const Expression& x, const Expression& y) { return made(Kind::sum, "+", x, y); }
  friend Expression operator-(const Expression& x, const Expression& y) { return made(Kind::sum, "-", x, y); }
  friend Expression operator*(const Expression& x, const Expression& y) {
    return made(Kind::product, "*", x, y);
  }
  friend Expression operator/(const Expression& x, const Expression& y) {
    return made(Kind::product, "/", x, y);
  }
  friend Expression operator-(const Expression& x) { return made(Kind::sign, "-", x); }
  friend Expression operator+(const Expression& x) { return x; }

 private:
  explicit Expression(std::shared_ptr<const Term> term) : term_(std::move(term)) {}

  std::shared_ptr<const Term> term_;
};

/// The comparison of two Expressions. Its `select` is a friend, so that it hides no other from the rows of
/// this namespace.
struct Comparison {
  Expression text;

  friend Expression select(const Comparison& condition, const Expression& x, const Expression& y) {
    return Expression::made(Term::Kind::choice, "?", condition.text, x, y);
  }
};

inline Comparison compared(std::string_view sign, const Expression& x, const Expression& y) {
  return {Expression::made(Term::Kind::comparison, sign, x, y)};
}
inline Comparison operator<(const Expression& x, const Expression& y) { return compared("<", x, y); }
inline Comparison operator<=(const Expression& x, const Expression& y) { return compared("<=", x, y); }
inline Comparison operator>(const Expression& x, const Expression& y) { return compared(">", x, y); }
inline Comparison operator>=(const Expression& x, const Expression& y) { return compared(">=", x, y); }
inline Comparison operator==(const Expression& x, const Expression& y) { return compared("==", x, y); }
inline Comparison operator!=(const Expression& x, const Expression& y) { return compared("!=", x, y); }

// What C has. A row that calls another function does not compile until the function is listed here.
template <class... Operands> Expression call(std::string_view function, const Operands&... operands) {
  return Expression::made(Term::Kind::call, function, operands...);
}
inline Expression abs(const Expression& x) { return call("fabs", x); }
inline Expression fabs(const Expression& x) { return call("fabs", x); }
inline Expression copysign(const Expression& x, const Expression& y) { return call("copysign", x, y); }
inline Expression floor(const Expression& x) { return call("floor", x); }
inline Expression ceil(const Expression& x) { return call("ceil", x); }
inline Expression round(const Expression& x) { return call("round", x); }
inline Expression trunc(const Expression& x) { return call("trunc", x); }
inline Expression fma(const Expression& x, const Expression& y, const Expression& z) {
  return call("fma", x, y, z);
}
inline Expression sqrt(const Expression& x) { return call("sqrt", x); }
inline Expression cbrt(const Expression& x) { return call("cbrt", x); }
inline Expression hypot(const Expression& x, const Expression& y) { return call("hypot", x, y); }
inline Expression exp(const Expression& x) { return call("exp", x); }
inline Expression exp2(const Expression& x) { return call("exp2", x); }
inline Expression expm1(const Expression& x) { return call("expm1", x); }
inline Expression log(const Expression& x) { return call("log", x); }
inline Expression log1p(const Expression& x) { return call("log1p", x); }
inline Expression log2(const Expression& x) { return call("log2", x); }
inline Expression log10(const Expression& x) { return call("log10", x); }
inline Expression pow(const Expression& x, const Expression& y) { return call("pow", x, y); }
inline Expression sin(const Expression& x) { return call("sin", x); }
inline Expression cos(const Expression& x) { return call("cos", x); }
inline Expression tan(const Expression& x) { return call("tan", x); }
inline Expression asin(const Expression& x) { return call("asin", x); }
inline Expression acos(const Expression& x) { return call("acos", x); }
inline Expression atan(const Expression& x) { return call("atan", x); }
inline Expression atan2(const Expression& y, const Expression& x) { return call("atan2", y, x); }
inline Expression sinh(const Expression& x) { return call("sinh", x); }
inline Expression cosh(const Expression& x) { return call("cosh", x); }
inline Expression tanh(const Expression& x) { return call("tanh", x); }
inline Expression asinh(const Expression& x) { return call("asinh", x); }
inline Expression acosh(const Expression& x) { return call("acosh", x); }
inline Expression atanh(const Expression& x) { return call("atanh", x); }
inline Expression erf(const Expression& x) { return call("erf", x); }
inline Expression erfc(const Expression& x) { return call("erfc", x); }
inline Expression lgamma(const Expression& x) { return call("lgamma", x); }

// What C lacks, and what rows call that is a row itself.
inline Expression digamma(const Expression& x) { return Expression::made(Term::Kind::gamma, "digamma", x); }
inline Expression polygamma(double n, const Expression& x) {
  if (n == 0.0) return digamma(x);
  const double somewhere = micrograd::polygamma(n, 1.0);
  if (somewhere != somewhere) return somewhere;  // there is no derivative of that order
  return Expression::made(Term::Kind::gamma, "polygamma", Expression(n), x);
}
inline Expression sigmoid(const Expression& x) { return Sigmoid::value(x); }

}  // namespace micrograd::compiler
