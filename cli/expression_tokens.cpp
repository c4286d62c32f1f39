// Takes expressions apart into numbers, names and signs.
#include <cli/expression_tokens.hpp>

#include <array>
#include <charconv>
#include <string>
#include <system_error>
#include <utility>

#include <cli/expression.hpp>

namespace micrograd::command {

namespace {

bool is_digit(char c) { return '0' <= c && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_ascii_letter(char c) { return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || c == '_'; }

/// What people paste or what their keyboard gives, and what the language wants instead.
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> look_alikes{{{"−", "-"},
                                                                                     {"–", "-"},
                                                                                     {"×", "*"},
                                                                                     {"·", "*"},
                                                                                     {"⋅", "*"},
                                                                                     {"÷", "/"},
                                                                                     {"²", "^2"},
                                                                                     {"³", "^3"},
                                                                                     {"（", "("},
                                                                                     {"）", ")"},
                                                                                     {"，", ","},
                                                                                     {"；", ";"},
                                                                                     {"＝", "="},
                                                                                     {"\u00A0", "a space"},
                                                                                     {"\u3000", "a space"}}};

std::string_view written_instead_of(std::string_view character) {
  for (const auto& [look_alike, sign] : look_alikes) {
    if (character == look_alike) return sign;
  }
  return {};
}

/// Bytes of the name that begins at a place, 0 if none does.
std::size_t length_of_name(std::string_view text, std::size_t begin) {
  std::size_t i = begin;
  while (i < text.size()) {
    const Character character = character_at(text, i);
    const bool is_letter =
        character.code < 0x80
            ? is_ascii_letter(text[i]) || (i > begin && is_digit(text[i]))
            : character.length > 0 && written_instead_of(text.substr(i, character.length)).empty();
    if (!is_letter) break;
    i += character.length;
  }
  return i - begin;
}

}  // namespace

bool is_name(std::string_view text) { return !text.empty() && length_of_name(text, 0) == text.size(); }

Tokens::Tokens(std::string_view text) : text_(text) {}

Token Tokens::taken(Token::Kind kind, std::size_t length) {
  const Token token{
      .kind = kind, .text = text_.substr(at_, length), .place = {.begin = at_, .length = length}};
  at_ += length;
  last_end_ = at_;
  return token;
}

Token Tokens::next() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  if (at_ == text_.size()) return {.kind = Token::Kind::end, .text = {}, .place = {.begin = last_end_}};
  const char c = text_[at_];
  const bool digit_follows = at_ + 1 < text_.size() && is_digit(text_[at_ + 1]);
  if (is_digit(c) || (c == '.' && digit_follows)) return number();
  if (const std::size_t length = length_of_name(text_, at_); length > 0) {
    return taken(Token::Kind::name, length);
  }
  for (const std::string_view two : {"**", "<=", ">=", "==", "!="}) {
    if (text_.substr(at_).starts_with(two)) return taken(Token::Kind::sign, 2);
  }
  constexpr std::string_view signs = "+-*/^(),;=<>";
  if (signs.find(c) != std::string_view::npos) return taken(Token::Kind::sign, 1);

  const Character character = character_at(text_, at_);
  if (character.length == 0) {
    complain(text_, {.begin = at_, .length = 1},
             {.what = "this byte is not UTF-8 text", .detail = {}, .hint = {}});
  }
  const std::string_view given = text_.substr(at_, character.length);
  const std::string_view instead = written_instead_of(given);
  const bool is_spelled_out = instead.starts_with("a ");
  complain(text_, {.begin = at_, .length = character.length},
           {.what = in_quotes(given) + " means nothing here",
            .detail = {},
            .hint = instead.empty()  ? ""
                    : is_spelled_out ? "write " + std::string(instead)
                                     : "write " + in_quotes(instead)});
}

Token Tokens::number() {
  std::size_t end = at_;
  const auto digits = [&] {
    while (end < text_.size() && is_digit(text_[end])) ++end;
  };
  digits();
  if (end < text_.size() && text_[end] == '.') ++end;
  digits();
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    const bool has_sign = end + 1 < text_.size() && (text_[end + 1] == '+' || text_[end + 1] == '-');
    const std::size_t exponent = end + (has_sign ? 2 : 1);
    if (exponent < text_.size() && is_digit(text_[exponent])) {  // else `e` is a name: 2e is 2 and e
      end = exponent;
      digits();
    }
  }
  Token token = taken(Token::Kind::number, end - at_);
  const char* begin = token.text.data();
  const auto [stop, error] = std::from_chars(begin, begin + token.text.size(), token.number);
  if (error == std::errc::result_out_of_range) {
    complain(text_, token.place,
             {.what = "no double is this large or this close to 0",
              .detail = "got " + in_quotes(token.text),
              .hint = "write inf or 0 if that is what you mean"});
  }
  if (end < text_.size() && text_[end] == '.') {
    complain(text_, {.begin = end, .length = 1},
             {.what = "a second point in a number", .detail = {}, .hint = {}});
  }
  return token;
}

}  // namespace micrograd::command
