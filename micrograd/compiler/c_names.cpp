// Which names a function of a C file may have.
#include <algorithm>
#include <string>

#include <micrograd/compiler/c_text.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

constexpr std::string_view keywords[] = {
    "auto",   "break",    "case",     "char",     "const", "continue", "default", "do",     "double",
    "else",   "enum",     "extern",   "float",    "for",   "goto",     "if",      "inline", "int",
    "long",   "register", "restrict", "return",   "short", "signed",   "sizeof",  "static", "struct",
    "switch", "typedef",  "union",    "unsigned", "void",  "volatile", "while"};

/// What <math.h> declares, in C99 or by custom; each also with f or l behind it.
constexpr std::string_view mathematics[] = {
    "acos",  "acosh",     "asin",      "asinh",      "atan",   "atan2",       "atanh",     "cbrt",
    "ceil",  "copysign",  "cos",       "cosh",       "drem",   "erf",         "erfc",      "exp",
    "exp10", "exp2",      "expm1",     "fabs",       "fdim",   "finite",      "floor",     "fma",
    "fmax",  "fmin",      "fmod",      "frexp",      "gamma",  "hypot",       "ilogb",     "isinf",
    "isnan", "j0",        "j1",        "jn",         "ldexp",  "lgamma",      "llrint",    "llround",
    "log",   "log10",     "log1p",     "log2",       "logb",   "lrint",       "lround",    "modf",
    "nan",   "nearbyint", "nextafter", "nexttoward", "pow",    "pow10",       "remainder", "remquo",
    "rint",  "round",     "scalb",     "scalbln",    "scalbn", "significand", "sin",       "sincos",
    "sinh",  "sqrt",      "tan",       "tanh",       "tgamma", "trunc",       "y0",        "y1",
    "yn"};

/// Macros of <math.h>, the start of a program, and functions that compilers know without a header.
constexpr std::string_view others[] = {
    "HUGE_VAL",  "INFINITY",       "NAN",      "double_t",    "float_t",       "fpclassify", "isfinite",
    "isgreater", "isgreaterequal", "isless",   "islessequal", "islessgreater", "isnormal",   "isunordered",
    "signbit",   "signgam",        "matherr",  "main",        "unix",          "linux",      "asm",
    "typeof",    "abort",          "abs",      "alloca",      "bcmp",          "bcopy",      "bzero",
    "calloc",    "exit",           "ffs",      "fprintf",     "fputc",         "fputs",      "free",
    "fscanf",    "fwrite",         "imaxabs",  "index",       "isalnum",       "isalpha",    "isblank",
    "iscntrl",   "isdigit",        "isgraph",  "islower",     "isprint",       "ispunct",    "isspace",
    "isupper",   "isxdigit",       "labs",     "llabs",       "malloc",        "memchr",     "memcmp",
    "memcpy",    "memmove",        "memset",   "printf",      "putchar",       "puts",       "realloc",
    "rindex",    "scanf",          "snprintf", "sprintf",     "sscanf",        "strcat",     "strchr",
    "strcmp",    "strcpy",         "strcspn",  "strdup",      "strlen",        "strncat",    "strncmp",
    "strncpy",   "strpbrk",        "strrchr",  "strspn",      "strstr",        "tolower",    "toupper",
    "vprintf"};

bool is_in(const auto& list, std::string_view name) {
  return std::ranges::find(list, name) != std::end(list);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void check_c_name(std::string_view name) {
  const std::string got = " (got '" + std::string(name) + "'";
  const bool has_only =
      std::ranges::all_of(name, [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
  if (name.empty() || !is_letter(name[0]) || !has_only) {
    throw UsageError("to_c: this is no name for a function in C" + got +
                     ", expected a letter, then letters, digits and _)");
  }
  const std::string_view stem =
      name.back() == 'f' || name.back() == 'l' ? name.substr(0, name.size() - 1) : name;
  if (is_in(keywords, name) || is_in(mathematics, name) || is_in(mathematics, stem) || is_in(others, name)) {
    throw UsageError("to_c: the name has a meaning in C already" + got + "); choose another, such as '" +
                     std::string(name) + "_model'");
  }
}

}  // namespace micrograd::compiler
