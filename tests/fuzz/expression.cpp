// Any bytes at all: the reader of expressions gives steps that run, or a UsageError that is fit to print.
// Reverse mode, forward mode and plain numbers agree on the value.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <cli/expression.hpp>
#include <cli/expression_text.hpp>
#include <micrograd/engine/value.hpp>
#include <micrograd/error.hpp>

namespace {

using namespace micrograd;
using namespace micrograd::command;

bool same(double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); }

void need(bool condition) {
  if (!condition) std::abort();
}

void run(const Expression& expression) {
  std::vector<Value> values;
  std::vector<Dual<>> duals;
  for (const Variable& variable : expression.variables) {
    const double x = variable.value.value_or(0.5 + static_cast<double>(values.size()));
    values.emplace_back(x, variable.name);
    duals.emplace_back(x, 1.0);
  }
  const Evaluation<Value> reverse = evaluate<Value>(expression, values);
  const Evaluation<Dual<>> forward = evaluate<Dual<>>(expression, duals);
  need(same(reverse.result.data(), forward.result.value));
  need(reverse.named.size() == expression.named.size());
  for (std::size_t i = 0; i < reverse.named.size(); ++i) {
    need(same(reverse.named[i].data(), forward.named[i].value));
  }
  reverse.result.backward();
}

/// What every message to a person must be: from us, whole lines, valid text without control characters.
void check_message(std::string_view message) {
  need(message.starts_with("grad: "));
  need(message.size() < 2000);
  need(message.find("\n  ") != std::string_view::npos);
  need(message.substr(message.rfind('\n')).find('^') != std::string_view::npos);
  for (std::size_t i = 0; i < message.size();) {
    const Character character = character_at(message, i);
    need(character.length > 0);
    need(character.code >= 0x20 || character.code == '\n');
    i += character.length;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(bytes, bytes + size);
  const std::vector<std::string> given{"a", "b", "x", "权重"};
  try {
    run(parse_expression(text, given));
  } catch (const UsageError& error) {
    check_message(error.what());
  }
  return 0;
}
