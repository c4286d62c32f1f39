// A plain number shares the node of its consumer until somebody looks at it, and is then a leaf that is newer
// than its consumer. Either way it takes the place just before its consumer.
#include <micrograd/graph/walk.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>
#include <unordered_set>

#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/partials.hpp>

namespace micrograd::walk {
namespace {

using engine::Flag;
using engine::Form;
using engine::Graph;
using engine::Node;

/// The leaf that a node's plain number has become; null before the first look.
Node* stored_number(Graph& graph, const Node* node) {
  return (node->flags & Flag::number_stored) != 0 ? graph.find_note(node)->number.node() : nullptr;
}

/// The gradient of a plain number that nobody has looked at: what is written down beside the chunk, and what
/// the latest pass implies.
double number_grad(Graph& graph, Node* node) {
  double grad = 0;
  engine::Chunk* chunk = engine::Chunk::of(node);
  if ((node->flags & Flag::number_settled) != 0)
    grad = chunk->numbers[static_cast<std::size_t>(node - chunk->begin())];
  if ((node->flags & Flag::number_pending) != 0) {
    const std::size_t index = engine::number_index(engine::form_of(node->kind));
    const Partials partials = partials_of(graph, node);
    grad += partials.passed[index] ? node->grad * partials.by[index] : 0.0;
  }
  return grad;
}

template <class Op, Form form>
Partials row_partials(Graph& graph, const Node* node) {
  std::array<double, 3> x{};
  if constexpr (form == Form::number_left) {
    x = {node->number, node->a->data, 0};
  } else if constexpr (form == Form::number_right) {
    x = {node->a->data, node->number, 0};
  } else {
    std::size_t i = 0;
    for_each_operand(graph, node, [&](const Node* operand) { x[i++] = operand->data; });
  }
  Partials partials{};
  const auto differentiate = [&]<std::size_t I, std::size_t... J>(std::index_sequence<J...> /*operands*/) {
    if constexpr (!Op::info.flat[I]) {
      partials.by[I] = partial<Op, I, double>(x[J]..., node->data);
      partials.passed[I] = true;
    }
  };
  [&]<std::size_t... I>(std::index_sequence<I...> operands) {
    (differentiate.template operator()<I>(operands), ...);
  }(std::make_index_sequence<arity<Op>>());
  return partials;
}

}  // namespace

Order order_of(Graph& graph, Node* root, std::size_t max_nodes) {
  const std::vector<Node*> found = graph.reachable({&root, 1});  // newest first
  std::unordered_set<const Node*> numbers_in_use;  // numbers that other operations were given as well
  std::size_t total = 0;
  std::size_t kept = 0;
  bool last_number_kept = true;
  for (const Node* node : found) {
    if (++total <= max_nodes) {
      ++kept;
      last_number_kept = true;
    }
    if (node->kind == engine::leaf_kind && node->a != nullptr) numbers_in_use.insert(node);
    if (!engine::has_number(node->kind) || numbers_in_use.contains(stored_number(graph, node))) continue;
    if (++total == max_nodes + 1) last_number_kept = false;
  }
  Order order;
  order.cut = total - std::min(total, max_nodes);
  order.places.reserve(total - order.cut);
  order.ids.reserve(total - order.cut);
  const auto add = [&order](Node* node) {
    if (order.ids.try_emplace(node, order.places.size()).second) order.places.push_back({node, false});
  };
  for (std::size_t i = kept; i-- > 0;) {
    Node* const node = found[i];
    if (engine::has_number(node->kind) && (i + 1 < kept || last_number_kept)) {
      if (Node* const number = stored_number(graph, node)) {
        add(number);
      } else {
        order.places.push_back({node, true});
      }
    }
    add(node);
  }
  return order;
}

std::vector<std::size_t> operands_of(Graph& graph, const Order& order, const Place& place) {
  std::vector<std::size_t> ids;
  if (place.is_number) return ids;
  const auto id_of = [&order](const Node* node) {
    const auto found = order.ids.find(node);
    return found == order.ids.end() ? cut_operand : found->second;
  };
  engine::for_each_operand(graph, place.node, [&](const Node* operand) { ids.push_back(id_of(operand)); });
  if (engine::has_number(place.node->kind)) {
    std::size_t number = cut_operand;
    if (const Node* const leaf = stored_number(graph, place.node)) {
      number = id_of(leaf);
    } else if (const std::size_t id = id_of(place.node); id > 0 && order.places[id - 1].is_number) {
      number = id - 1;
    }
    const auto index = static_cast<std::ptrdiff_t>(engine::number_index(engine::form_of(place.node->kind)));
    ids.insert(ids.begin() + index, number);
  }
  return ids;
}

Snapshot snapshot_of(Graph& graph, const Order& order) {
  Snapshot result{.nodes = {}, .cut = order.cut};
  result.nodes.reserve(order.places.size());
  for (const Place& place : order.places) {
    SnapshotNode& node = result.nodes.emplace_back();
    node.id = result.nodes.size() - 1;
    if (place.is_number) {
      node.label = "Cons";
      node.constant = true;
      node.data = place.node->number;
      node.grad = number_grad(graph, place.node);
    } else {
      node.op = engine::op_of(graph, place.node);
      node.label = engine::label_of(graph, place.node);
      node.constant = (place.node->flags & Flag::constant) != 0;
      node.data = place.node->data;
      node.grad = place.node->grad;
      node.operands = operands_of(graph, order, place);
    }
  }
  return result;
}

Partials partials_of(Graph& graph, const Node* node) {
  if (node->kind == engine::custom_kind) {
    const engine::Custom& custom = *graph.find_note(node)->custom;
    std::array<double, 3> x{};
    const std::size_t count = custom.operands.size();
    for (std::size_t i = 0; i < count; ++i) x[i] = custom.operands[i]->data;
    Partials partials{};
    for (std::size_t i = 0; i < count; ++i) {
      partials.passed[i] = !custom.rule->flat[i];
      if (partials.passed[i]) partials.by[i] = custom.rule->partial({x.data(), count}, node->data, i);
    }
    return partials;
  }
  Partials partials{};
  engine::dispatch(node->kind,
                   [&]<class Op, Form form>() { partials = row_partials<Op, form>(graph, node); });
  return partials;
}

std::string brief(double x) {
  if (std::isnan(x)) return "nan";  // its sign means nothing
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), x, std::chars_format::general, 6).ptr;
  return {text.data(), end};
}

}  // namespace micrograd::walk
