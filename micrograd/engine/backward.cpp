// Backward: reverse topological order for free. Nodes lie in creation order, so walking the tape from the
// root towards older nodes meets every node after all its consumers. A node is visited if some consumer has
// marked it; the walk ends when no marked node is left. No sort, no set of visited nodes, no recursion.
#include <algorithm>
#include <string>

#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/partials.hpp>
#include <micrograd/engine/watcher.hpp>
#include <micrograd/error.hpp>

namespace micrograd::engine {
namespace {

[[noreturn, gnu::noinline]] void refuse_shared_pass(Graph& graph, const Node* node) {
  throw UsageError("backward: a closure ran backward on a graph that shares " + describe(graph, node) +
                   " with the pass under way; give the inner graph leaves of its own, Value(x.data())");
}

/// First touch of an interior node in a pass, when it is not the plain case.
[[gnu::noinline]] void prepare_touch(Graph& graph, Node* node) {
  if (node->pass != 0) refuse_shared_pass(graph, node);
  if ((node->flags & Flag::number_pending) != 0) settle_number(node);
}

[[gnu::noinline]] std::size_t run_custom(Graph& graph, Node* node) {
  Node* const outer = std::exchange(graph.pass.running, node);
  const std::size_t outer_marks = std::exchange(graph.pass.closure_marks, 0);
  step_custom(graph, node);
  graph.pass.running = outer;
  return std::exchange(graph.pass.closure_marks, outer_marks);
}

[[gnu::noinline]] void check_gradients(Graph& graph, Node* node) {
  for_each_operand(graph, node, [&](Node* operand) {
    if (std::isfinite(operand->grad)) return;
    throw Error("anomaly: backward of " + describe_operation(graph, node) + " gave " +
                describe(graph, operand) + " the gradient " + describe_number(operand->grad) +
                " (its own gradient is " + describe_number(node->grad) + ")");
  });
}

/// The pass: visits marked nodes from `start` on towards older ones until `pending` marks are spent.
template <bool anomaly>
void sweep(Graph& graph, Node* start, std::size_t pending, const std::uint8_t pass) {
  constexpr std::uint32_t leaf = state_bits(leaf_kind, 0, 0), any_pass = state_bits(0, 0xff, 0);
  constexpr std::uint32_t not_fresh = leaf | any_pass | state_bits(0, 0, Flag::number_pending);
  const std::uint32_t marked = state_bits(0, pass, 0);
  const auto push = [&graph, &pending, pass, marked](Node* operand, double contribution)
                        __attribute__((always_inline)) {
                          const std::uint32_t state = state_of(operand);
                          if ((state & not_fresh) != 0) {
                            if ((state & leaf) != 0 || (state & any_pass) == marked) {
                              operand->grad += contribution;
                              return;
                            }
                            prepare_touch(graph, operand);
                          }
                          operand->pass = pass;
                          operand->grad = contribution;
                          Chunk::of(operand)->touched = true;
                          ++pending;
                        };
  const bool outermost = pass == 1;
  Node* node = start + 1;
  for (Chunk* chunk = Chunk::of(start);; chunk = chunk->older, node = chunk->end) {
    if (!chunk->touched) continue;
    Node* const begin = chunk->begin();
    while (node != begin) {
      --node;
      if (node->pass != pass) continue;
      node->pass = 0;
      --pending;
      const bool is_row = dispatch(node->kind, [&]<class Op, Form form>() __attribute__((always_inline)) {
        push_partials<Op, form>(graph, node, push);
        if constexpr (form >= Form::number_right) {
          if constexpr (!Op::info.flat[number_index(form)]) {
            if ((node->flags & Flag::number_stored) != 0) [[unlikely]] {
              add_to_number(graph, node);
            } else {
              node->flags |= Flag::number_pending;
              if (node->a->kind == leaf_kind) {
                node->a->flags |= Flag::number_partner;
                graph.numbers_partnered = true;
              }
            }
          }
        }
      });
      if (!is_row) pending += run_custom(graph, node);
      if constexpr (anomaly) check_gradients(graph, node);
      if (pending == 0) {
        if (outermost) chunk->touched = false;
        return;
      }
    }
    if (outermost) chunk->touched = false;
  }
}

/// After an exception: removes every mark of the pass.
void remove_marks(Node* start, std::uint8_t pass) {
  for (Chunk* chunk = Chunk::of(start); chunk != nullptr; chunk = chunk->older) {
    if (!chunk->touched) continue;
    for (Node* node = chunk == Chunk::of(start) ? start + 1 : chunk->end; node != chunk->begin();) {
      --node;
      if (node->pass == pass) node->pass = 0;
    }
    if (pass == 1) chunk->touched = false;
  }
}

}  // namespace

void add_grad(Graph& graph, Node* node, double contribution) {
  Graph::Pass& pass = graph.pass;
  if (node->kind != leaf_kind && node->pass != pass.number) {
    prepare_touch(graph, node);
    if (pass.running != nullptr && created_before(node, pass.running)) {
      node->pass = pass.number;
      node->grad = contribution;
      Chunk::of(node)->touched = true;
      ++pass.closure_marks;
      return;
    }
  } else if ((node->flags & Flag::number_pending) != 0) {
    settle_number(node);
  }
  node->grad += contribution;
}

void step_custom(Graph& graph, Node* node) {
  const Custom& custom = *graph.find_note(node)->custom;
  if (custom.rule == nullptr) {
    custom.closure(Value::handle(node));
    return;
  }
  std::array<double, 3> operands{};
  const std::size_t count = custom.operands.size();
  std::transform(custom.operands.begin(), custom.operands.end(), operands.begin(),
                 [](const Node* operand) { return operand->data; });
  for (std::size_t i = 0; i < count; ++i) {
    if (custom.rule->flat[i]) continue;
    const double partial = custom.rule->partial({operands.data(), count}, node->data, i);
    add_grad(graph, custom.operands[i], node->grad * partial);
  }
}

void run_backward(Graph& graph, std::span<Node* const> roots, std::span<const double> seeds) {
  if (tape.watcher != nullptr) tape.watcher->swept(roots);
  if (graph.pass.number == 0 && tape.graph == &graph) graph.collect_if_grown();
  constexpr std::uint8_t deepest = 255;
  if (graph.pass.number == deepest) {
    throw UsageError(
        "backward: closures that run backward are nested too deep (got 256 passes, expected at most 255)");
  }
  const Graph::Pass outer = graph.pass;
  const auto pass = static_cast<std::uint8_t>(outer.number + 1);
  graph.pass = {.number = pass};
  Node* start = nullptr;
  std::size_t pending = 0;
  try {
    for (std::size_t i = 0; i < roots.size(); ++i) {
      Node* const root = roots[i];
      if (root->kind == leaf_kind || root->pass == pass) {
        root->grad += seeds[i];
        continue;
      }
      prepare_touch(graph, root);
      root->pass = pass;
      root->grad = seeds[i];
      Chunk::of(root)->touched = true;
      ++pending;
      if (start == nullptr || created_before(start, root)) start = root;
    }
    if (pending > 0) {
      graph.anomaly > 0 ? sweep<true>(graph, start, pending, pass)
                        : sweep<false>(graph, start, pending, pass);
    }
  } catch (...) {
    if (start != nullptr) remove_marks(start, pass);
    graph.pass = outer;
    throw;
  }
  graph.pass = outer;
}

}  // namespace micrograd::engine

namespace micrograd {

void backward(std::span<const Value> roots, std::span<const double> seeds) {
  if (roots.size() != seeds.size()) {
    throw UsageError("backward: every root needs a seed (got " + std::to_string(roots.size()) + " roots, " +
                     std::to_string(seeds.size()) + " seeds)");
  }
  if (roots.empty()) return;
  const std::vector<Value> held(roots.begin(), roots.end());  // a closure may drop the caller's handles
  std::vector<engine::Node*> nodes;
  nodes.reserve(held.size());
  for (const Value& root : held) nodes.push_back(root.node());
  engine::Graph& graph = engine::Graph::of(nodes.front(), "backward");
  for (const engine::Node* node : nodes) {
    if (&engine::Graph::of(node, "backward") != &graph) {
      throw UsageError("backward: the roots belong to graphs of different threads (got " +
                       engine::describe(graph, nodes.front()) + " and " +
                       engine::describe(engine::Graph::of(node, "backward"), node) +
                       "); run backward once for each");
    }
  }
  engine::run_backward(graph, nodes, seeds);
}

void backward(std::span<const Value> roots) {
  const std::vector<double> ones(roots.size(), 1.0);
  backward(roots, ones);
}

void Value::backward(double seed) const {
  const Value held = *this;
  engine::Node* const root = held.node();
  engine::run_backward(engine::Graph::of(root, "backward"), {&root, 1}, {&seed, 1});
}

void Value::backward_step() const {
  const Value held = *this;
  engine::Node* const node = held.node();
  engine::Graph& graph = engine::Graph::of(node, "backward_step");
  if (engine::tape.watcher != nullptr) engine::tape.watcher->swept({&node, 1});
  if (node->kind == engine::leaf_kind) return;
  if (node->kind == engine::custom_kind) {
    engine::step_custom(graph, node);
    return;
  }
  if (engine::has_number(node->kind)) engine::add_to_number(graph, node);
  engine::dispatch(node->kind, [&]<class Op, engine::Form form>() {
    engine::push_partials<Op, form>(graph, node, [&graph](engine::Node* operand, double contribution) {
      engine::add_grad(graph, operand, contribution);
    });
  });
}

void Value::add_grad(double contribution) const {
  engine::add_grad(engine::Graph::of(node(), "add_grad"), node(), contribution);
}

void zero_graph_grad(const Value& root) {
  if (engine::tape.watcher != nullptr) engine::tape.watcher->changed(root, "zero_graph_grad");
  engine::Node* const node = root.node();
  engine::Graph& graph = engine::Graph::of(node, "zero_graph_grad");
  for (engine::Node* below : graph.reachable({&node, 1})) {
    below->grad = 0.0;
    below->flags &= static_cast<std::uint8_t>(~(engine::Flag::number_pending | engine::Flag::number_settled));
    if ((below->flags & engine::Flag::number_stored) != 0) graph.find_note(below)->number.node()->grad = 0.0;
  }
}

}  // namespace micrograd
