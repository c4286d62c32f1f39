// What is refused here would make a program that gives other numbers than the function.
#include <micrograd/compiler/recorder.hpp>

#include <algorithm>
#include <utility>

#include <micrograd/compiler/code.hpp>
#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/graph.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {

using engine::Chunk;
using engine::Graph;
using engine::Node;

namespace {

/// Counts on through all runs of the thread, so that a Condition kept from one of them fits no other.
thread_local std::uint32_t latest_comparison = 0;

/// How many handles whoever asks holds himself.
class Handles {
 public:
  void count(const Value& x) { ++known_[x.node()]; }
  [[nodiscard]] bool are_all_of(const Node* node) const {
    const auto known = known_.find(node);
    return node->handles == (known == known_.end() ? 0 : known->second);
  }

 private:
  std::unordered_map<const Node*, std::uint32_t> known_;
};

/// The oldest node after `start` that somebody else holds too, null if there is none. A constant may be kept:
/// it is the same in all runs. O(chunks + nodes with handles and their neighbours).
Node* find_held(const Node* start, const Handles& handles) {
  const Graph& graph = Graph::current();
  Node* found = nullptr;
  for (Chunk* chunk = graph.newest(); chunk != nullptr; chunk = chunk->older) {
    const bool is_last = chunk == Chunk::of(start);
    Node* const first = is_last ? const_cast<Node*>(start) + 1 : chunk->begin();
    Node* const end = graph.end_of(chunk);
    if (is_last || chunk->quiet != static_cast<std::size_t>(end - first)) {
      for (Node* node = end; node-- != first;) {
        if ((node->flags & engine::Flag::constant) == 0 && !handles.are_all_of(node)) found = node;
      }
    }
    if (is_last) break;
  }
  return found;
}

}  // namespace

std::string shown(const Value& x) {
  Node* const node = x.node();
  return engine::describe(Graph::of(node, "compile"), node);
}

Recorder::Recorder(std::span<const Value> inputs, std::span<const Value> parameters, std::string where)
    : start_(0.0), where_(std::move(where)) {
  for (const Value& x : inputs) sources_.insert(x.node());
  for (const Value& x : parameters) sources_.insert(x.node());
}

std::uint32_t Recorder::compared(engine::Relation relation, const Value& x, const Value& y, bool truth) {
  if (++latest_comparison == 0) ++latest_comparison;
  comparisons.push_back({.number = latest_comparison, .relation = relation, .x = x, .y = y, .truth = truth});
  return latest_comparison;
}

std::uint32_t Recorder::place_of(std::uint32_t comparison) const {
  const auto at = std::ranges::lower_bound(comparisons, comparison, {}, &Compared::number);
  if (at == comparisons.end() || at->number != comparison) {
    throw UsageError(
        "compile: the function uses a comparison of another run, whose outcome is none of this one's; "
        "compare "
        "again, and keep no Condition from one run to the next");
  }
  return static_cast<std::uint32_t>(at - comparisons.begin());
}

void Recorder::decided(std::uint32_t comparison) { comparisons[place_of(comparison)].decided = true; }

void Recorder::selected(std::uint32_t comparison, const Value& result) {
  selections.emplace(result.node(), place_of(comparison));
  held_.push_back(result);
}

std::size_t Recorder::chosen(const char* who, const Index& index, std::size_t size) {
  const Value& column = *index.column();
  if (!sources_.contains(column.node())) {
    throw UsageError(std::string(who) + ": the index '" + std::string(column.label()) +
                     "' is that of another function that was compiled");
  }
  const double number = column.node()->data;
  if (!is_allowed({.size = size}, number)) refuse_index(where_, column.label(), {.size = size}, number);
  const auto [at, is_new] = sizes.try_emplace(column.node(), size);
  if (!is_new) at->second = std::min(at->second, size);
  return static_cast<std::size_t>(number);
}

void Recorder::picked(const Value& result) {
  picks.insert(result.node());
  held_.push_back(result);
}

void Recorder::detached(const Value& source, const Value& result) {
  detachments.emplace(result.node(), source);
  held_.push_back(result);
}

bool Recorder::is_plain(const Node* node) const {
  return node->kind == engine::leaf_kind && !sources_.contains(node) && !detachments.contains(node);
}

void Recorder::frozen(const Value& x) {
  if (!is_plain(x.node())) refuse_read(x, "freeze");
}

void Recorder::read(const Value& x, const char* what) {
  const Node* const node = x.node();
  if (!is_plain(node)) refuse_read(x, what);
  if (!is_of_this_run(node) && (node->flags & engine::Flag::constant) == 0) {
    throw UsageError(std::string(what) + ": the leaf " + shown(x) +
                     " is neither an input nor a parameter of what is being compiled, and a program would "
                     "keep the number of now; list it in parameters and compute with the Value, or say "
                     "freeze() for a constant");
  }
}

void Recorder::refuse_read(const Value& x, const char* what) {
  throw UsageError(std::string(what) + ": the value " + shown(x) +
                   " is being compiled, and a program cannot follow what becomes of a plain number; compute "
                   "with the Value, branch with select, or compare Values");
}

void Recorder::changed(const Value& x, const char* what) {
  throw UsageError(std::string(what) +
                   ": a function that is being compiled must not change data or gradients (got " + shown(x) +
                   "); compute a new Value instead");
}

void Recorder::swept(std::span<Node* const> roots) {
  // A pass over a graph of its own, made of plain numbers, gives a plain number like any other.
  for (const Node* node : Graph::current().reachable(roots)) {
    if (!sources_.contains(node) && !detachments.contains(node)) continue;
    throw UsageError(
        "backward: the value " + engine::describe(Graph::current(), node) +
        " is being compiled, and a program cannot follow gradients that are plain numbers; use grad with "
        "create_graph, or the program's own derivatives");
  }
}

void Recorder::differentiated(const Node* operation) {
  if (picks.contains(operation)) {
    throw UsageError(
        "grad: a value that was picked by an index that is being compiled has another gradient on other rows "
        "(got create_graph); use the program's own derivatives");
  }
  if (!selections.contains(operation)) return;
  throw UsageError(
      "grad: a select by a comparison of values that are being compiled has another gradient on other rows "
      "(got create_graph); use relu, min, max or abs, or the program's own derivatives");
}

void Recorder::unrecorded() {
  throw UsageError(
      "no_grad: a function that is being compiled must record all it does; use detach to stop a "
      "gradient");
}

void Recorder::refuse_what_outlives(std::span<const Value> inputs, std::span<const Index> indices,
                                    std::span<const Value> outputs) const {
  Handles own;
  for (const Value& x : inputs) own.count(x);
  for (const Index& index : indices) {
    if (index.column()) own.count(*index.column());
  }
  for (const Value& x : outputs) own.count(x);
  for (const Value& x : held_) own.count(x);
  for (const auto& [leaf, source] : detachments) own.count(source);
  for (const Compared& comparison : comparisons) {
    own.count(comparison.x);
    own.count(comparison.y);
  }
  const auto find = [&]() -> const Node* {
    for (const Value& x : inputs) {
      if (!own.are_all_of(x.node())) return x.node();
    }
    return find_held(start_.node(), own);
  };
  const Node* found = find();
  if (found == nullptr) return;
  Graph::current().collect();  // closures that nothing leads to hold handles too
  found = find();
  if (found == nullptr) return;
  const std::string name = engine::describe(Graph::current(), found);
  if (found->kind == engine::leaf_kind && is_of_this_run(found)) {
    throw UsageError("compile: the leaf " + name +
                     " was made while the function ran and outlives it, so the program would take it for a "
                     "constant; make it before (a default Value is made at its first use) and list it in "
                     "parameters, or make it with freeze()");
  }
  throw UsageError("compile: the function keeps " + name +
                   " beyond its run, and a program would not make it anew for the next row; return it as one "
                   "more output");
}

}  // namespace micrograd::compiler
