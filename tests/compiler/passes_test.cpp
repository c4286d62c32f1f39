// Trace, differentiate and schedule, each alone, on programs written by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include <micrograd/compiler/collect.hpp>
#include <micrograd/compiler/compile.hpp>
#include <micrograd/compiler/differentiate.hpp>
#include <micrograd/compiler/dump.hpp>
#include <micrograd/compiler/interpret.hpp>
#include <micrograd/compiler/schedule.hpp>
#include <micrograd/compiler/simplify.hpp>
#include <micrograd/compiler/trace.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/error.hpp>

#include "../conformance/random_programs.hpp"
#include "written_code.hpp"

namespace micrograd::compiler {
namespace {

using Span = std::span<const Value>;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// ---- differentiate

/// d output 0 / d x and d y of a program, at one point.
std::vector<double> slopes(Code code, double x, double y) {
  const Id one = code.literal(1);
  const std::vector<Id> wanted{0, 1};
  code.outputs = differentiate(code, code.outputs, std::span(&one, 1), wanted);
  return interpret(code, std::vector<std::vector<double>>{{x, y}}).rows[0];
}

TEST(Differentiate, ASelectPassesItsAdjointToTheSideTaken) {
  const Code code = written([](auto x, auto y) { return select(x < y, x * x, y * 3.0); });
  EXPECT_THAT(slopes(code, 1, 2), ElementsAre(2, 0));
  EXPECT_THAT(slopes(code, 5, 2), ElementsAre(0, 3));
  EXPECT_THAT(slopes(code, std::nan(""), 2), ElementsAre(0, 3));
}

TEST(Differentiate, AStopPassesNothing) {
  const Code code =
      written([](auto x, auto y) { return x * Reference(*x.code(), append(x * y, special::stop)); });
  EXPECT_THAT(slopes(code, 2, 5), ElementsAre(10, 0));
}

TEST(Differentiate, AllUsesCountAndWhatIsNotUsedHasNone) {
  EXPECT_THAT(slopes(written([](auto x, auto) { return x * x + x + x; }), 3, 1), ElementsAre(8, 0));
  EXPECT_THAT(slopes(written([](auto, auto) { return Reference(7.0); }), 3, 1), ElementsAre(0, 0));
  EXPECT_THAT(slopes(written([](auto x, auto) { return x; }), 3, 1), ElementsAre(1, 0));
}

TEST(Differentiate, EachOperandOfAThreefoldRowHasItsPartial) {
  const Code code = written([](auto x, auto y) { return fma(x, y, x * 2.0); });
  EXPECT_THAT(slopes(code, 3, 4), ElementsAre(6, 3));
}

/// total(x * w) over rows, w a parameter.
TEST(Differentiate, TheAdjointOfATotalGoesToEveryRowAndAParameterCollectsFromAll) {
  Code code;
  const Id x = code.append({.op = special::input, .a = 0});
  const Id w = code.append({.op = special::parameter, .a = 0});
  const Id product = code.append({.op = op<Multiply>, .a = x, .b = w});
  const Id shifted = code.append({.op = op<Add>, .a = product, .b = w});
  const Id total = code.append({.op = special::total, .a = shifted});
  const Id loss = code.append({.op = op<Multiply>, .a = total, .b = total});
  const Id one = code.literal(1);
  const std::vector<Id> wanted{w};
  code.outputs = differentiate(code, std::span(&loss, 1), std::span(&one, 1), wanted);
  EXPECT_EQ(code.varying[code.outputs[0]], 0);
  const std::vector<std::vector<double>> rows{{1}, {2}, {4}};
  const std::vector<double> parameters{3};
  // loss = ((1 + 2 + 4 + 3) w)^2
  EXPECT_EQ(interpret(code, rows, parameters).uniform[0], 2 * 10 * 3 * 10);
}

TEST(Differentiate, ATotalOfAParameterCountsItOnceForEachRow) {
  Code code;
  code.append({.op = special::input, .a = 0});
  const Id w = code.append({.op = special::parameter, .a = 0});
  const Id total = code.append({.op = special::total, .a = w});
  const Id one = code.literal(1);
  const std::vector<Id> wanted{w};
  code.outputs = differentiate(code, std::span(&total, 1), std::span(&one, 1), wanted);
  const std::vector<std::vector<double>> rows{{1}, {2}, {4}};
  EXPECT_EQ(interpret(code, rows, std::vector<double>{3}).uniform[0], 3);
}

TEST(Differentiate, WhatRowsAndParametersReachAlikeIsKnownInTime) {
  Code code;
  const Reference x(code, code.append({.op = special::input, .a = 0}));
  const Id w = code.append({.op = special::parameter, .a = 0});
  const Reference p(code, w);
  const Reference root = sqrt(p);
  const Reference of_parameters = select(p > 0.0, select(p > 1.0, root, p) * root, p);
  const Reference of_rows = select(x > 0.0, root * x, x);
  const Id total = append(of_rows + of_parameters * x, special::total);
  const Id one = code.literal(1);
  const std::vector<Id> wanted{w};
  code.outputs = differentiate(code, std::span(&total, 1), std::span(&one, 1), wanted);
  EXPECT_NO_THROW(make_schedule(code));
  const std::vector<std::vector<double>> rows{{-1}, {-2}};
  EXPECT_EQ(interpret(code, rows, std::vector<double>{-4}).uniform[0], -3);
  EXPECT_DOUBLE_EQ(interpret(code, rows, std::vector<double>{4}).uniform[0], -3);  // d (root root) = 1
}

TEST(Differentiate, ATotalWhereAColumnHasANumberAndBackAgain) {
  for (const bool of_rows : {true, false}) {
    Code code;
    const Id x = code.append({.op = of_rows ? special::input : special::parameter, .a = 0});
    const Id index = code.append({.op = special::input, .a = 1});
    const Id cube = (Reference(code, x) * Reference(code, x) * Reference(code, x)).in(code);
    const Id total = code.append({.op = special::total_where, .a = cube, .b = index, .c = 2});
    const Id one = code.literal(1);
    const std::vector<Id> wanted{x};
    const Id slope = differentiate(code, std::span(&total, 1), std::span(&one, 1), wanted)[0];
    code.outputs = differentiate(code, std::span(&slope, 1), std::span(&one, 1), wanted);
    code.outputs.insert(code.outputs.begin(), {total, slope});
    const std::vector<std::vector<double>> rows{{5, 2}, {5, 1}, {5, 2}};
    const Interpreted found = interpret(code, rows, std::vector<double>{5});
    EXPECT_EQ(found.uniform[0], 250);
    const double share = of_rows ? 1 : 2;  // a parameter has what all rows give
    EXPECT_THAT(found.rows[0], ElementsAre(250, share * 75, share * 30));
    EXPECT_THAT(found.rows[1], ElementsAre(250, of_rows ? 0 : 150, of_rows ? 0 : 60));
    const Schedule schedule = make_schedule(simplify(code));
    EXPECT_FALSE(schedule.phases[0].sweeps.empty());
  }
}

// ---- code

TEST(Code, IsTheSameProgramOnlyIfItPicksFromTheSame) {
  const auto picking = [](std::vector<std::size_t> places) {
    return trace(wrap([&places](Span x, std::span<const Index> i) {
                   std::vector<Value> list;
                   for (const std::size_t place : places) list.push_back(x[place]);
                   return pick(list, i[0]);
                 }),
                 std::vector<double>{1, 2, 0}, {.inputs = 2, .indices = 1}, {});
  };
  EXPECT_TRUE(same_program(picking({0, 1}), picking({0, 1})));
  EXPECT_FALSE(same_program(picking({0, 1}), picking({1, 0})));
  EXPECT_FALSE(same_program(picking({0, 1}), picking({0, 1, 0})));
}

// ---- schedule

/// Runs a schedule in thought: every operand must lie where the schedule says when it is read.
class Walk {
 public:
  Walk(const Code& code, const Schedule& schedule)
      : code_(code), schedule_(schedule), in_list_(schedule.uniforms, none) {}

  void run() {
    std::vector<std::size_t> stored(code_.outputs.size(), 0);
    for (const Phase& phase : schedule_.phases) {
      for (const Step& step : phase.once) take(step);
      for (const Sweep& sweep : phase.sweeps) go_through(sweep, stored);
    }
    for (std::size_t k = 0; k < code_.outputs.size(); ++k) {
      const Id output = code_.outputs[k];
      EXPECT_EQ(stored[k], varies(output) ? 1 : 0) << "output " << k;
      if (varies(output)) continue;
      EXPECT_EQ(in_list_.at(schedule_.outputs[k].at), output);
    }
  }

 private:
  bool varies(Id id) const { return code_.varying[id] != 0; }

  void go_through(const Sweep& sweep, std::vector<std::size_t>& stored) {
    sweep_ = &sweep;
    in_slot_.assign(sweep.slots, none);
    std::size_t next_store = 0;
    for (std::size_t s = 0; s < sweep.steps.size(); ++s) {
      const Step& step = sweep.steps[s];
      take_any(step);
      for (; next_store < sweep.stores.size() && sweep.stores[next_store].after == s + 1; ++next_store) {
        const Store& store = sweep.stores[next_store];
        for (std::uint32_t k = store.first; k < store.end; ++k) {
          const Stored& one = sweep.stored[k];
          EXPECT_EQ(in_slot_.at(one.slot), code_.outputs.at(one.output));
          ++stored[one.output];
        }
      }
    }
    EXPECT_EQ(next_store, sweep.stores.size());
  }

  void take_any(const Step& step) {
    switch (step.kind) {
      case Step::Kind::light:
        return take_light(step);
      case Step::Kind::multiply:
        return take_multiply(sweep_->multiplies.at(step.operands[0]));
      case Step::Kind::add_products:
        return take_products(sweep_->add_products.at(step.operands[0]));
      default:
        return take(step);
    }
  }

  void take_multiply(const MultipliedSlots& product) {
    const auto at = [this](const Matrix& matrix, std::size_t row, std::size_t column) {
      std::uint32_t place = matrix.first + static_cast<std::uint32_t>(row) * matrix.row_step +
                            static_cast<std::uint32_t>(column) * matrix.column_step;
      for (const Copy& copy : sweep_->copies) {
        if (copy.to == place) return copy.from == Copy::zero ? none : in_list_.at(copy.from);
      }
      return in_list_.at(place);
    };
    for (std::size_t r = 0; r < product.ids.size(); ++r) {
      std::vector<Product> terms;
      for (std::size_t k = 0; k < product.x.size(); ++k) {
        terms.push_back({.factor = at(product.weights, r, k), .x = in_slot_.at(product.x[k])});
      }
      const Id start = product.has_starts ? at(product.starts, r, 0) : none;
      if (start != none) terms.push_back({.factor = start});
      std::vector<Product> rest;
      for (const Product& term : code_.products_of(code_.instructions[product.ids[r]])) {
        const auto found = std::ranges::find(terms, term);
        found != terms.end() ? void(terms.erase(found)) : rest.push_back(term);
      }
      EXPECT_TRUE(terms.empty());
      rests_[product.ids[r]] = rest;
    }
    for (std::size_t r = 0; r < product.ids.size(); ++r) in_slot_.at(product.out[r]) = product.ids[r];
  }

  void take_products(const TotalsOfProducts& product) {
    for (std::size_t k = 0; k < product.totals.size(); ++k) {
      const Instruction& total = code_.instructions[product.totals[k].id];
      const std::span<const Product> terms = code_.products_of(code_.instructions[total.a]);
      ASSERT_EQ(terms.size(), 1U);
      EXPECT_EQ(terms[0].x, in_slot_.at(product.g[k / product.x.size()]));
      EXPECT_EQ(terms[0].y, in_slot_.at(product.x[k % product.x.size()]));
      in_list_.at(product.totals[k].out) = product.totals[k].id;
    }
  }

  void take(const Step& step) {
    const bool is_listed = step.op == special::user || step.op == special::pick;
    std::size_t k = 0;
    for_each_operand(code_, code_.instructions[step.id], [&](Id operand) {
      const Place place = is_listed ? schedule_.operands.at(step.operands[0] + k)
                                    : Place{.at = step.operands[k], .uniform = (step.uniform >> k & 1U) != 0};
      expect_there(operand, place);
      ++k;
    });
    if (step.op == special::total_where) {
      for (const TotalsWhere::One& one : sweep_->totals_where[step.operands[2]].totals) {
        in_list_.at(one.out) = one.id;
      }
    } else {
      (varies(step.id) ? in_slot_ : in_list_).at(step.out) = step.id;
    }
  }

  /// Its steps are those of the instruction, or of what the total adds up; or that alone. What the machine
  /// still holds is not loaded again.
  void take_light(const Step& step) {
    auto steps = std::span(sweep_->terms).subspan(step.operands[0], step.operands[1] - step.operands[0]);
    ASSERT_FALSE(steps.empty());
    const Instruction& instruction = code_.instructions[step.id];
    const bool is_total = steps.back().code == total_code;
    const bool is_stored = steps.back().code == store_code;
    EXPECT_EQ(is_total, instruction.op == special::total);
    EXPECT_EQ(is_stored, !is_total && !step.is_held_only);
    const TermStep last = steps.back();
    if (is_total || is_stored) steps = steps.first(steps.size() - 1);
    if (is_total) {
      EXPECT_EQ(sweep_->totals.at(last.x).id, step.id);
      EXPECT_EQ(sweep_->totals.at(last.x).out, step.out);
      const Instruction& added = code_.instructions[instruction.a];
      const bool is_plain = steps.size() == 1 && steps[0].code == term_code(TermKind::x, false, true) &&
                            in_slot_.at(steps[0].x) == instruction.a;
      if (!is_plain) take_terms(steps, code_.products_of(added));
      in_list_.at(step.out) = step.id;
      return;
    }
    if (instruction.op == special::dot) {
      std::vector<Product> rest;
      std::span<const Product> products = code_.products_of(instruction);
      if (const auto known = rests_.find(step.id); known != rests_.end()) {
        rest = known->second;
        rest.insert(rest.begin(), {.x = step.id});
        products = rest;
      }
      take_terms(steps, products);
    } else {
      take_row(steps, instruction);
    }
    held_ = step.id;
    if (!is_stored) return;
    in_slot_.at(step.out) = step.id;
    EXPECT_EQ(last.x, step.out);
  }

  void take_terms(std::span<const TermStep> steps, std::span<const Product> products) {
    if (steps.size() + 1 == products.size()) {
      EXPECT_EQ(products[0], Product{.x = held_});
      products = products.subspan(1);
    }
    ASSERT_EQ(steps.size(), products.size());
    const auto expect_in_place = [this](std::uint32_t column, Id x, Id y) {
      const bool is_x = code_.instructions[x].op == special::column && code_.instructions[x].a == column;
      EXPECT_TRUE(is_x || (y != none && code_.instructions[y].op == special::column &&
                           code_.instructions[y].a == column));
      return is_x ? y : x;
    };
    for (std::size_t i = 0; i < products.size(); ++i) {
      Product product = products[i];
      const auto kind = static_cast<TermKind>(steps[i].code / 4);
      if (product.factor != none) expect_there(product.factor, {.at = steps[i].u, .uniform = true});
      if (kind == TermKind::c || kind == TermKind::uc) {
        expect_in_place(steps[i].x, product.x, none);
        continue;
      }
      if (kind == TermKind::xc) product = {.x = expect_in_place(steps[i].y, product.x, product.y)};
      if (product.x != none) expect_there(product.x, {.at = steps[i].x});
      if (product.y != none) expect_there(product.y, {.at = steps[i].y});
    }
  }

  void take_row(std::span<const TermStep> steps, const Instruction& instruction) {
    Id held = held_;
    if (steps.size() == 2) {
      const bool uniform = steps[0].code == term_code(TermKind::u, false, true);
      EXPECT_TRUE(uniform || steps[0].code == term_code(TermKind::x, false, true));
      held = uniform ? in_list_.at(steps[0].u) : in_slot_.at(steps[0].x);
    }
    const TermStep& row = steps.back();
    ASSERT_GE(row.code, first_row_code);
    const auto form = static_cast<RowForm>((row.code - first_row_code) % 4);
    const std::size_t operands = operand_count(instruction.op);
    if (operands == 3) {
      EXPECT_EQ(instruction.a, held);
      const bool y_varies = form == RowForm::held_x || form == RowForm::held_u;
      const bool z_varies = form == RowForm::held_x || form == RowForm::x_held;
      expect_there(instruction.b, {.at = y_varies ? row.x : row.u, .uniform = !y_varies});
      expect_there(instruction.c, {.at = z_varies   ? (y_varies ? row.y : row.x)
                                         : y_varies ? row.u
                                                    : row.x,
                                   .uniform = !z_varies});
      return;
    }
    const bool held_first = form == RowForm::held_x || form == RowForm::held_u;
    EXPECT_EQ(held_first ? instruction.a : instruction.b, held);
    const bool uniform = form == RowForm::held_u || form == RowForm::u_held;
    if (operands == 2) {
      expect_there(held_first ? instruction.b : instruction.a,
                   {.at = uniform ? row.u : row.x, .uniform = uniform});
    }
  }

  void expect_there(Id operand, Place place) {
    EXPECT_EQ(place.uniform, !varies(operand)) << "%" << operand;
    ASSERT_EQ((place.uniform ? in_list_ : in_slot_).at(place.at), operand)
        << "%" << operand << " is read, and is not there";
  }

  const Code& code_;
  const Schedule& schedule_;
  const Sweep* sweep_ = nullptr;
  std::vector<Id> in_slot_, in_list_;
  Id held_ = none;                            ///< by the machine
  std::map<Id, std::vector<Product>> rests_;  ///< of rows of products, what is added to them later
};

void expect_sound(const Code& code, const Schedule& schedule) { Walk(code, schedule).run(); }

TEST(Schedule, NoSlotIsWrittenWhileItIsNeeded) {
  const std::uint64_t programs = table_walk::in_a_hurry() ? 100 : 1000;
  for (std::uint64_t seed = 0; seed < programs; ++seed) {
    random_programs::Draw draw(seed);
    const random_programs::Program drawn = draw.program({.branches = true});
    const std::vector<Value> parameters(drawn.leaves.begin() + static_cast<std::ptrdiff_t>(drawn.inputs),
                                        drawn.leaves.end());
    std::vector<double> sample(drawn.leaves.begin(),
                               drawn.leaves.begin() + static_cast<std::ptrdiff_t>(drawn.inputs));
    for (const Index& index : drawn.indices) sample.push_back(static_cast<double>(index.value()));
    Code code = trace(wrap([&](Span x, std::span<const Index> indices) {
                        return random_programs::outputs_of(drawn, x, parameters, indices);
                      }),
                      sample, {.inputs = drawn.inputs, .indices = random_programs::indices}, parameters);
    std::vector<Id> wanted;
    for (Id id = 0; id < drawn.inputs; ++id) wanted.push_back(id);
    for (Id id = 0; id < parameters.size(); ++id) wanted.push_back(static_cast<Id>(sample.size()) + id);
    const Id total = code.append({.op = special::total, .a = code.outputs[0]});
    const Id one = code.literal(1);
    code.outputs = differentiate(code, std::span(&total, 1), std::span(&one, 1), wanted);
    code.outputs.push_back(total);
    code.guards.clear();
    for (const bool drop_dead : {true, false}) {
      const Code after = simplify(code, {.drop_dead = drop_dead});
      expect_sound(after, make_schedule(after));
      const Code collected = collect(after);
      expect_sound(collected, make_schedule(collected));
    }
    if (::testing::Test::HasFailure()) {
      FAIL() << "program " << seed << "\n" << dump(code);
    }
  }
}

TEST(Schedule, TotalsByOneColumnAreFoundInOneStep) {
  Code code;
  const Id x = code.append({.op = special::input, .a = 0});
  const Id index = code.append({.op = special::input, .a = 1});
  for (const Id number : {3U, 0U, 7U}) {
    code.outputs.push_back(code.append({.op = special::total_where, .a = x, .b = index, .c = number}));
  }
  const Schedule schedule = make_schedule(code);
  ASSERT_EQ(schedule.phases[0].sweeps.size(), 1U);
  const Sweep& sweep = schedule.phases[0].sweeps[0];
  EXPECT_EQ(sweep.steps.size(), 3U) << "two columns and one step";
  ASSERT_EQ(sweep.totals_where.size(), 1U);
  EXPECT_EQ(sweep.totals_where[0].size, 8U);
  expect_sound(code, schedule);
}

TEST(Schedule, SlotsAreUsedAgain) {
  const Code code = written([](auto x, auto y) {
    Reference sum = x + y;
    for (int i = 0; i < 100; ++i) sum = exp(sum) * x;
    return sum;
  });
  EXPECT_LE(make_schedule(code).phases.at(0).sweeps.at(0).slots, 3U);
}

TEST(Schedule, WhatNeedsASumOfAllRowsIsFoundByAnotherSweep) {
  const Code code = written([](auto x, auto) {
    const Reference e = exp(x);
    return e * Reference(*x.code(), append(e, special::total));
  });
  const Schedule schedule = make_schedule(code);
  ASSERT_EQ(schedule.phases.size(), 2U);
  EXPECT_EQ(schedule.phases[0].sweeps.at(0).totals.size(), 1U);
  EXPECT_EQ(schedule.phases[1].sweeps.at(0).stored.size(), 1U);
  expect_sound(code, schedule);
}

// ---- trace

Code traced(const std::function<Value(Span)>& f, std::vector<double> sample) {
  return trace(wrap(f), sample, {.inputs = sample.size()}, {});
}

TEST(Trace, TemporariesThatAreGoneLeaveNothing) {
  const Code code = traced(
      [](Span x) {
        for (int i = 0; i < 3; ++i) {
          const Value gone = exp(x[0]) + i;
        }
        return x[0] * 2;
      },
      {1});
  EXPECT_EQ(dump(code), "%0 = input 0   # x0\n%1 = 2\n%2 = * %0 %1\nreturn %2\n");
}

TEST(Trace, ADefaultValueIsZero) {
  const Code code = traced(
      [](Span x) {
        Value sum;
        sum += x[0];
        return sum;
      },
      {1});
  EXPECT_EQ(dump(code), "%0 = input 0   # x0\n%1 = data 0\n%2 = + %1 %0\nreturn %2\n");
}

TEST(Trace, KeepsTheOrderOfOperandsAndNumbers) {
  const Code code = traced(
      [](Span x) {
        const Value a = 2 - x[0];
        const Value b = pow(2, x[1]);
        const Value c = x[0] - 2;
        const Value d = fma(a, b, c);
        return d / pow(x[1], 2);
      },
      {3, 4});
  EXPECT_EQ(dump(code), R"(%0 = input 0   # x0
%1 = input 1   # x1
%2 = 2
%3 = - %2 %0
%4 = number_pow %2 %1
%5 = - %0 %2
%6 = fma %3 %4 %5
%7 = pow_number %1 %2
%8 = / %6 %7
return %8
)");
}

TEST(Trace, KeepsLabels) {
  const Code code = traced(
      [](Span x) {
        Value y = x[0] * x[0];
        y.set_label("square");
        return y + Value(3, "three");
      },
      {3});
  EXPECT_EQ(dump(code), R"(%0 = input 0   # x0
%1 = * %0 %0   # square
%2 = data 3   # three
%3 = + %1 %2
return %3
)");
}

TEST(Trace, SelectByAComparisonKeepsBothSidesAndByABoolTheOneTaken) {
  volatile bool given = true;
  const bool yes = given;
  const auto by_comparison = [](Span x) {
    const Condition small = x[0] < 2;
    const Value triple = x[0] * 3;
    return select(small, triple, 4.0);
  };
  EXPECT_EQ(dump(traced(by_comparison, {1})), R"(%0 = input 0   # x0
%1 = data 2
%2 = 3
%3 = * %0 %2
%4 = 4
%5 = less %0 %1
%6 = where %5 %3 %4
return %6
)");
  EXPECT_EQ(count(traced([yes](Span x) { return select(yes, x[0] * 3, x[0] * 4); }, {1}), special::select),
            0U);
}

TEST(Trace, WhatIsOfAnEarlierTraceOfTheSameThreadIsNoPartOfThis) {
  const Code first = traced([](Span x) { return exp(x[0]) * x[0]; }, {1});
  const Code second = traced([](Span x) { return exp(x[0]) * x[0]; }, {2});
  EXPECT_EQ(dump(first), dump(second));
}

}  // namespace
}  // namespace micrograd::compiler
