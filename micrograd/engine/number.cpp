// The numbers in `a + 2`: constant leaves labelled `Cons` to whoever looks, eight bytes in a node until then.
#include <micrograd/engine/partials.hpp>

namespace micrograd::engine {

namespace {

/// What a visit of `node` adds to the gradient of its number.
double number_contribution(const Node* node) {
  double contribution = 0.0;
  dispatch(node->kind, [&]<class Op, Form form>() {
    if constexpr (form == Form::number_right && !Op::info.flat[1]) {
      contribution = node->grad * partial<Op, 1, double>(node->a->data, node->number, node->data);
    } else if constexpr (form == Form::number_left && !Op::info.flat[0]) {
      contribution = node->grad * partial<Op, 0, double>(node->number, node->a->data, node->data);
    }
  });
  return contribution;
}

/// Where the settled gradient of the number of `node` lies; starts from 0.
double& settled(Node* node) {
  Chunk* chunk = Chunk::of(node);
  if (chunk->numbers == nullptr) chunk->numbers = std::make_unique<double[]>(nodes_per_chunk);
  double& slot = chunk->numbers[static_cast<std::size_t>(node - chunk->begin())];
  if ((node->flags & Flag::number_settled) == 0) slot = 0.0;
  node->flags |= Flag::number_settled;
  return slot;
}

}  // namespace

void settle_number(Node* node) {
  settled(node) += number_contribution(node);
  node->flags &= static_cast<std::uint8_t>(~Flag::number_pending);
}

void add_to_number(Graph& graph, Node* node) {
  if ((node->flags & Flag::number_pending) != 0) settle_number(node);
  double& grad = (node->flags & Flag::number_stored) != 0 ? number_leaf(graph, node)->grad : settled(node);
  grad += number_contribution(node);
}

Node* number_leaf(Graph& graph, Node* node) {
  if ((node->flags & Flag::number_stored) != 0) return graph.find_note(node)->number.node();
  if ((node->flags & Flag::number_pending) != 0) settle_number(node);
  const Value leaf = Value::constant(node->number);
  if ((node->flags & Flag::number_settled) != 0) leaf.node()->grad = settled(node);
  leaf.node()->a = node;  // so that setting the leaf's data sets the number
  graph.note(node).number = leaf;
  node->flags = static_cast<std::uint8_t>((node->flags & ~Flag::number_settled) | Flag::number_stored);
  return leaf.node();
}

void settle_partners(Graph& graph) {
  if (!graph.numbers_partnered) return;
  graph.numbers_partnered = false;
  for (Chunk* chunk = graph.newest(); chunk != nullptr; chunk = chunk->older) {
    for (Node* node = graph.end_of(chunk); node != chunk->begin();) {
      --node;
      if ((node->flags & Flag::number_pending) != 0 && (node->a->flags & Flag::number_partner) != 0) {
        settle_number(node);
      }
    }
  }
}

}  // namespace micrograd::engine
