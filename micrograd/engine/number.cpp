// The numbers in `a + 2`: constant leaves labelled `Cons` to whoever looks, eight bytes in a node until then.
#include <micrograd/engine/partials.hpp>

namespace micrograd::engine {

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

Node* number_leaf(Graph& graph, Node* node) {
  if ((node->flags & Flag::number_stored) != 0) return graph.find_note(node)->number->node();
  const Value leaf(node->number);
  leaf.node()->flags |= Flag::constant;
  if ((node->flags & Flag::number_pending) != 0) leaf.node()->grad = number_contribution(node);
  node->flags = static_cast<std::uint8_t>((node->flags & ~Flag::number_pending) | Flag::number_stored);
  graph.note(node).number = leaf;
  return leaf.node();
}

void add_to_number(Graph& graph, Node* node) { number_leaf(graph, node)->grad += number_contribution(node); }

void settle_partners(Graph& graph) {
  if (!graph.numbers_partnered) return;
  graph.numbers_partnered = false;
  for (Chunk* chunk = graph.newest(); chunk != nullptr; chunk = chunk->older) {
    for (Node* node = graph.end_of(chunk); node != chunk->begin();) {
      --node;
      if ((node->flags & Flag::number_pending) != 0 && (node->a->flags & Flag::number_partner) != 0) {
        number_leaf(graph, node);
      }
    }
  }
}

}  // namespace micrograd::engine
