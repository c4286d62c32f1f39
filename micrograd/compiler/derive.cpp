// Every derivative is one or two reverse passes over the program.
#include <micrograd/compiler/derive.hpp>

#include <micrograd/compiler/differentiate.hpp>

namespace micrograd::compiler {
namespace {

Id add(Code& code, Id x, Id y) {
  if (x == none) return y;
  return y == none ? x : code.append({.op = micrograd::code<Add>, .a = x, .b = y});
}
Id multiply(Code& code, Id x, Id y) { return code.append({.op = micrograd::code<Multiply>, .a = x, .b = y}); }

std::vector<Id> places(std::size_t first, std::size_t count) {
  std::vector<Id> ids(count);
  for (std::size_t i = 0; i < count; ++i) ids[i] = static_cast<Id>(first + i);
  return ids;
}

std::vector<Id> gradient_of(Code& code, Id output, std::span<const Id> wanted) {
  const Id one = code.literal(1);
  return differentiate(code, std::span(&output, 1), std::span(&one, 1), wanted);
}

std::vector<Id> append_columns(Code& code, std::size_t first, std::size_t count) {
  std::vector<Id> columns;
  for (std::size_t i = 0; i < count; ++i) {
    columns.push_back(code.append({.op = special::input, .a = static_cast<Id>(first + i)}));
  }
  return columns;
}

/// A sum taken apart into what varies from row to row and what does not, through + - and products with what
/// does not vary. The latter counts once in a sum over rows; of several programs that share the rows each
/// takes its share.
class Terms {
 public:
  Terms(Code& code, Id output) : code_(code) {
    pending_.push_back({.id = output});
    while (!pending_.empty()) {
      const Term term = pending_.back();
      pending_.pop_back();
      take(term);
    }
  }

  Id varying = none;
  Id uniform = none;

 private:
  struct Term {
    Id id = none;
    bool negative = false;
    Id factor = none;
  };

  bool varies(Id id) const { return code_.varying[id] != 0; }

  void take(const Term& term) {
    const Instruction x = code_.instructions[term.id];
    const auto push = [&](Id id, bool negative, Id factor) {
      pending_.push_back({.id = id, .negative = negative, .factor = factor});
    };
    const auto scaled = [&](Id factor) {
      return term.factor == none ? factor : multiply(code_, term.factor, factor);
    };
    if (varies(term.id)) {
      if (x.op == code<Negate>) return push(x.a, !term.negative, term.factor);
      const bool apart = operand_count(x.op) == 2 && varies(x.a) != varies(x.b);
      if (x.op == code<Add> && apart) {
        push(x.b, term.negative, term.factor);
        return push(x.a, term.negative, term.factor);
      }
      if (x.op == code<Subtract> && apart) {
        push(x.b, !term.negative, term.factor);
        return push(x.a, term.negative, term.factor);
      }
      if (x.op == code<Multiply> && apart) {
        return varies(x.a) ? push(x.a, term.negative, scaled(x.b)) : push(x.b, term.negative, scaled(x.a));
      }
    }
    Id value = term.id;
    if (term.factor != none) value = multiply(code_, value, term.factor);
    if (term.negative) value = code_.append({.op = code<Negate>, .a = value});
    Id& sum = varies(term.id) ? varying : uniform;
    sum = add(code_, sum, value);
  }

  template <class Op> static constexpr OpCode code = static_cast<OpCode>(micrograd::code<Op>);

  Code& code_;
  std::vector<Term> pending_;
};

Id reduced(Code& code, Id output, Reduce reduce) {
  const Terms terms(code, output);
  Id result = none;
  if (terms.varying != none) {
    result = code.append({.op = special::total, .a = terms.varying});
    if (reduce == Reduce::mean) {
      const Id rows = code.append({.op = special::rows});
      result = code.append({.op = micrograd::code<Divide>, .a = result, .b = rows});
    }
  }
  if (terms.uniform != none) {
    const Id share = code.append({.op = special::share});
    result = add(code, result, multiply(code, terms.uniform, share));
  }
  return result;
}

void derive_outputs(Code& code, Want want, const Shape& shape, Reduce reduce) {
  const std::vector<Id> outputs = code.outputs;
  const std::vector<Id> inputs = places(0, shape.inputs);
  const std::size_t columns = shape.inputs + shape.targets;
  const std::vector<Id> parameters = places(columns, shape.parameters);
  const auto append = [&code](const std::vector<Id>& ids) {
    code.outputs.insert(code.outputs.end(), ids.begin(), ids.end());
  };
  switch (want) {
    case Want::values:
      return;
    case Want::gradient:
      return append(gradient_of(code, outputs[0], inputs));
    case Want::jacobian:
      code.outputs.clear();
      for (const Id output : outputs) append(gradient_of(code, output, inputs));
      return;
    case Want::hessian: {
      const std::vector<Id> gradient = gradient_of(code, outputs[0], inputs);
      code.outputs.clear();
      for (const Id slope : gradient) append(gradient_of(code, slope, inputs));
      return;
    }
    case Want::vjp: {
      const std::vector<Id> seeds = append_columns(code, columns, outputs.size());
      code.outputs = differentiate(code, outputs, seeds, inputs);
      return;
    }
    case Want::jvp: {
      // vjp is linear in its seeds: by them, (vjp · direction) has the derivative J · direction.
      const std::vector<Id> directions = append_columns(code, columns, inputs.size());
      const std::vector<Id> seeds = append_columns(code, columns + inputs.size(), outputs.size());
      const std::vector<Id> gradient = differentiate(code, outputs, seeds, inputs);
      code.outputs = differentiate(code, gradient, directions, seeds);
      return;
    }
    case Want::backward: {
      const Id loss = reduced(code, outputs[0], reduce);
      code.outputs = {loss};
      return append(gradient_of(code, loss, parameters));
    }
    case Want::seeded: {
      const Id seed = append_columns(code, columns, 1)[0];
      const Id loss = code.append({.op = special::total, .a = multiply(code, outputs[0], seed)});
      code.outputs = {loss};
      return append(gradient_of(code, loss, parameters));
    }
    case Want::guards:
      code.outputs.clear();
      for (const Guard& guard : code.guards) {
        const Instruction& comparison = code.instructions[guard.comparison];
        append({guard.comparison, comparison.a, comparison.b});
      }
      return;
  }
}

}  // namespace

Code derive(Code code, Want want, const Shape& shape, Reduce reduce) {
  derive_outputs(code, want, shape, reduce);
  code.guards.clear();
  return code;
}

}  // namespace micrograd::compiler
