// A snapshot shows the graph as an observer of Values sees it, whatever the storage does, and changes
// nothing.
#include <micrograd/graph/snapshot.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <micrograd/engine/modes.hpp>

#include "../engine/helpers.hpp"

namespace micrograd {
namespace {

using Ids = std::vector<std::size_t>;
using testing::contains;
using testing::message_of;
using testing::rounds;

std::vector<std::string> labels_of(const Snapshot& graph) {
  std::vector<std::string> labels;
  for (const SnapshotNode& node : graph.nodes) labels.push_back(node.label);
  return labels;
}

TEST(Snapshot, ListsNodesInCreationOrderWithTheirOperands) {
  Value a(2, "a"), b(3, "b");
  Value c = a + b;
  c.set_label("c");
  const Value e = c * a;
  e.backward();
  const Snapshot graph = snapshot(e);
  ASSERT_EQ(graph.nodes.size(), 4U);
  EXPECT_EQ(labels_of(graph), (std::vector<std::string>{"a", "b", "c", ""}));
  EXPECT_EQ(graph.nodes[2].op, "+");
  EXPECT_EQ(graph.nodes[2].operands, (Ids{0, 1}));
  EXPECT_EQ(graph.nodes[3].op, "*");
  EXPECT_EQ(graph.nodes[3].operands, (Ids{2, 0}));
  EXPECT_EQ(graph.nodes[3].data, 10);
  EXPECT_EQ(graph.nodes[3].grad, 1);
  EXPECT_EQ(graph.nodes[0].grad, 7);
  EXPECT_EQ(graph.cut, 0U);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) EXPECT_EQ(graph.nodes[i].id, i);
}

TEST(Snapshot, OfALeafIsThatLeaf) {
  const Snapshot graph = snapshot(Value(1.5, "x"));
  ASSERT_EQ(graph.nodes.size(), 1U);
  EXPECT_EQ(graph.nodes[0].op, "");
  EXPECT_EQ(graph.nodes[0].data, 1.5);
  EXPECT_EQ(snapshot(Value()).nodes.size(), 1U);
}

TEST(Snapshot, KeepsRepeatedOperands) {
  const Value a(2, "a");
  EXPECT_EQ(snapshot(a * a).nodes.back().operands, (Ids{0, 0}));
}

TEST(Snapshot, ShowsThreeOperandsAndThoseOfCustomOperations) {
  const Value a = 2, b = 3, c = 4;
  const Snapshot rounded_once = snapshot(fma(a, b, c));
  EXPECT_EQ(rounded_once.nodes.back().operands, (Ids{0, 1, 2}));
  const Value mine = Value::custom(9, {c, a, c}, "mine", [](const Value&) {});
  const Snapshot graph = snapshot(mine);
  EXPECT_EQ(graph.nodes.back().op, "mine");
  EXPECT_EQ(graph.nodes.back().operands, (Ids{1, 0, 1}));
}

TEST(Snapshot, PlacesANumberBeforeItsConsumerAndInTheOrderAsWritten) {
  const Value a(5, "a");
  const Value left = 2 - a;
  const Snapshot before = snapshot(left);
  ASSERT_EQ(labels_of(before), (std::vector<std::string>{"a", "Cons", ""}));
  EXPECT_TRUE(before.nodes[1].constant);
  EXPECT_EQ(before.nodes[1].data, 2);
  EXPECT_EQ(before.nodes[2].operands, (Ids{1, 0}));
  const Value right = a - 2;
  EXPECT_EQ(snapshot(right).nodes.back().operands, (Ids{0, 1}));
}

TEST(Snapshot, IsTheSameWhetherSomebodyHasLookedAtTheNumberOrNot) {
  const Value a(5, "a");
  const Value product = 3 * a;
  product.backward();
  const Snapshot before = snapshot(product);
  EXPECT_EQ(before.nodes[1].grad, 5);
  const Value number = product.prev()[0];
  const Snapshot after = snapshot(product);
  ASSERT_EQ(labels_of(after), labels_of(before));
  EXPECT_EQ(after.nodes[1].grad, 5);
  EXPECT_EQ(after.nodes[2].operands, before.nodes[2].operands);
  product.backward();
  EXPECT_EQ(snapshot(product).nodes[1].grad, 10) << "a number is a leaf and accumulates";
}

TEST(Snapshot, SeesTheGradientsOfNumbersAcrossSeveralPassesAndChangesOfData) {
  const Value a(5, "a");
  const Value product = 3 * a;
  product.backward();
  product.backward();
  EXPECT_EQ(snapshot(product).nodes[1].grad, 10);
  a.set_data(7);  // what the number got before stays what it was
  EXPECT_EQ(snapshot(product).nodes[1].grad, 10);
  EXPECT_EQ(product.prev()[0].grad(), 10);
}

TEST(Snapshot, ShowsANumberThatOtherOperationsUseTooAsOneNode) {
  const Value a(5, "a");
  const Value sum = 2 + a;
  const Value number = sum.prev()[0];
  const Value root = sum * number;
  const Snapshot graph = snapshot(root);
  ASSERT_EQ(labels_of(graph), (std::vector<std::string>{"a", "Cons", "", ""}));
  EXPECT_EQ(graph.nodes[2].operands, (Ids{1, 0}));
  EXPECT_EQ(graph.nodes[3].operands, (Ids{2, 1}));
  const Snapshot part = snapshot(root, {.max_nodes = 2});
  EXPECT_EQ(part.cut, 2U);
  EXPECT_EQ(part.nodes.back().operands, (Ids{cut_operand, 0}));
}

TEST(Snapshot, CutsTheOldestNodesAndMarksTheOperandsThatAreMissing) {
  Value x(1, "x");
  Value chain = x;
  for (int i = 0; i < 10; ++i) chain = chain * x;
  const Snapshot graph = snapshot(chain, {.max_nodes = 4});
  ASSERT_EQ(graph.nodes.size(), 4U);
  EXPECT_EQ(graph.cut, 7U);
  EXPECT_EQ(graph.nodes[0].operands, (Ids{cut_operand, cut_operand}));
  EXPECT_EQ(graph.nodes[3].operands, (Ids{2, cut_operand}));
  EXPECT_EQ(graph.nodes[3].data, chain.data());
}

TEST(Snapshot, CutsANumberAwayFromItsConsumer) {
  const Value a(5, "a");
  const Value sum = 2 + a;
  const Snapshot root_only = snapshot(sum, {.max_nodes = 1});
  ASSERT_EQ(root_only.nodes.size(), 1U);
  EXPECT_EQ(root_only.cut, 2U);
  EXPECT_EQ(root_only.nodes[0].operands, (Ids{cut_operand, cut_operand}));
  const Snapshot with_number = snapshot(sum, {.max_nodes = 2});
  ASSERT_EQ(with_number.nodes.size(), 2U);
  EXPECT_EQ(with_number.nodes[1].operands, (Ids{0, cut_operand}));
  EXPECT_EQ(snapshot(sum, {.max_nodes = 3}).cut, 0U);
  EXPECT_EQ(snapshot(sum, {.max_nodes = 3}).nodes.back().operands, (Ids{1, 0}));
}

TEST(Snapshot, RefusesRoomForNothing) {
  EXPECT_EQ(message_of([] { return snapshot(Value(1), {.max_nodes = 0}); }),
            "snapshot: a snapshot has room for its root at least (got max_nodes = 0, expected 1 or more)");
}

TEST(Snapshot, ChangesNoGradient) {
  const Value a(5, "a");
  const Value root = 3 * a + 2;
  root.backward();
  static_cast<void>(snapshot(root));
  EXPECT_EQ(root.grad(), 1);
  EXPECT_EQ(a.grad(), 3);
  root.backward();
  EXPECT_EQ(a.grad(), 6);
  EXPECT_EQ(snapshot(root).nodes[1].grad, 10) << "the 3, after two passes";
}

TEST(Snapshot, RecordsNothing) {
  const Value a(5, "a");
  const Value root = 3 * a + 2;
  const std::size_t nodes = graph_stats().nodes;
  static_cast<void>(snapshot(root));
  EXPECT_EQ(graph_stats().nodes, nodes);
}

TEST(Snapshot, OutlivesTheGraph) {
  Snapshot graph;
  {
    const Value a(5, "a");
    graph = snapshot(a * 2);
  }
  trim_graph();
  EXPECT_EQ(graph.nodes.front().label, "a");
}

TEST(Snapshot, OfAChainOfAMillionNodesDoesNotRecurse) {
  const std::size_t length = rounds(1'000'000, 1'000);
  Value chain(1, "start");
  for (std::size_t i = 0; i < length; ++i) chain = i % 2 == 0 ? chain + 1 : -chain;
  chain.backward();
  const Snapshot graph = snapshot(chain);
  EXPECT_EQ(graph.nodes.size(), 1 + length + length / 2);
  EXPECT_EQ(graph.nodes[0].label, "start");
  EXPECT_EQ(graph.nodes.back().data, chain.data());
  for (const SnapshotNode& node : graph.nodes) {
    for (const std::size_t operand : node.operands) ASSERT_LT(operand, node.id);
  }
  const Snapshot end = snapshot(chain, {.max_nodes = 10});
  EXPECT_EQ(end.nodes.size(), 10U);
  EXPECT_EQ(end.cut, graph.nodes.size() - 10);
}

}  // namespace
}  // namespace micrograd
