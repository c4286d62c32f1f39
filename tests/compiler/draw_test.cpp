// The drawing of a small program, letter by letter, and of what is special: branches, long programs.
#include <gtest/gtest.h>

#include <micrograd/compiler/compile.hpp>

#include "../engine/helpers.hpp"

namespace micrograd {
namespace {

using Span = std::span<const Value>;
using testing::contains;

TEST(Draw, ANeuronTellsNumbersOfARowFromThoseOfAllRows) {
  const Value w0(0.5, "w0"), w1(-2, "w1"), b(0.25, "b");
  const auto program = compile<double>(
      [&](Span x) {
        const Value left = w0 * x[0];
        const Value right = w1 * x[1];
        Value out = tanh(left + right + b);
        out.set_label("out");
        return out;
      },
      {.inputs = 2}, {.parameters = {w0, w1, b}});
  EXPECT_EQ(program.to_dot(), R"(digraph micrograd {
  graph [rankdir=LR, nodesep=0.2, ranksep=0.3, bgcolor=white];
  edge [color="#5B6673", arrowsize=0.7, tailport=e];
  node [fontname="sans-serif", fontsize=12, fontcolor="#1F2933", style=filled];
  node [shape=record, height=0.4, fillcolor=white, color="#5B6673"];
  graph [label="solid: a number for each row; dashed: one number for all rows", labelloc=b, fontname="sans-serif", fontsize=11, fontcolor="#6B7480"];
  n0 [label="{ x0 | input 0 }", fillcolor="#E8F1FB"];
  n1 [label="{ x1 | input 1 }", fillcolor="#E8F1FB"];
  n2 [label="{ w0 | parameter 0 }", style="filled,rounded,dashed", fillcolor="#E8F1FB"];
  n3 [label="{ w1 | parameter 1 }", style="filled,rounded,dashed", fillcolor="#E8F1FB"];
  n4 [label="{ b | parameter 2 }", style="filled,rounded,dashed", fillcolor="#E8F1FB"];
  n5 [label="{ %5 }"];
  n6 [label="{ %6 }"];
  n7 [label="{ %7 }"];
  n8 [label="{ %8 }"];
  n9 [label="{ out | %9 | output 0 }", fillcolor="#FFF1D6", color="#B7791F", penwidth=1.6];
  node [shape=ellipse, width=0.35, height=0.35, margin="0.06,0.03"];
  node [fontsize=14, fontcolor=white, fillcolor="#2F6F6B", color="#2F6F6B"];
  op5 [label="*"];
  n2 -> op5 [style=dashed];
  n0 -> op5;
  op5 -> n5;
  op6 [label="*"];
  n3 -> op6 [style=dashed];
  n1 -> op6;
  op6 -> n6;
  op7 [label="+"];
  n5 -> op7;
  n6 -> op7;
  op7 -> n7;
  op8 [label="+"];
  n7 -> op8;
  n4 -> op8 [style=dashed];
  op8 -> n8;
  op9 [label="tanh"];
  n8 -> op9;
  op9 -> n9;
}
)");
}

TEST(Draw, ShowsGuardsAndPlainNumbersAndEscapesLabels) {
  const Value w(0.5, "w");
  const auto program = compile<double>(
      [&](Span x) -> Value {
        Value e = x[0] * w;
        e.set_label("a|b");
        if (e > 0) return e / 2;
        return -e;
      },
      {.inputs = 1}, {.parameters = {w}});
  EXPECT_EQ(program.to_dot({.stage = Stage::traced, .top_down = true}), R"(digraph micrograd {
  graph [rankdir=TB, nodesep=0.2, ranksep=0.3, bgcolor=white];
  edge [color="#5B6673", arrowsize=0.7, tailport=s];
  node [fontname="sans-serif", fontsize=12, fontcolor="#1F2933", style=filled];
  node [shape=record, height=0.4, fillcolor=white, color="#5B6673"];
  graph [label="solid: a number for each row; dashed: one number for all rows", labelloc=b, fontname="sans-serif", fontsize=11, fontcolor="#6B7480"];
  n0 [label="{ x0 | input 0 }", fillcolor="#E8F1FB"];
  n1 [label="{ w | parameter 0 }", style="filled,rounded,dashed", fillcolor="#E8F1FB"];
  n2 [label="{ a\|b | %2 }"];
  n3 [label="{ data 0 }", style="filled,rounded,dashed", fillcolor="#F6F7F8", color="#B8BDC4", fontcolor="#6B7480"];
  n4 [label="{ 2 }", style="filled,rounded,dashed", fillcolor="#F6F7F8", color="#B8BDC4", fontcolor="#6B7480"];
  n5 [label="{ %5 | output 0 }", fillcolor="#FFF1D6", color="#B7791F", penwidth=1.6];
  n6 [label="{ %6 | guard: true }", fillcolor="#FFF1D6", color="#B7791F", penwidth=1.6];
  node [shape=ellipse, width=0.35, height=0.35, margin="0.06,0.03"];
  node [fontsize=14, fontcolor=white, fillcolor="#2F6F6B", color="#2F6F6B"];
  op2 [label="*"];
  n0 -> op2;
  n1 -> op2 [style=dashed];
  op2 -> n2;
  op5 [label="/", ordering=in];
  n2 -> op5;
  n4 -> op5 [style=dashed];
  op5 -> n5;
  op6 [label=">", ordering=in];
  n2 -> op6;
  n3 -> op6 [style=dashed];
  op6 -> n6;
}
)");
}

TEST(Draw, ProgramsOfOneKindNeedNoLegend) {
  const auto program = compile<double>([](Span x) { return exp(x[0]); }, {.inputs = 1});
  EXPECT_FALSE(contains(program.to_dot(), "dashed"));
  EXPECT_TRUE(contains(program.to_dot({.want = Want::gradient}), "n1 [label=\"{ %1 | output 0, 1 }\""))
      << "exp is its own derivative: " << program.to_dot({.want = Want::gradient});
}

TEST(Draw, LongProgramsAreCutAndSaySo) {
  const auto program = compile<float>(
      [](Span x) {
        Value sum = x[0];
        for (int i = 0; i < 2000; ++i) sum = sin(sum) + x[0];
        return sum;
      },
      {.inputs = 1});
  const std::string dot = program.to_dot();
  EXPECT_TRUE(contains(dot, "3,501 earlier instructions not shown"));
  EXPECT_FALSE(contains(dot, "  n3500 "));
  EXPECT_TRUE(contains(dot, "  n3501 "));
  EXPECT_TRUE(contains(dot, "cut3501 -> op3501 [style=dashed"));
  EXPECT_TRUE(contains(dot, "nslimit"));
  EXPECT_TRUE(contains(program.to_dot({.most = 4000}), "1 earlier instruction not shown"));
  EXPECT_FALSE(contains(program.to_dot({.most = 4001}), "not shown"));
}

TEST(Draw, AScheduleHasNoPicture) {
  const auto program = compile<double>([](Span x) { return exp(x[0]); }, {.inputs = 1});
  EXPECT_EQ(
      testing::message_of<UsageError>([&] { return program.to_dot({.stage = Stage::scheduled}); }),
      "to_dot: there is no picture of a schedule (got Stage::scheduled); use Stage::simplified, or dump");
}

}  // namespace
}  // namespace micrograd
