// The DOT text of small graphs, letter by letter, and labels that would break a careless writer.
#include <micrograd/graph/dot.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "../engine/helpers.hpp"

namespace micrograd {
namespace {

using testing::contains;
using testing::message_of;

/// The line that declares the box of a value.
std::string box_of(const Value& x) {
  const std::string dot = to_dot(snapshot(x));
  const std::size_t start = dot.find("  n0");
  return dot.substr(start, dot.find('\n', start) - start);
}

/// What stands for a label in DOT.
std::string written(const std::string& label) {
  const std::string box = box_of(Value(1, label));
  const std::string before = "label=\"{ ";
  const std::size_t start = box.find(before) + before.size();
  return box.substr(start, box.find(" | data") - start);
}

TEST(Dot, OfThePublishedExampleIsTheClassicPicture) {
  Value a(2, "a"), b(3, "b"), d(4, "d");
  Value c = a + b;
  c.set_label("c");
  Value e = c + d;
  e.set_label("e");
  e.backward();
  EXPECT_EQ(to_dot(snapshot(e)), R"(digraph micrograd {
  graph [rankdir=LR, nodesep=0.2, ranksep=0.3, bgcolor=white];
  edge [color="#5B6673", arrowsize=0.7, tailport=e];
  node [fontname="sans-serif", fontsize=12, fontcolor="#1F2933", style=filled];
  node [shape=record, height=0.4, fillcolor=white, color="#5B6673"];
  n0 [label="{ a | data 2.0000 | grad 1.0000 }", fillcolor="#E8F1FB"];
  n1 [label="{ b | data 3.0000 | grad 1.0000 }", fillcolor="#E8F1FB"];
  n2 [label="{ d | data 4.0000 | grad 1.0000 }", fillcolor="#E8F1FB"];
  n3 [label="{ c | data 5.0000 | grad 1.0000 }"];
  n4 [label="{ e | data 9.0000 | grad 1.0000 }", fillcolor="#FFF1D6", color="#B7791F", penwidth=1.6];
  node [shape=ellipse, width=0.35, height=0.35, margin="0.06,0.03"];
  node [fontsize=14, fontcolor=white, fillcolor="#2F6F6B", color="#2F6F6B"];
  op3 [label="+"];
  n0 -> op3;
  n1 -> op3;
  op3 -> n3;
  op4 [label="+"];
  n3 -> op4;
  n2 -> op4;
  op4 -> n4;
}
)");
}

TEST(Dot, ShowsThePlainNumberInTwoPlusAAsAGreyConstant) {
  Value a(5, "a");
  EXPECT_EQ(to_dot(snapshot(2 + a), {.top_down = true}), R"(digraph micrograd {
  graph [rankdir=TB, nodesep=0.2, ranksep=0.3, bgcolor=white];
  edge [color="#5B6673", arrowsize=0.7, tailport=s];
  node [fontname="sans-serif", fontsize=12, fontcolor="#1F2933", style=filled];
  node [shape=record, height=0.4, fillcolor=white, color="#5B6673"];
  n0 [label="{ a | data 5.0000 | grad 0.0000 }", fillcolor="#E8F1FB"];
  n1 [label="{ Cons | data 2.0000 | grad 0.0000 }", fillcolor="#F6F7F8", color="#B8BDC4", fontcolor="#6B7480"];
  n2 [label="{ data 7.0000 | grad 0.0000 }", fillcolor="#FFF1D6", color="#B7791F", penwidth=1.6];
  node [shape=ellipse, width=0.35, height=0.35, margin="0.06,0.03"];
  node [fontsize=14, fontcolor=white, fillcolor="#2F6F6B", color="#2F6F6B"];
  op2 [label="+"];
  n1 -> op2;
  n0 -> op2;
  op2 -> n2;
}
)");
}

TEST(Dot, DrawsAnEdgeForEveryUse) {
  const Value a = 2;
  const std::string dot = to_dot(snapshot(a * a));
  EXPECT_TRUE(contains(dot, "  n0 -> op1;\n  n0 -> op1;\n  op1 -> n1;\n")) << dot;
}

TEST(Dot, KeepsTheOrderOfOperandsWhereItMatters) {
  const Value a = 2, b = 3;
  EXPECT_TRUE(contains(to_dot(snapshot(a - b)), "op2 [label=\"-\", ordering=in];"));
  EXPECT_TRUE(contains(to_dot(snapshot(a + b)), "op2 [label=\"+\"];"));
  EXPECT_TRUE(contains(to_dot(snapshot(tanh(a))), "op1 [label=\"tanh\"];"));
}

TEST(Dot, EscapesWhatMeansSomethingInALabel) {
  EXPECT_EQ(written("a\"b"), "a\\\"b");
  EXPECT_EQ(written("{a|b}"), "\\{a\\|b\\}");
  EXPECT_EQ(written("<a>"), "\\<a\\>");
  EXPECT_EQ(written("a\\b\\"), "a\\\\b\\\\");
  EXPECT_EQ(written("two\nlines\r\nthree"), "two\\nlines\\nthree");
  EXPECT_EQ(written("&lt;"), "&amp;lt;");
  EXPECT_EQ(written("\\N"), "\\\\N") << "an escape of Graphviz, which would become the node's name";
}

TEST(Dot, KeepsSpacesThatGraphvizWouldDrop) {
  EXPECT_EQ(written("a b"), "a b");
  EXPECT_EQ(written(" a  b "), "\u00A0a\u00A0\u00A0b\u00A0");
  EXPECT_EQ(written("损 失"), "损\u00A0失");
}

TEST(Dot, LeavesOtherWritingSystemsAsTheyAre) {
  EXPECT_EQ(written("损失"), "损失");
  EXPECT_EQ(written("∂L/∂w→😀"), "∂L/∂w→😀");
}

TEST(Dot, ReplacesBytesThatAreNotUtf8AndControlCharacters) {
  EXPECT_EQ(written("a\xFF"), "a\uFFFD");
  EXPECT_EQ(written("\xE6\x8D"), "\uFFFD\uFFFD") << "a character cut short";
  EXPECT_EQ(written("\xC0\x80"), "\uFFFD\uFFFD") << "an overlong zero";
  EXPECT_EQ(written("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD") << "half of a surrogate pair";
  EXPECT_EQ(written("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "beyond the last character";
  EXPECT_EQ(written(std::string("a\0b\x1b", 4)), "a\uFFFDb\uFFFD");
}

TEST(Dot, EscapesTheNamesOfOperationsAndNamesThoseWithout) {
  const auto op_of = [](const std::string& name) {
    const std::string dot = to_dot(snapshot(Value::custom(1, {Value(2)}, name, [](const Value&) {})));
    const std::string before = "op1 [label=\"";
    const std::size_t start = dot.find(before) + before.size();
    return dot.substr(start, dot.find("\"]", start) - start);
  };
  EXPECT_EQ(op_of("my \"op\" {x}"), "my \\\"op\\\" {x}");
  EXPECT_EQ(op_of(""), "custom");
}

TEST(Dot, WritesNumbersThatAPersonCanRead) {
  const auto data_of = [](double x, int decimals = 4) {
    const std::string dot = to_dot(snapshot(Value(x)), {.decimals = decimals});
    const std::size_t start = dot.find("data ") + 5;
    return dot.substr(start, dot.find(" |", start) - start);
  };
  EXPECT_EQ(data_of(2), "2.0000");
  EXPECT_EQ(data_of(-0.0), "0.0000");
  EXPECT_EQ(data_of(-1234567.891), "-1234567.8910");
  EXPECT_EQ(data_of(1.5e-7), "1.5000e-07") << "not 0.0000";
  EXPECT_EQ(data_of(-3e300), "-3.0000e+300");
  EXPECT_EQ(data_of(1.0 / 3, 2), "0.33");
  EXPECT_EQ(data_of(INFINITY), "inf");
  EXPECT_EQ(data_of(-INFINITY), "-inf");
  EXPECT_EQ(data_of(-NAN), "nan");
}

TEST(Dot, SaysWhatWasCut) {
  Value chain(1, "x");
  for (int i = 0; i < 9'001; ++i) chain = -chain;
  const std::string dot = to_dot(snapshot(chain, {.max_nodes = 2}));
  EXPECT_TRUE(contains(dot, "note [label=\"9,000 older nodes not shown\"")) << dot;
  EXPECT_TRUE(contains(dot, "cut0 [label=\"…\"")) << dot;
  EXPECT_TRUE(contains(dot, "cut0 -> op0")) << dot;
  EXPECT_FALSE(contains(dot, "cut1")) << dot;
  EXPECT_TRUE(contains(to_dot(snapshot(-Value(1), {.max_nodes = 1})), "\"1 older node not shown\""));
  EXPECT_FALSE(contains(to_dot(snapshot(-Value(1))), "not shown"));
}

TEST(Dot, RefusesAnImpossibleNumberOfDecimals) {
  EXPECT_EQ(message_of([] { return to_dot(snapshot(Value(1)), {.decimals = 18}); }),
            "to_dot: decimals out of range (got 18, expected 0 to 17)");
  EXPECT_EQ(message_of([] { return to_dot(snapshot(Value(1)), {.decimals = -1}); }),
            "to_dot: decimals out of range (got -1, expected 0 to 17)");
}

}  // namespace
}  // namespace micrograd
