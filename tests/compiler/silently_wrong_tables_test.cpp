// The tables that a run reads and writes: their sizes, and numbers that two of them share.
#include "silently_wrong.hpp"

namespace micrograd {
namespace {

// ---- sizes

TEST(SilentlyWrong, EverySizeIsChecked) {
  const Value w(1, "w");
  const auto program = compile<double>([&](Span x, Span y) { return x[0] * w * x[1] - y[0]; },
                                       {.inputs = 2, .targets = 1}, {.parameters = {w}});
  std::vector<double> numbers(60);
  const auto table = [&numbers](std::size_t rows, std::size_t columns) {
    return Rows<double>(numbers.data(), rows, columns);
  };
  const auto refused = [](auto call, const char* words) {
    EXPECT_THAT(call, ThrowsMessage<UsageError>(HasSubstr(words)));
  };
  refused([&] { program.run(table(4, 2), table(4, 1)); }, "run: x has another size");
  refused([&] { program.run(table(4, 3), table(4, 2)); }, "run: out has another size");
  refused([&] { program.run(table(4, 3), table(3, 1)); }, "run: out has another size");
  refused([&] { program.gradient(table(4, 3), table(4, 1), table(4, 3)); },
          "gradient: gradients has another");
  refused([&] { program.jacobian(table(4, 3), table(4, 3)); }, "jacobian: out has another size");
  refused([&] { program.hessian(table(4, 3), table(4, 2)); }, "hessian: out has another size");
  refused([&] { program.jvp(table(4, 3), table(4, 3), table(4, 1)); }, "jvp: directions has another size");
  refused([&] { program.vjp(table(4, 3), table(4, 2), table(4, 2)); }, "vjp: seeds has another size");
  refused([&] { program.backward(table(4, 2), table(3, 1)); }, "backward: targets has another size");
  refused([&] { program.backward(table(4, 2)); }, "backward: x has another size");
  refused([&] { program.run({numbers.data(), 4, 3, 2}, table(4, 1)); },
          "the rows of x overlap (got the stride 2");
  refused([&] { compile<double>([](Span x) { return x[0]; }, {.inputs = 1, .sample = {1, 2}}); },
          "the sample has another size (got 2 numbers, expected 1)");
  refused([&] { compile<double>([](Span) { return std::vector<Value>{}; }, {.inputs = 1}); }, "no result");
}

TEST(SilentlyWrong, AStrideTooShortIsNamed) {
  const auto program = compile<double>([](Span x) { return x[0] * x[1]; }, {.inputs = 2});
  std::vector<double> numbers(8), out(4);
  EXPECT_THAT([&] { program.run({numbers.data(), 4, 2, 1}, out); },
              ThrowsMessage<UsageError>(HasSubstr("stride")));
}

TEST(SilentlyWrong, OneRowNeedsNoStrideWhateverRanBefore) {
  const auto program = compile<double>([](Span x) { return x[0] * x[1]; }, {.inputs = 2});
  std::vector<double> numbers(20000, 3), out(10000);
  program.run({numbers.data(), 10000, 2}, out);
  numbers[0] = 2;
  program.run({numbers.data(), 1, 2, 0}, {out.data(), 1, 1, 0});
  EXPECT_EQ(out[0], 6);
}

TEST(SilentlyWrong, OutputsMayBeInputsNumbersParametersOrTheSameTwice) {
  const Value w(4, "w");
  const auto program = compile<double>(
      [&](Span x) {
        const Value y = x[0] * 2;
        return std::vector<Value>{y, x[1], w, 3, y, Value()};
      },
      {.inputs = 2}, {.parameters = {w}});
  std::vector<double> x{1, 2, 3, 4}, out(12), jac(24);
  program.run({x.data(), 2, 2}, {out.data(), 2, 6});
  EXPECT_EQ(out, (std::vector<double>{2, 2, 4, 3, 2, 0, 6, 4, 4, 3, 6, 0}));
  program.jacobian({x.data(), 2, 2}, {jac.data(), 2, 12});
  const std::vector<double> row{2, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0};
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(jac[i], row[i % 12]) << i;
}

TEST(SilentlyWrong, ATableThatPointsNowhereIsNamed) {
  const auto program = compile<double>([](Span x) { return x[0] * 2; }, {.inputs = 1});
  std::vector<double> out(2);
  EXPECT_THAT(
      [&] { program.run({nullptr, 2, 1}, out); },
      ThrowsMessage<UsageError>(HasSubstr("run: x points nowhere (got null, expected 2 rows of 1 numbers)")));
  EXPECT_NO_THROW(program.run({nullptr, 0, 1}, {nullptr, 0, 1}));
}

// ---- numbers that tables share

/// Two inputs, two outputs that swap them: whatever is written early is wanted later.
std::vector<Value> swapped(Span x) { return {x[1] * 1.0, x[0], x[0] * x[1]}; }
Value product(Span x) { return x[0] * x[1] * x[1]; }

constexpr std::size_t rows = 700;  // several blocks

std::vector<double> numbers(std::size_t count) {
  std::vector<double> x(count);
  for (std::size_t i = 0; i < count; ++i) x[i] = static_cast<double>(i % 41) / 8 - 2;
  return x;
}

/// Runs `call` on tables apart, and then with `out` in the buffer of `x`, `shift` numbers further; both with
/// rows so far apart. The second must give the same, and leave alone what is not of `out`.
template <class F>
void expect_the_same_over_x(std::size_t x_columns, std::size_t out_columns, std::size_t stride,
                            std::size_t shift, F call) {
  SCOPED_TRACE(::testing::Message() << x_columns << " and " << out_columns << " columns, stride " << stride
                                    << ", shift " << shift);
  const std::vector<double> x = numbers(rows * stride + shift + out_columns);
  std::vector<double> apart = x, over = x;
  call(Rows<const double>(x.data(), rows, x_columns, stride),
       Rows<double>(apart.data() + shift, rows, out_columns, stride));
  call(Rows<const double>(over.data(), rows, x_columns, stride),
       Rows<double>(over.data() + shift, rows, out_columns, stride));
  EXPECT_EQ(over, apart);
}

TEST(SilentlyWrong, ResultsMayBeWrittenOverWhatTheyAreComputedFrom) {
  const auto program = compile<double>(swapped, {.inputs = 2}, {.threads = 2});
  const auto one = compile<double>(product, {.inputs = 2});
  for (const std::size_t shift : {0, 1, 2, 3, 7, 130}) {
    for (const std::size_t stride : {4, 5, 6, 9}) {
      expect_the_same_over_x(2, 3, stride, shift, [&](auto x, auto out) { program.run(x, out); });
      expect_the_same_over_x(2, 4, stride, shift, [&](auto x, auto out) { one.hessian(x, out); });
      expect_the_same_over_x(2, 2, stride, shift, [&](auto x, auto out) {
        std::vector<double> values(rows);
        one.gradient(x, values, out);
      });
      expect_the_same_over_x(2, 1, stride, shift, [&](auto x, auto out) { one.jvp(x, x, out); });
      expect_the_same_over_x(3, 2, stride, shift, [&](auto seeds, auto out) {
        const std::vector<double> at = numbers(2 * rows);
        program.vjp({at.data(), rows, 2}, seeds, out);
      });
    }
    expect_the_same_over_x(2, 6, 6, shift, [&](auto x, auto out) { program.jacobian(x, out); });
  }
}

TEST(SilentlyWrong, RowsOfOtherPathsAreReadBeforeResultsAreWrittenOverThem) {
  const auto program =
      compile<double>([](Span x) -> Value { return x[0] > 0 ? x[0] * 2 : x[0] - 1; }, {.inputs = 1});
  expect_the_same_over_x(1, 1, 1, 0, [&](auto x, auto out) { program.run(x, out); });
  expect_the_same_over_x(1, 1, 1, 1, [&](auto x, auto out) { program.run(x, out); });
}

TEST(SilentlyWrong, ResultsThatShareNumbersAreRefused) {
  const auto program = compile<double>(product, {.inputs = 2});
  const std::vector<double> x = numbers(2 * rows);
  std::vector<double> buffer(4 * rows);
  const auto call = [&](std::size_t out_at, std::size_t gradients_at, std::size_t out_stride) {
    program.gradient({x.data(), rows, 2}, {buffer.data() + out_at, rows, 1, out_stride},
                     {buffer.data() + gradients_at, rows, 2, 3});
  };
  for (const auto& [out_at, gradients_at] : {std::pair(0, 0), {1, 0}, {0, 2}, {3, 0}, {300, 0}}) {
    EXPECT_THAT([&] { call(out_at, gradients_at, 3); },
                ThrowsMessage<UsageError>(HasSubstr("gradient: out and gradients share numbers")))
        << out_at << " " << gradients_at;
  }
  EXPECT_THAT([&] { call(0, 1, 1); }, ThrowsMessage<UsageError>(HasSubstr("share numbers")));
  EXPECT_NO_THROW(call(0, 1, 3)) << "columns of one buffer";
  EXPECT_NO_THROW(call(2, 0, 3)) << "columns of one buffer";
  EXPECT_NO_THROW(call(3 * rows, 0, 1)) << "one behind the other";
  std::vector<double> together = buffer;
  std::vector<double> out(rows), gradients(2 * rows);
  program.gradient({x.data(), rows, 2}, {together.data(), rows, 1, 3}, {together.data() + 1, rows, 2, 3});
  program.gradient({x.data(), rows, 2}, out, {gradients.data(), rows, 2});
  for (std::size_t i = 0; i < rows; ++i) {
    EXPECT_EQ(together[3 * i], out[i]);
    EXPECT_EQ(together[3 * i + 1], gradients[2 * i]);
    EXPECT_EQ(together[3 * i + 2], gradients[2 * i + 1]);
  }
}

TEST(SilentlyWrong, TargetsAndInputsMayBeColumnsOfOneTable) {
  const Value w(1, "w");
  const auto program = compile<double>([&](Span x, Span y) { return square(x[0] * w - y[0]); },
                                       {.inputs = 1, .targets = 1}, {.parameters = {w}});
  const std::vector<double> x = numbers(2 * rows);
  const double apart = program.backward({x.data(), rows, 1, 2}, {x.data() + 1, rows, 1, 2});
  EXPECT_EQ(apart, program.backward({x.data(), rows, 2}));
}

}  // namespace
}  // namespace micrograd
