// From text to steps, by recursive descent: one function for each level of precedence, and a limit on how
// deep they may nest. An operation on plain numbers is carried out here and leaves a number.
#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <cli/expression.hpp>
#include <cli/expression_builder.hpp>
#include <cli/expression_text.hpp>
#include <cli/expression_tokens.hpp>

namespace micrograd::command {

namespace {

class Parser {
 public:
  Parser(std::string_view text, std::span<const std::string> given)
      : text_(text),
        tokens_(text),
        builder_(text),
        given_(given.begin(), given.end()),
        given_in_order_(given) {
    token_ = tokens_.next();
    ahead_ = tokens_.next();
  }

  Expression run() {
    if (at_end()) fail(token_.place, "the expression is empty", "expected one such as a*b + relu(c)");
    do {
      statement();
      if (!at_end() && !is_sign(";")) fail_between_operands();
      while (is_sign(";")) advance();
    } while (!at_end());
    return std::move(out_);
  }

 private:
  // tokens

  void advance() {
    last_ = token_.place;
    token_ = ahead_;
    ahead_ = tokens_.next();
  }
  bool is_sign(std::string_view sign) const { return is(token_, sign); }
  static bool is(const Token& token, std::string_view sign) {
    return token.kind == Token::Kind::sign && token.text == sign;
  }
  bool at_end() const { return token_.kind == Token::Kind::end; }
  std::string got() const { return "got " + (at_end() ? "the end" : in_quotes(token_.text)); }

  [[noreturn]] void fail(Place place, std::string what, std::string detail = {},
                         std::string hint = {}) const {
    complain(text_, place, {.what = std::move(what), .detail = std::move(detail), .hint = std::move(hint)});
  }
  /// An operand ended here and what follows cannot go on from it.
  [[noreturn]] void fail_between_operands() const {
    const bool starts_operand =
        token_.kind == Token::Kind::number || token_.kind == Token::Kind::name || is_sign("(");
    std::string hint;
    if (starts_operand) hint = "write * if this is a product";
    if (is_sign("=")) hint = "a statement is name = expression; to compare, write ==";
    if (is_sign(")")) fail(token_.place, "this ')' closes nothing");
    if (is_sign(",")) hint = "commas stand between the operands of a function, semicolons between statements";
    fail(token_.place, "expected an operator", got(), hint);
  }

  Piece call_sign(std::string_view name, Place place, std::initializer_list<Piece> operands) {
    const std::span pieces(operands.begin(), operands.size());
    const Place whole = from_to(operands.size() == 1 ? place : pieces.front().place, pieces.back().place);
    return {.step = builder_.call(name, place, pieces), .place = whole};
  }

  // levels of precedence, the loosest first

  void statement() {
    if (token_.kind == Token::Kind::name && is(ahead_, "=")) {
      const Token name = token_;
      advance();
      advance();
      check_new(name);
      const std::size_t steps = out_.steps.size();
      const Piece piece = comparison();
      builder_.need_quantity(piece);
      const bool is_old = piece.step < steps || out_.steps[piece.step].kind == Step::Kind::variable;
      name_step(name, piece, is_old);
    } else {
      const Piece piece = comparison();
      builder_.need_quantity(piece);
      out_.result = piece.step;
    }
  }

  void check_new(const Token& name) const {
    const std::string text(name.text);
    if (names_.contains(text))
      fail(name.place, in_quotes(text) + " has a value already", {}, "choose another name");
    if (given_.contains(text)) {
      fail(name.place, in_quotes(text) + " is given a value twice", {},
           "give it here or after the expression");
    }
  }

  /// A name for a number makes a variable, as `Value a = 2` does.
  void name_step(const Token& name, const Piece& piece, bool is_alias) {
    const std::string text(name.text);
    const std::optional<double> number = builder_.as_number(piece);
    out_.result = number ? builder_.variable(text, number) : piece.step;
    if (!number) out_.named.push_back({.name = text, .step = piece.step, .is_alias = is_alias});
    names_[text] = out_.result;
  }

  static std::optional<Comparison> comparison_of(const Token& token) {
    if (is(token, "<")) return Comparison::less;
    if (is(token, "<=")) return Comparison::less_equal;
    if (is(token, ">")) return Comparison::greater;
    if (is(token, ">=")) return Comparison::greater_equal;
    if (is(token, "==")) return Comparison::equal;
    if (is(token, "!=")) return Comparison::not_equal;
    return std::nullopt;
  }

  Piece comparison() {
    const Piece left = terms();
    const std::optional<Comparison> comparison = comparison_of(token_);
    if (!comparison) return left;
    advance();
    const Piece right = terms();
    if (comparison_of(token_)) fail(token_.place, "comparisons cannot be chained", got());
    return builder_.comparison(*comparison, left, right);
  }

  Piece terms() {
    Piece left = factors();
    while (is_sign("+") || is_sign("-")) left = continued(left, [this] { return factors(); });
    return left;
  }

  Piece factors() {
    Piece left = signed_factor();
    while (is_sign("*") || is_sign("/")) left = continued(left, [this] { return signed_factor(); });
    return left;
  }

  template <class Operand>
  Piece continued(const Piece& left, Operand right) {
    const Token sign = token_;
    advance();
    return call_sign(sign.text, sign.place, {left, right()});
  }

  Piece signed_factor() {
    if (++depth_ > deepest_nesting) {
      fail(token_.place, "nested too deep",
           "expected at most " + std::to_string(deepest_nesting) + " levels");
    }
    const Token sign = token_;
    Piece piece;
    if (is_sign("-")) {
      advance();
      piece = call_sign("neg", sign.place, {signed_factor()});
    } else if (is_sign("+")) {
      advance();
      piece = signed_factor();
      builder_.need_quantity(piece);
    } else {
      piece = power();
    }
    --depth_;
    return piece;
  }

  Piece power() {
    const Piece base = operand();
    if (!is_sign("^") && !is_sign("**")) return base;
    const Token sign = token_;
    advance();
    return call_sign("pow", sign.place, {base, signed_factor()});
  }

  Piece operand() {
    const Token token = token_;
    switch (token.kind) {
      case Token::Kind::number:
        advance();
        return {.step = builder_.number(token.number), .place = token.place};
      case Token::Kind::name:
        advance();
        return is_sign("(") ? call_by_name(token) : named(token);
      default:
        break;
    }
    if (!is_sign("(")) fail(token.place, "expected a number, a name or '('", got());
    advance();
    Piece piece = comparison();
    close(token.place);
    piece.place = from_to(token.place, last_);
    return piece;
  }

  void close(Place opened) {
    if (!is_sign(")")) {
      if (!at_end() && !is_sign(";")) fail_between_operands();
      fail(opened, "this '(' is not closed", got() + ", expected ')'");
    }
    advance();
  }

  Piece named(const Token& token) {
    const std::string name(token.text);
    if (const auto found = names_.find(name); found != names_.end()) {
      return {.step = found->second, .place = token.place};
    }
    if (given_.contains(name)) {
      const std::uint32_t step = names_[name] = builder_.variable(name, std::nullopt);
      return {.step = step, .place = token.place};
    }
    if (const auto constant = constants().find(name); constant != constants().end()) {
      return {.step = builder_.number(constant->second), .place = token.place};
    }
    fail_unknown(token);
  }

  [[noreturn]] void fail_unknown(const Token& token) const {
    const std::string name(token.text);
    if (row_functions().contains(name) || range_functions().contains(name) || is_choice(name)) {
      fail(token.place, in_quotes(name) + " is a function", got() + ", expected '('",
           "call it: " + name + "(x)");
    }
    std::vector<std::string> known(given_in_order_.begin(), given_in_order_.end());
    for (const NamedStep& step : out_.named) known.push_back(step.name);
    for (const Variable& variable : out_.variables) {
      if (variable.value) known.push_back(variable.name);
    }
    std::string list;
    for (std::size_t i = 0; i < std::min<std::size_t>(known.size(), 10); ++i) {
      list += (i == 0 ? "" : ", ") + in_quotes(known[i]);
    }
    if (known.size() > 10) list += ", …";
    const std::string meant = nearest(name, known);
    const std::string short_name = name.size() <= 40 ? name : "name";
    fail(token.place, in_quotes(name) + " has no value", list.empty() ? "none is given" : "given: " + list,
         "give it a value: " + short_name + "=…" +
             (meant.empty() ? "" : ", or did you mean '" + meant + "'?"));
  }

  Piece call_by_name(const Token& name) {
    const bool is_row = name.kind == Token::Kind::name && row_functions().contains(name.text);
    const auto range = range_functions().find(name.text);
    if (!is_row && range == range_functions().end() && !is_choice(name.text)) fail_unknown_function(name);
    const Place opened = token_.place;
    advance();
    std::vector<Piece> operands;
    if (!is_sign(")")) {
      operands.push_back(comparison());
      while (is_sign(",")) {
        advance();
        operands.push_back(comparison());
      }
    }
    close(opened);
    const Place place = from_to(name.place, last_);
    if (is_row) return {.step = builder_.call(name.text, name.place, operands), .place = place};
    if (is_choice(name.text))
      return {.step = builder_.choice(name.text, name.place, operands), .place = place};
    return {.step = builder_.over_range(name.text, name.place, operands), .place = place};
  }

  [[noreturn]] void fail_unknown_function(const Token& name) const {
    if (names_.contains(std::string(name.text)) || given_.contains(std::string(name.text))) {
      fail(name.place, in_quotes(name.text) + " is no function", {}, "write * if this is a product");
    }
    const std::string meant = meant_function(name.text);
    fail(name.place, "unknown function " + in_quotes(name.text), {},
         meant.empty() ? "micrograd grad --functions lists them" : "did you mean '" + meant + "'?");
  }

  std::string_view text_;
  Tokens tokens_;
  ExpressionBuilder builder_;
  Expression& out_ = builder_.expression();
  std::unordered_set<std::string> given_;
  std::span<const std::string> given_in_order_;
  Token token_;
  Token ahead_;
  Place last_;
  std::size_t depth_ = 0;
  std::unordered_map<std::string, std::uint32_t> names_;
};

}  // namespace

Expression parse_expression(std::string_view text, std::span<const std::string> given) {
  return Parser(text, given).run();
}

}  // namespace micrograd::command
