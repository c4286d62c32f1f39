// Values and plain numbers that a function finds, makes or leaves behind: a program follows them or refuses
// them by name.
#include "silently_wrong.hpp"

#include <micrograd/engine/functional.hpp>
#include <micrograd/engine/grad.hpp>
#include <micrograd/engine/modes.hpp>
#include <micrograd/engine/reductions.hpp>
#include <micrograd/nn/dropout.hpp>

namespace micrograd {
namespace {

// ---- plain numbers that follow a traced value

TEST(SilentlyWrong, PlainNumbersOfATracedValueAreRefused) {
  expect_refused([](Span x) { return x[0] * std::exp(x[0].data()); }, "is being compiled");
  expect_refused([](Span x) { return x[0] * detach(x[0]).data(); }, "is being compiled");
  const Value w(2, "w");
  EXPECT_THAT(
      [&] { compile<double>([&w](Span x) { return x[0] * w.data(); }, {.inputs = 1}, {.parameters = {w}}); },
      ThrowsMessage<UsageError>(HasSubstr("the value w = 2 is being compiled")));
  const Value doubled = w * 2;
  expect_refused([&doubled](Span x) { return x[0] * doubled.data(); }, "is being compiled");
}

TEST(SilentlyWrong, GradientsThatAreNumbersAreRefused) {
  expect_refused(
      [](Span x) {
        const Value y = x[0] * x[0];
        y.backward();
        return y * x[0].grad();
      },
      "plain numbers; use grad with create_graph");
  expect_refused([](Span x) { return grad(x[0] * x[0], x[0]); }, "use grad with create_graph");
  expect_refused(
      [](Span x) {
        return x[0] * gradient([&x](Span y) { return y[0] * x[0]; }, std::vector<double>{2.0})[0];
      },
      "use grad with create_graph");
}

TEST(SilentlyWrong, GradientsThatAreResultsAreFollowed) {
  const auto slope = [](Span x) {
    const Value y = relu(x[0]) * exp(x[0] * x[1]) + max(x[1], x[0] * x[1]) + logsumexp(x);
    return grad(y, x[0], {.create_graph = true}) + grad(y, x[1], {.create_graph = true});
  };
  expect_as_eager(slope, {1, 2, -1, 0.5, 0.3, -2}, 2);
  expect_refused(
      [](Span x) {
        const Value y = select(x[0] > 0, x[0] * x[0], x[0] * 3);
        return grad(y, x[0], {.create_graph = true});
      },
      "has another gradient on other rows");
}

TEST(SilentlyWrong, APassOverAGraphOfPlainNumbersIsFine) {
  const auto f = [](Span x) {
    const double slope = gradient([](Span y) { return y[0] * y[0]; }, std::vector<double>{2.0})[0];
    return x[0] * slope;
  };
  expect_as_eager(f, {1, 5}, 1);
}

// ---- captured Values

TEST(SilentlyWrong, DataThatTheFunctionChangesIsRefused) {
  const Value cache(1, "cache");
  expect_refused(
      [&cache](Span x) {
        cache.set_data(3);
        return x[0] * 2;
      },
      "set_data: a function that is being compiled must not change data");
  expect_refused(
      [](Span x) {
        const Value c = 1;
        Value y = x[0] * c;
        c.set_data(7);
        return y;
      },
      "must not change data");
}

TEST(SilentlyWrong, AResultComputedBeforeTheTraceFollowsItsParameter) {
  const Value w(2, "w");
  const Value square_of_w = w * w;
  const auto program =
      compile<double>([&](Span x) { return x[0] * square_of_w; }, {.inputs = 1}, {.parameters = {w}});
  w.set_data(5);
  std::vector<double> x{3}, out(1);
  program.run(x, out);
  EXPECT_EQ(out[0], 75);
  const Value stray(3, "stray");
  const Value of_stray = stray * 2;
  expect_refused([&](Span x) { return x[0] * of_stray; }, "the leaf stray = 3 is neither");
}

TEST(SilentlyWrong, AParameterThatIsReplacedIsNoParameter) {
  Value w(2, "w");
  const auto f = [&w](Span x) -> Value { return x[0] > 0 ? w * x[0] : w * 2; };
  const auto program = compile<double>(f, {.inputs = 1}, {.parameters = {w}});
  w = Value(7, "another w");  // the program still has the old one, and its way of old
  std::vector<double> x{3}, out(1);
  program.run(x, out);
  EXPECT_EQ(out[0], 6);
  x[0] = -1;  // another way: the function is run again, and finds a leaf that it was not promised
  EXPECT_THAT(
      [&] { program.run(x, out); },
      ThrowsMessage<UsageError>(HasSubstr("the leaf another w = 7 is neither an input nor a parameter")));
}

TEST(SilentlyWrong, ParametersAndInputsMustBeLeavesOfTheirOwn) {
  const Value a(1, "a"), b(2, "b"), w(3, "w");
  const Value y = a * b * w;
  const auto graph = [&y](std::vector<Value> inputs, std::vector<Value> parameters) {
    return [&y, inputs, parameters] { compile<double>(y, inputs, {.parameters = parameters}); };
  };
  EXPECT_NO_THROW(graph({a, b}, {w})());
  EXPECT_THAT(graph({a, b, a}, {w}), ThrowsMessage<UsageError>(HasSubstr("a = 1 is given twice")));
  EXPECT_THAT(graph({a, b, w}, {w}), ThrowsMessage<UsageError>(HasSubstr("w = 3 is given twice")));
  const Value product = a * b;
  EXPECT_THAT(graph({product}, {a, b, w}), ThrowsMessage<UsageError>(HasSubstr("an input must be a leaf")));
  EXPECT_THAT(graph({a, b}, {w, product}),
              ThrowsMessage<UsageError>(HasSubstr("a parameter must be a leaf")));
  EXPECT_THAT(
      [&] {
        compile<double>([&](Span x) { return x[0] * product; }, {.inputs = 1}, {.parameters = {product}});
      },
      ThrowsMessage<UsageError>(HasSubstr("a parameter must be a leaf (got * node = 2)")));
}

TEST(SilentlyWrong, AReplacedParameterIsFoundByVerifyAtTheNextRun) {
  Value w(2, "w");
  const auto f = [&w](Span x) -> Value { return w * x[0]; };
  const auto program = compile<double>(f, {.inputs = 1}, {.parameters = {w}, .verify = true});
  std::vector<double> x{3}, out(1);
  w.set_data(5);
  program.run(x, out);
  EXPECT_EQ(out[0], 15);
  w = w - 0.5;
  EXPECT_THAT([&] { program.run(x, out); },
              ThrowsMessage<UsageError>(HasSubstr("something else at its second run")));
  w = Value(4.5, "new w");
  EXPECT_THAT(
      [&] { program.run(x, out); },
      ThrowsMessage<UsageError>(HasSubstr("the leaf new w = 4.5 is neither an input nor a parameter")));
}

TEST(SilentlyWrong, AReplacedParameterIsFoundByBackwardWhenNobodyElseHoldsIt) {
  Value w(2, "w");
  const auto f = [&w](Span x) -> Value { return w * x[0]; };
  const auto program = compile<double>(f, {.inputs = 1}, {.parameters = {w}});
  std::vector<double> x{3};
  EXPECT_EQ(program.backward(x), 6);
  w.set_data(w.data() - 0.1 * w.grad());
  EXPECT_DOUBLE_EQ(program.backward(x), 3 * 1.7);
  const Value before = w;
  w = w - 0.1 * w.grad();
  EXPECT_NO_THROW(program.backward(x)) << "somebody may still read before.grad()";
  w = before;
  w = Value(w.data() - 0.1 * w.grad(), "w");
  EXPECT_NO_THROW(program.backward(x));
  Value only(2, "only");
  const auto other = compile<double>([&only](Span y) -> Value { return only * y[0]; }, {.inputs = 1},
                                     {.parameters = {only, only}, .reduce = Reduce::none});
  EXPECT_EQ(other.backward_seeded(x, {}, x), 18);
  only = Value(only.data() - 0.1 * only.grad(), "only");
  EXPECT_THAT(
      [&] { other.backward_seeded(x, {}, x); },
      ThrowsMessage<UsageError>(HasSubstr("nobody but the program holds the parameter only = 2 any")));
  std::vector<double> out(1);
  EXPECT_NO_THROW(other.run(x, out)) << "whose data is still that of the program";
}

TEST(SilentlyWrong, AFunctionMayOwnItsParameters) {
  const auto program = [] {
    const Value w(2, "w");
    return compile<double>([w](Span x) { return w * x[0]; }, {.inputs = 1}, {.parameters = {w}});
  }();
  std::vector<double> x{3};
  EXPECT_EQ(program.backward(x), 6);
}

// ---- Values that are made in one run and found by the next

TEST(SilentlyWrong, ADefaultValueFromOutsideIsNoConstant) {
  Value w;  // makes its leaf at its first use, which is in the function
  EXPECT_THAT([&] { compile<double>([&w](Span x) { return x[0] + w; }, {.inputs = 1}); },
              ThrowsMessage<UsageError>(HasSubstr(
                  "the leaf leaf = 0 was made while the function ran and outlives it, so the program "
                  "would take it for a constant; make it before")));
  EXPECT_THAT([&] { compile<double>([&w](Span x) { return x[0] + w; }, {.inputs = 1}); },
              ThrowsMessage<UsageError>(HasSubstr("the leaf leaf = 0 is neither an input nor a parameter")));
  struct Model {
    Value bias;
    Value operator()(Span x) const { return x[0] * 2 + bias; }
  };
  EXPECT_THAT([] { compile<double>(Model(), {.inputs = 1}); },
              ThrowsMessage<UsageError>(HasSubstr("= 0 was made while the function ran and outlives it")));
  const Value b;
  const auto program = compile<double>([&b](Span x) { return x[0] + b; }, {.inputs = 1}, {.parameters = {b}});
  b.set_data(5);
  std::vector<double> x{1}, out(1);
  program.run(x, out);
  EXPECT_EQ(out[0], 6) << "as a parameter it is one like any other";
}

TEST(SilentlyWrong, AValueOfTheFunctionsOwnIsAConstant) {
  expect_as_eager(
      [](Span x) {
        Value total;
        std::vector<Value> numbers(3);
        numbers[1] = 2;
        for (const Value& number : numbers) total += number * x[0];
        return total;
      },
      {1, -2}, 1);
  expect_as_eager(
      [](Span x) {
        static const Value two = freeze(2);
        return x[0] * two;
      },
      {1, -2}, 1);
}

TEST(SilentlyWrong, AStaticValueMadeInTheTraceIsRefused) {
  expect_refused(
      [](Span x) {
        static const Value rate(2, "rate");
        return x[0] * rate;
      },
      "the leaf rate = 2 was made while the function ran and outlives it");
}

TEST(SilentlyWrong, StateThatGoesFromOneRunToTheNextIsRefused) {
  Value state;
  expect_refused([&state](Span x) { return state = tanh(x[0] + 0.5 * state); },
                 "return it as one more output");
  Value latest;
  expect_refused(
      [&latest](Span x) {
        const Value change = x[0] - latest;
        latest = x[0];
        return change;
      },
      "the function keeps x0 = 1 beyond its run");
  std::vector<Value> seen;
  expect_refused(
      [&seen](Span x) {
        Value hidden = tanh(x[0]);
        hidden.set_label("hidden");
        seen.push_back(hidden);
        return x[0] * 2;
      },
      "the function keeps hidden = 0.7615941559557649 beyond its run");
}

TEST(SilentlyWrong, WhatDiedInTheTraceIsNotKept) {
  const auto f = [](Span x) {
    std::vector<Value> made;
    for (int i = 0; i < 5000; ++i) made.push_back(x[0] * i);  // more than a chunk of nodes
    {
      const Value unused =
          Value::custom(1, {x[0]}, "unused", [y = x[0] + 1](const Value&) { y.add_grad(1); });
    }
    const Value result = sum(made);
    made.clear();
    return result;
  };
  expect_as_eager(f, {1, 2}, 1);
}

// ---- gradients, constants and draws

TEST(SilentlyWrong, GradientsReadOrChangedInTheFunctionAreRefused) {
  const Value w(2, "w");
  w.set_grad(7);
  const auto refused = [&w](auto f, const char* words) {
    EXPECT_THAT([&] { compile<double>(f, {.inputs = 1}, {.parameters = {w}}); },
                ThrowsMessage<UsageError>(HasSubstr(words)));
  };
  refused([&w](Span x) { return x[0] * w.grad(); }, "grad: the value w = 2 is being compiled");
  refused(
      [&w](Span x) {
        w.set_grad(0);
        return x[0] * w;
      },
      "set_grad: a function that is being compiled must not change data or gradients (got w = 2)");
  refused(
      [&w](Span x) {
        const Value y = x[0] * w;
        y.backward_step();
        return y;
      },
      "plain numbers; use grad with create_graph");
  refused(
      [&w](Span x) {
        const Value y = x[0] * w;
        zero_graph_grad(y);
        return y;
      },
      "zero_graph_grad: a function that is being compiled must not");
  EXPECT_EQ(w.grad(), 7);
}

TEST(SilentlyWrong, TheDataOfALeafThatIsNotListedIsNoConstantUnlessFrozen) {
  const Value rate(0.5, "rate");
  expect_refused([&rate](Span x) { return x[0] * rate.data(); },
                 "data: the leaf rate = 0.5 is neither an input nor a parameter");
  expect_as_eager([&rate](Span x) { return x[0] * freeze(rate).data(); }, {1, 2}, 1);
  EXPECT_THAT(
      [&] {
        compile<double>([&](Span x) { return x[0] * freeze(rate); }, {.inputs = 1}, {.parameters = {rate}});
      },
      ThrowsMessage<UsageError>(HasSubstr("freeze: the value rate = 0.5 is being compiled")));
}

TEST(SilentlyWrong, DropoutInTrainingIsRefused) {
  Dropout dropout(0.5, 1);
  const auto f = [&dropout](Span x) {
    std::vector<Value> signals{x[0], x[0] * 2};
    dropout.apply(signals);
    return sum(signals);
  };
  expect_refused(f, "Dropout: a compiled function would keep the draws");
  dropout.train(false);
  expect_as_eager(f, {1, 2}, 1);
}

TEST(SilentlyWrong, VerifyFindsStateOnPathsThatBranch) {
  int runs = 0;
  const auto drawn = [&runs](Span x) -> Value { return x[0] > 0 ? x[0] * ++runs : x[0]; };
  EXPECT_NO_THROW(compile<double>(drawn, {.inputs = 1}));
  EXPECT_THAT([&] { compile<double>(drawn, {.inputs = 1}, {.verify = true}); },
              ThrowsMessage<UsageError>(HasSubstr("changes from run to run")));
  double scale = 2;
  const auto f = [&scale](Span x) -> Value { return x[0] > 0 ? x[0] * scale : x[0] * 7; };
  const auto program = compile<double>(f, {.inputs = 1}, {.verify = true});
  std::vector<double> x{1, -1}, out(2);
  program.run(x, out);
  EXPECT_EQ(out, (std::vector<double>{2, -7}));
  scale = 3;
  EXPECT_THAT(
      [&] { program.run(x, out); },
      ThrowsMessage<UsageError>(HasSubstr("run: a plain number in the function changes from run to run, and "
                                          "would be a constant of the program (got 2 and then 3)")));
}

TEST(SilentlyWrong, VerifyAllowsARowOnTheEdgeInFloat) {
  const auto f = [](Span x) -> Value { return x[0] > 0.1 ? x[0] * 2 : x[0] * 3; };
  const auto program = compile<float>(f, {.inputs = 1, .sample = {0}}, {.verify = true});
  std::vector<float> x{0.1F}, out(1);  // more than 0.1 as a double, and equal to it as a float
  program.run(x, out);
  EXPECT_EQ(out[0], 3 * 0.1F);
}

}  // namespace
}  // namespace micrograd
