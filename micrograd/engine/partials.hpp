// From a node's kind to its row: one jump on (operation, form), then the chain rule for each operand that is
// a node. Everything is forced inline, so that a sweep over the tape compiles to the switch one would write
// by hand.
#pragma once

#include <tuple>
#include <utility>

#include <micrograd/engine/graph.hpp>

namespace micrograd::engine {

template <class List> struct RowsOf;
template <class... Rows> struct RowsOf<OpList<Rows...>> {
  template <std::size_t code> using At = std::tuple_element_t<code, std::tuple<Rows...>>;
};

/// Calls `f.template operator()<Op, form>()` for the row and form of a kind; false if it is leaf or custom.
template <class F, std::size_t... I>
[[gnu::always_inline]] inline bool dispatch(Kind kind, F&& f, std::index_sequence<I...> /*kinds*/) {
  return (((kind == first_op_kind + I &&
            (f.template operator()<RowsOf<Ops>::At<kinds[I].op>, kinds[I].form>(), true)) ||
           ...));
}
template <class F> [[gnu::always_inline]] inline bool dispatch(Kind kind, F&& f) {
  return dispatch(kind, f, std::make_index_sequence<kinds.size()>());
}

/// Calls `push(operand, node->grad * partial)` for each operand that is a node, in order. Each partial is
/// computed on its own, from the operands' data as it is now and the stored result.
template <class Op, Form form, class Push>
[[gnu::always_inline]] inline void push_partials(Graph& graph, const Node* node, Push&& push) {
  const double g = node->grad;
  const double r = node->data;
  Node* const a = node->a;
  const double x = a->data;
  if constexpr (form == Form::one) {
    if constexpr (!Op::info.flat[0]) push(a, g * partial<Op, 0, double>(x, r));
  } else if constexpr (form == Form::two) {
    Node* const b = node->b;
    const double y = b->data;
    if constexpr (!Op::info.flat[0]) push(a, g * partial<Op, 0, double>(x, y, r));
    if constexpr (!Op::info.flat[1]) push(b, g * partial<Op, 1, double>(x, y, r));
  } else if constexpr (form == Form::number_right) {
    if constexpr (!Op::info.flat[0]) push(a, g * partial<Op, 0, double>(x, node->number, r));
  } else if constexpr (form == Form::number_left) {
    if constexpr (!Op::info.flat[1]) push(a, g * partial<Op, 1, double>(node->number, x, r));
  } else {
    Node* const b = node->b;
    Node* const c = graph.find_note(node)->third;
    const double y = b->data;
    const double z = c->data;
    if constexpr (!Op::info.flat[0]) push(a, g * partial<Op, 0, double>(x, y, z, r));
    if constexpr (!Op::info.flat[1]) push(b, g * partial<Op, 1, double>(x, y, z, r));
    if constexpr (!Op::info.flat[2]) push(c, g * partial<Op, 2, double>(x, y, z, r));
  }
}

/// Index of the operand that the number stands for.
constexpr std::size_t number_index(Form form) { return form == Form::number_left ? 0 : 1; }

// The number of a number form is a leaf to every observer, but a node of its own only from the first look on.
// Until then its gradient is implied by the latest pass; before anything changes what is implied, it is
// settled: written down beside the chunk.

/// Writes down what the latest pass implies for the number of `node`; to be called while number_pending is
/// set.
void settle_number(Node* node);
/// Settles every number whose gradient depends on the data of a leaf, because such data is about to change.
void settle_partners(Graph& graph);
/// Adds what a visit of `node` gives to its number.
void add_to_number(Graph& graph, Node* node);
/// The leaf that stands for the number of `node`, made now if need be.
Node* number_leaf(Graph& graph, Node* node);
/// One backward pass from `roots`, which the caller keeps alive and which belong to `graph`.
void run_backward(Graph& graph, std::span<Node* const> roots, std::span<const double> seeds);
/// The rule of `add_grad`.
void add_grad(Graph& graph, Node* node, double contribution);
/// The chain-rule step of a custom node.
void step_custom(Graph& graph, Node* node);

}  // namespace micrograd::engine
