// One trace for each of several numbers; what follows the number is told by its bits.
#include <micrograd/compiler/plain_number.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include <micrograd/engine/describe.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

constexpr std::size_t runs = 3;
using Numbers = std::array<double, runs>;
using Traces = std::array<Code, runs>;

/// Close to the given one, so that the function takes the same branches, and such as nobody writes.
Numbers unusual_numbers(double given) {
  const double near = std::isfinite(given) ? given : 0;
  const double unit = (1 + std::abs(near)) * 0x1p-30;
  return {near + unit * 0.7390851332151607, near - unit * 0.5671432904097838,
          near + unit * 0.3574029561813889};
}

/// For each row the operand that must be a number of the source: bit 0 for the first, bit 1 for the second.
constexpr auto number_operands = [] {
  std::array<std::uint8_t, Ops::size> list{};
  for_each_op([&list]<class Op>() {
    if (Op::info.number_operand == NumberOperand::first) list[micrograd::code<Op>] = 1;
    if (Op::info.number_operand == NumberOperand::second) list[micrograd::code<Op>] = 2;
  });
  return list;
}();

bool same_bits(double x, double y) {
  return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
}

/// The three traces as one, in which the column stands where each has its own number.
class Merger {
 public:
  Merger(const Traces& traces, const Numbers& numbers, Id column)
      : traces_(traces), first_(traces[0]), numbers_(numbers), column_(column), place_(first_.size(), none) {}

  Code run() {
    check_shapes();
    for (Id id = 0; id < first_.size(); ++id) {
      place_[id] = merged(id);
      const auto label = first_.labels.find(id);
      if (label != first_.labels.end()) code_.labels.emplace(place_[id], label->second);
    }
    for (const Id output : first_.outputs) code_.outputs.push_back(place_[output]);
    for (const Guard& guard : first_.guards) {
      code_.guards.push_back({.comparison = place_[guard.comparison], .truth = guard.truth});
    }
    code_.indices = first_.indices;
    return std::move(code_);
  }

 private:
  [[noreturn]] static void refuse(const std::string& what) {
    throw UsageError("compile: what the function does follows a plain number, " + what +
                     "; compute with Values alone, or use the number as it is");
  }

  /// But for the numbers, all must have recorded the same.
  void check_shapes() const {
    for (const Code& other : traces_) {
      Code with_our_numbers = other;
      with_our_numbers.literals = first_.literals;
      if (other.literals.size() == first_.literals.size() && same_program(with_our_numbers, first_)) continue;
      refuse("other operations for other numbers (got " + std::to_string(first_.size()) + " and " +
             std::to_string(other.size()) + " of them)");
    }
  }

  Id merged(Id id) {
    const Instruction& instruction = first_.instructions[id];
    if (!first_.is_number(id)) {
      const Instruction taken = code_.taken_from(first_, instruction, place_);
      check_numbers(taken);
      return code_.append(taken);
    }
    if (is_in_all(instruction.a, 1)) return column_;
    if (is_in_all(instruction.a, -1)) {
      if (negated_ == none) negated_ = code_.append({.op = micrograd::code<Negate>, .a = column_});
      return negated_;
    }
    const double number = first_.literals[instruction.a];
    for (const Code& other : traces_) {
      if (same_bits(other.literals[instruction.a], number)) continue;
      refuse("calculated from it (got " + engine::describe_number(number) + " for " +
             engine::describe_number(numbers_[0]) + ")");
    }
    if (instruction.op == special::literal) return code_.literal(number);
    code_.literals.push_back(number);
    return code_.append({.op = special::data, .a = static_cast<Id>(code_.literals.size() - 1)});
  }

  void check_numbers(const Instruction& x) const {
    if (x.op >= Ops::size || number_operands[x.op] == 0) return;
    if (code_.is_number(number_operands[x.op] == 1 ? x.a : x.b)) return;
    refuse("as the number that " + std::string(name_of(x.op)) + " takes");
  }

  /// Whether each trace has its own number there, times `sign`.
  [[nodiscard]] bool is_in_all(Id literal, double sign) const {
    for (std::size_t run = 0; run < runs; ++run) {
      if (!same_bits(traces_[run].literals[literal], sign * numbers_[run])) return false;
    }
    return true;
  }

  const Traces& traces_;
  const Code& first_;
  const Numbers& numbers_;
  Id column_;
  Id negated_ = none;
  std::vector<Id> place_;
  Code code_;
};

}  // namespace

Code trace_plain(const PlainFunction& function, std::span<const double> sample, const Shape& shape,
                 std::span<const Value> parameters, const std::string& where) {
  const std::size_t column = shape.inputs + shape.targets - 1;
  const Numbers numbers = unusual_numbers(sample[column]);
  Traces traces;
  for (std::size_t run = 0; run < runs; ++run) {
    const auto with_number = [&](Values inputs, Values targets, Indices /*indices*/) {
      return function(inputs, targets, numbers[run]);
    };
    traces[run] = trace(with_number, sample, shape, parameters, where);
  }
  return Merger(traces, numbers, static_cast<Id>(column)).run();
}

}  // namespace micrograd::compiler
