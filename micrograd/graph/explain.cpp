// The pass as engine/backward.cpp runs it, on arrays of our own: same order, same partials, same sums. Only
// closures need the graph's own gradients, for the length of a call.
#include <micrograd/graph/explain.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <utility>

#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/partials.hpp>
#include <micrograd/error.hpp>
#include <micrograd/graph/walk.hpp>

namespace micrograd {
namespace {

using engine::Graph;
using engine::Node;

constexpr std::uint8_t closure_pass = 1;  ///< the number of the pass that a closure believes to be in

bool same_bits(double x, double y) {
  return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
}

/// The gradients of a graph, put back at the end whatever closures did to them.
class KeptGradients {
 public:
  explicit KeptGradients(const walk::Order& order) : order_(order) {
    for (const walk::Place& place : order_.places) kept_.push_back(place.is_number ? 0.0 : place.node->grad);
  }
  KeptGradients(const KeptGradients&) = delete;
  KeptGradients& operator=(const KeptGradients&) = delete;
  ~KeptGradients() {
    for (std::size_t i = 0; i < kept_.size(); ++i) restore(i);
  }
  [[nodiscard]] bool changed(std::size_t id) const {
    return !order_.places[id].is_number && !same_bits(order_.places[id].node->grad, kept_[id]);
  }
  void restore(std::size_t id) {
    if (!order_.places[id].is_number) order_.places[id].node->grad = kept_[id];
  }

 private:
  const walk::Order& order_;
  std::vector<double> kept_;
};

/// What surrounds a node's closure in a pass: the node's gradient, and marks on what has been reached. No
/// mark outlives it.
class ClosurePass {
 public:
  ClosurePass(Graph& graph, Node* running) : graph_(graph), running_(running) {
    graph_.pass = {.number = closure_pass, .running = running};
  }
  ClosurePass(const ClosurePass&) = delete;
  ClosurePass& operator=(const ClosurePass&) = delete;
  ~ClosurePass() {
    graph_.pass = {};
    if (!clean_) remove_marks();
  }
  static void mark(Node* operand) {
    operand->pass = closure_pass;
    engine::Chunk::of(operand)->touched = true;
  }
  /// Removes the mark of an operand; says whether there was one.
  static bool unmark(Node* operand) { return std::exchange(operand->pass, std::uint8_t{0}) == closure_pass; }
  /// To be called with the number of operands that the closure was the first to touch, once they are
  /// unmarked: true if these were all.
  bool touched_only(std::size_t operands) { return clean_ = graph_.pass.closure_marks == operands; }

 private:
  void remove_marks() {
    Node* end = running_;
    for (engine::Chunk* chunk = engine::Chunk::of(end); chunk != nullptr;) {
      while (chunk->touched && end != chunk->begin()) (--end)->pass = 0;
      chunk->touched = false;
      chunk = chunk->older;
      if (chunk != nullptr) end = chunk->end;
    }
  }

  Graph& graph_;
  Node* running_;
  bool clean_ = false;
};

class Teller {
 public:
  Teller(Graph& graph, Node* root)
      : graph_(graph), order_(walk::order_of(graph, root, SnapshotOptions{}.max_nodes)), kept_(order_) {
    told_.graph = walk::snapshot_of(graph, order_);
    told_.gradients.assign(order_.places.size(), 0.0);
    reached_.assign(order_.places.size(), false);
  }

  Explanation tell() {
    name_nodes();
    add(order_.places.size() - 1, 1.0);
    for (std::size_t id = order_.places.size(); id-- > 0;) {
      const walk::Place place = order_.places[id];
      if (!reached_[id] || !is_result(id)) continue;
      told_.steps.push_back({.node = id, .contributions = {}});
      has_closure(place.node) ? step_closure(id) : step_row(id);
    }
    refuse_strays();
    return std::move(told_);
  }

 private:
  bool has_closure(const Node* node) {
    return node->kind == engine::custom_kind && graph_.find_note(node)->custom->rule == nullptr;
  }
  /// Whether it was computed; the others are leaves and plain numbers.
  bool is_result(std::size_t id) const {
    return !order_.places[id].is_number && order_.places[id].node->kind != engine::leaf_kind;
  }

  /// Leaves add to 0; a result begins with what touches it first, which keeps the sign of a zero.
  double add(std::size_t id, double amount) {
    double& sum = told_.gradients[id];
    sum = reached_[id] || !is_result(id) ? sum + amount : amount;
    reached_[id] = true;
    return sum;
  }

  void step_row(std::size_t id) {
    const walk::Partials partials = walk::partials_of(graph_, order_.places[id].node);
    const double grad = told_.gradients[id];
    const std::vector<std::size_t>& operands = told_.graph.nodes[id].operands;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (!partials.passed[i]) continue;
      const double amount = grad * partials.by[i];
      const double sum = add(operands[i], amount);
      told_.steps.back().contributions.push_back(
          {.from = id, .to = operands[i], .partial = partials.by[i], .amount = amount, .sum = sum});
    }
  }

  void step_closure(std::size_t id);
  void refuse_strays() const;
  void name_nodes();

  Graph& graph_;
  walk::Order order_;
  Explanation told_;
  std::vector<bool> reached_;
  KeptGradients kept_;
};

void Teller::step_closure(std::size_t id) {
  std::vector<std::size_t> operands;  // each once: what a closure adds to a node is seen as one amount
  for (const std::size_t operand : told_.graph.nodes[id].operands) {
    if (std::find(operands.begin(), operands.end(), operand) == operands.end()) operands.push_back(operand);
  }
  const auto lend = [this](std::size_t lent) {
    Node* const node = order_.places[lent].node;
    if ((node->flags & engine::Flag::number_pending) != 0) engine::settle_number(node);  // it depends on grad
    node->grad = told_.gradients[lent];
    return node;
  };
  Node* const node = lend(id);
  ClosurePass pass(graph_, node);
  for (const std::size_t operand : operands) {
    Node* const lent = lend(operand);
    if (is_result(operand) && reached_[operand]) ClosurePass::mark(lent);
  }
  engine::step_custom(graph_, node);

  std::size_t first_touches = 0;
  for (const std::size_t operand : operands) {
    Node* const lent = order_.places[operand].node;
    const bool marked = ClosurePass::unmark(lent);
    const bool first = marked && !reached_[operand];
    if (first) ++first_touches;
    const double before = told_.gradients[operand];
    const double after = lent->grad;
    kept_.restore(operand);
    if (is_result(operand) && !marked) continue;  // the closure left it alone
    reached_[operand] = true;
    told_.gradients[operand] = after;
    told_.steps.back().contributions.push_back({.from = id,
                                                .to = operand,
                                                .partial = std::nullopt,
                                                .amount = first ? after : after - before,
                                                .sum = after});
  }
  kept_.restore(id);
  if (!pass.touched_only(first_touches)) {
    throw UsageError(
        "explain: the closure of " + engine::describe_operation(graph_, node) +
        " adds to the gradient of a result that is not among its operands; pass every value whose "
        "gradient it adds to as an operand");
  }
}

void Teller::refuse_strays() const {
  for (std::size_t id = 0; id < order_.places.size(); ++id) {
    if (!kept_.changed(id)) continue;
    throw UsageError(
        "explain: a closure changed the gradient of '" + told_.names[id] +
        "' = " + engine::describe_number(told_.graph.nodes[id].data) +
        ", which is not among its operands; pass every value whose gradient it adds to as an operand");
  }
}

void Teller::name_nodes() {
  std::vector<std::string>& names = told_.names;
  std::unordered_map<std::string, std::size_t> uses;
  for (const SnapshotNode& node : told_.graph.nodes) {
    std::string name = node.label;
    std::replace_if(name.begin(), name.end(), [](unsigned char c) { return c < 0x20U || c == 0x7fU; }, ' ');
    if (name.empty()) name = "v" + std::to_string(node.id);
    if (node.constant && node.label == "Cons") name += "(" + walk::brief(node.data) + ")";
    ++uses[name];
    names.push_back(std::move(name));
  }
  for (std::size_t id = 0; id < names.size(); ++id) {
    if (uses[names[id]] == 1) continue;
    std::string name = names[id] + "#" + std::to_string(id);
    while (uses.contains(name)) name += "'";
    uses[name] = 1;
    names[id] = std::move(name);
  }
}

std::string expression(const Explanation& told, const SnapshotNode& node) {
  const auto name = [&](std::size_t i) { return told.names[node.operands[i]]; };
  const bool infix = node.op == "+" || node.op == "-" || node.op == "*" || node.op == "/";
  if (infix && node.operands.size() == 2) return name(0) + " " + node.op + " " + name(1);
  std::string text = node.op + "(";
  for (std::size_t i = 0; i < node.operands.size(); ++i) text += (i == 0 ? "" : ", ") + name(i);
  return text + ")";
}

/// `3 (via c) - 1.5 (via d) = 1.5`
std::string sum_of(const Explanation& told, const std::vector<const Contribution*>& parts, double total) {
  std::string text;
  for (const Contribution* part : parts) {
    double amount = part->amount;
    if (!text.empty()) {
      text += std::signbit(amount) && !std::isnan(amount) ? " - " : " + ";
      amount = std::abs(amount);
    }
    text += walk::brief(amount) + " (via " + told.names[part->from] + ")";
  }
  return parts.size() == 1 ? text : text + " = " + walk::brief(total);
}

}  // namespace

Explanation explain(const Value& root) {
  // A closure may drop the caller's handle.
  const Value held = root;  // NOLINT(performance-unnecessary-copy-initialization)
  engine::Node* const node = held.node();
  engine::Graph& graph = engine::Graph::of(node, "explain");
  if (graph.pass.number != 0) {
    const engine::Node* const running = graph.pass.running;
    throw UsageError("explain: a backward pass is under way" +
                     (running == nullptr ? ""
                                         : " (called by the closure of " +
                                               engine::describe_operation(graph, running) + ")") +
                     "; call it before or after the pass");
  }
  return Teller(graph, node).tell();
}

std::string to_text(const Explanation& told) {
  const std::vector<SnapshotNode>& nodes = told.graph.nodes;
  std::vector<std::vector<const Contribution*>> parts(nodes.size());
  std::string text;
  for (const BackwardStep& step : told.steps) {
    text += told.names[step.node] + " = " + expression(told, nodes[step.node]) + ":";
    if (step.contributions.empty()) text += " passes nothing on";
    for (const Contribution& part : step.contributions) {
      parts[part.to].push_back(&part);
      text += (&part == step.contributions.data() ? " " : "; ") + told.names[part.to] + ".grad += ";
      if (part.partial)
        text += walk::brief(*part.partial) + " * " + walk::brief(told.gradients[step.node]) + " = ";
      text += walk::brief(part.amount);
    }
    text += "\n";
  }
  if (!told.steps.empty()) text += "\n";
  for (std::size_t id = nodes.size(); id-- > 0;) {
    text += told.names[id] + ".grad = ";
    if (id + 1 == nodes.size()) {
      text += "1 (where the pass starts)";
    } else if (parts[id].empty()) {
      text += "0 (nothing reaches it)";
    } else {
      text += sum_of(told, parts[id], told.gradients[id]);
    }
    text += "\n";
  }
  return text;
}

}  // namespace micrograd
