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
  columns.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    columns.push_back(code.append({.op = special::input, .a = static_cast<Id>(first + i)}));
  }
  return columns;
}

/// A sum taken apart into what varies from row to row and what does not: through + - negation, and products
/// and quotients with numbers. The latter counts once in a sum over rows; of several programs that share the
/// rows each takes its share. A part that holds nothing of the latter kind stays whole. A product with a
/// parameter is a term of its own: (w x + b) w varies from row to row, b w and all.
class Terms {
 public:
  Terms(Code& code, Id output)
      : code_(code), is_number_(output + 1, 0), holds_uniform_(output + 1, 0), weights_(output + 1) {
    for (Id id = 0; id <= output; ++id) {
      is_number_[id] = is_number(id) ? 1 : 0;
      holds_uniform_[id] = holds_uniform(id) ? 1 : 0;
    }
    weights_[output].present = true;
    for (Id id = output + 1; id-- > 0;) {
      if (weights_[id].present) take(id, weights_[id]);
    }
  }

  Id varying = none;
  Id uniform = none;

 private:
  /// How often a part counts: ± a factor that does not vary, none standing for 1.
  struct Weight {
    bool present = false;
    bool negative = false;
    Id factor = none;
  };
  template <class Op> static constexpr OpCode code = static_cast<OpCode>(micrograd::code<Op>);

  /// From row to row: what a found loop computes enters as its total, which is one number.
  bool varies(Id id) const { return code_.varying[id] == rows_loop; }
  /// Neither rows nor parameters enter.
  bool is_number(Id id) const {
    const Instruction& x = code_.instructions[id];
    bool numbers_only = !varies(id) && x.op != special::parameter;
    for_each_operand(code_, x, [&](Id operand) { numbers_only &= is_number_[operand] != 0; });
    return numbers_only;
  }
  bool is_uniform_or_holds_it(Id id) const { return !varies(id) || holds_uniform_[id] != 0; }

  bool holds_uniform(Id id) const {
    const Instruction& x = code_.instructions[id];
    if (!varies(id)) return false;
    switch (x.op) {
      case code<Negate>:
        return holds_uniform_[x.a] != 0;
      case code<Add>:
      case code<Subtract>:
        return is_uniform_or_holds_it(x.a) || is_uniform_or_holds_it(x.b);
      case code<Multiply>:
        return (is_number_[x.a] != 0 && holds_uniform_[x.b] != 0) ||
               (is_number_[x.b] != 0 && holds_uniform_[x.a] != 0);
      case code<Divide>:
        return is_number_[x.b] != 0 && holds_uniform_[x.a] != 0;
      default:
        return false;
    }
  }

  void take(Id id, const Weight& weight) {
    if (!varies(id) || holds_uniform_[id] == 0) {
      Id& sum = varies(id) ? varying : uniform;
      sum = add(code_, sum, weighted(id, weight));
      return;
    }
    const Instruction x = code_.instructions[id];
    Weight turned = weight;
    turned.negative = !weight.negative;
    switch (x.op) {
      case code<Negate>:
        return give(x.a, turned);
      case code<Add>:
        give(x.a, weight);
        return give(x.b, weight);
      case code<Subtract>:
        give(x.a, weight);
        return give(x.b, turned);
      case code<Divide>:
        return give(x.a, {.present = true,
                          .negative = weight.negative,
                          .factor = code_.append({.op = code<Divide>, .a = factor(weight), .b = x.b})});
      default: {
        const Id by = varies(x.a) ? x.b : x.a;
        return give(varies(x.a) ? x.a : x.b,
                    {.present = true,
                     .negative = weight.negative,
                     .factor = weight.factor == none ? by : multiply(code_, weight.factor, by)});
      }
    }
  }

  Id factor(const Weight& weight) { return weight.factor == none ? code_.literal(1) : weight.factor; }

  Id weighted(Id id, const Weight& weight) {
    const Id product = weight.factor == none ? id : multiply(code_, id, weight.factor);
    return weight.negative ? code_.append({.op = code<Negate>, .a = product}) : product;
  }

  void give(Id id, const Weight& weight) {
    Weight& known = weights_[id];
    if (!known.present) {
      known = weight;
      return;
    }
    const auto with_sign = [this](const Weight& w) {
      return w.negative ? code_.append({.op = code<Negate>, .a = factor(w)}) : factor(w);
    };
    const Id first = with_sign(known);
    known = {.present = true, .negative = false, .factor = add(code_, first, with_sign(weight))};
  }

  Code& code_;
  std::vector<std::uint8_t> is_number_, holds_uniform_;
  std::vector<Weight> weights_;
};

Id reduced(Code& code, Id output, Reduce reduce) {
  const Terms terms(code, output);
  Id result = none;
  if (terms.varying != none) {
    result = code.append({.op = special::total, .a = terms.varying, .b = rows_loop});
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
  const std::size_t columns = shape.columns();
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
      if (inputs.empty()) {
        code.outputs.assign(outputs.size(), code.literal(0));
        return;
      }
      // vjp is linear in its seeds: by them, (vjp · direction) has the derivative J · direction. What the
      // seeds are does not matter then; a column that exists stands for them.
      const std::vector<Id> directions = append_columns(code, columns, inputs.size());
      std::vector<Id> seeds;
      seeds.reserve(outputs.size());
      for (std::size_t k = 0; k < outputs.size(); ++k) {
        seeds.push_back(code.append({.op = special::input, .a = static_cast<Id>(columns)}));
      }
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
      const Id loss =
          code.append({.op = special::total, .a = multiply(code, outputs[0], seed), .b = rows_loop});
      code.outputs = {loss};
      return append(gradient_of(code, loss, parameters));
    }
    case Want::once: {
      const Terms terms(code, outputs[0]);
      code.outputs.clear();
      if (terms.uniform != none) code.outputs.push_back(terms.uniform);
      return;
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
