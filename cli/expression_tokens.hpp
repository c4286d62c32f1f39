// The words of the expression language: numbers, names and signs, each with its place.
#pragma once

#include <string_view>

#include <cli/expression_text.hpp>

namespace micrograd::command {

struct Token {
  enum class Kind { number, name, sign, end };
  Kind kind = Kind::end;
  std::string_view text;  ///< as written; "" at the end
  Place place;
  double number = 0.0;
};

/// Takes a text apart, one token at a time.
class Tokens {
 public:
  /// The text must outlive the tokens.
  explicit Tokens(std::string_view text);
  /// The next token; again and again `end` when there is none left. Throws UsageError at what is none.
  Token next();

 private:
  Token number();
  Token taken(Token::Kind kind, std::size_t length);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t last_end_ = 0;
};

}  // namespace micrograd::command
