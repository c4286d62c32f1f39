// Nodes become instructions in the order in which they were recorded, so operands come first by themselves.
#include <micrograd/compiler/trace.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_set>

#include <micrograd/compiler/recorder.hpp>
#include <micrograd/engine/describe.hpp>
#include <micrograd/engine/graph.hpp>
#include <micrograd/engine/reachable.hpp>
#include <micrograd/error.hpp>

namespace micrograd::compiler {
namespace {

using engine::Chunk;
using engine::Graph;
using engine::Node;

/// A place for each node, without a search for each: nodes of one chunk lie side by side.
class Places {
 public:
  Id& of(const Node* node) {
    const Chunk* const chunk = Chunk::of(node);
    if (chunk != latest_) turn_to(chunk);
    return ids_[static_cast<std::size_t>(node - const_cast<Chunk*>(chunk)->begin())];
  }

 private:
  void turn_to(const Chunk* chunk) {
    std::unique_ptr<Id[]>& ids = known_[chunk];
    if (ids == nullptr) {
      ids = std::make_unique_for_overwrite<Id[]>(engine::nodes_per_chunk);
      std::fill_n(ids.get(), engine::nodes_per_chunk, none);
    }
    latest_ = chunk;
    ids_ = ids.get();
  }

  std::unordered_map<const Chunk*, std::unique_ptr<Id[]>> known_;
  const Chunk* latest_ = nullptr;
  Id* ids_ = nullptr;
};

class Converter {
 public:
  Converter(Code& code, Graph& graph, const Recorder* recorder)
      : code_(code), graph_(graph), recorder_(recorder) {}

  void know(const Value& leaf, Id id) { places_.of(leaf.node()) = id; }

  void convert(std::span<const Value> roots) {
    std::vector<Node*> nodes;
    for (const Value& root : roots) nodes.push_back(root.node());
    const auto reserve = [this](std::size_t count) { code_.reserve(code_.size() + count); };
    graph_.for_each_reachable(nodes, reserve, [this](Node* node) {
      Id& id = places_.of(node);
      if (id != none) return;
      id = append(node);
      if ((node->flags & engine::Flag::noted) != 0) keep_label(node, id);
    });
  }

  Id id_of(const Value& x) { return places_.of(x.node()); }
  Id id_of(const Node* x) { return places_.of(x); }
  Id comparison_of(std::uint32_t index) {
    const Compared& comparison = recorder_->comparisons[index];
    return code_.append({.op = static_cast<OpCode>(special::less + static_cast<OpCode>(comparison.relation)),
                         .a = id_of(comparison.x),
                         .b = id_of(comparison.y)});
  }

 private:
  void keep_label(const Node* node, Id id) {
    const engine::Note* const note = graph_.find_note(node);
    if (note != nullptr && !note->label.empty()) code_.labels.emplace(id, note->label);
  }

  Id append(Node* node) {
    if (node->kind == engine::leaf_kind) return append_leaf(node);
    if (node->kind == engine::custom_kind) return append_custom(node);
    const engine::OpAndForm kind = engine::kinds[node->kind - engine::first_op_kind];
    if (kind.op == code<Select> || kind.op == code<SelectElse>) return append_select(node, kind);
    Instruction instruction{.op = static_cast<OpCode>(kind.op)};
    fill_operands(node, kind.form, instruction);
    return code_.append(instruction);
  }

  void fill_operands(Node* node, engine::Form form, Instruction& instruction) {
    if (form == engine::Form::number_left) {
      instruction.a = code_.literal(node->number);
      instruction.b = id_of(node->a);
      return;
    }
    instruction.a = id_of(node->a);
    if (form == engine::Form::number_right) instruction.b = code_.literal(node->number);
    if (form == engine::Form::two || form == engine::Form::three) instruction.b = id_of(node->b);
    if (form == engine::Form::three) instruction.c = id_of(graph_.find_note(node)->third);
  }

  Id append_select(Node* node, engine::OpAndForm kind) {
    Instruction chosen;
    fill_operands(node, kind.form, chosen);
    if (recorder_ == nullptr) {
      throw UsageError(
          "compile: the graph has a select, " + engine::describe(graph_, node) +
          ", and does not know by which comparison; compile the function that makes the graph, or "
          "leave out the select");
    }
    const auto found = recorder_->selections.find(node);
    if (found == recorder_->selections.end()) {
      return kind.op == code<Select> ? chosen.a : chosen.b;  // by a plain bool: settled
    }
    const Id comparison = comparison_of(found->second);
    return code_.append({.op = special::select, .a = comparison, .b = chosen.a, .c = chosen.b});
  }

  Id append_custom(Node* node) {
    const engine::Custom& custom = *graph_.find_note(node)->custom;
    if (recorder_ != nullptr && recorder_->picks.contains(node)) {
      std::vector<Id> ids;
      ids.reserve(custom.operands.size());
      for (const Node* operand : custom.operands) ids.push_back(id_of(operand));
      const Id index = ids.back();
      ids.pop_back();
      return code_.append({.op = special::pick, .a = code_.list(std::move(ids)), .b = index});
    }
    if (custom.rule == nullptr) {
      throw UsageError(
          "compile: the operation '" + custom.name +
          "' has a closure for a rule, which cannot be compiled; write it as a row (apply<MyRow>)");
    }
    Call call{.rule = custom.rule, .name = custom.name, .operands = {}};
    for (const Node* operand : custom.operands) call.operands.push_back(id_of(operand));
    code_.calls.push_back(std::move(call));
    return code_.append({.op = special::user, .a = static_cast<Id>(code_.calls.size() - 1)});
  }

  Id append_leaf(Node* node) {
    if (recorder_ != nullptr) {
      const auto source = recorder_->detachments.find(node);
      if (source != recorder_->detachments.end()) {
        return code_.append({.op = special::stop, .a = id_of(source->second)});
      }
    }
    const bool is_number = (node->flags & engine::Flag::constant) != 0;
    if (!is_number && (recorder_ == nullptr || !recorder_->is_of_this_run(node))) {
      throw UsageError("compile: the leaf " + engine::describe(graph_, node) +
                       " is neither an input nor a parameter; list it in parameters to have its data read at "
                       "each run, or wrap it in freeze() to make it a constant");
    }
    code_.literals.push_back(node->data);
    return code_.append({.op = special::data, .a = static_cast<Id>(code_.literals.size() - 1)});
  }

  Code& code_;
  Graph& graph_;
  const Recorder* recorder_;
  Places places_;
};

void append_leaves(Code& code, Converter& converter, const Leaves& leaves) {
  const auto keep_label = [&code](const Value& leaf, Id id) {
    if (!leaf.label().empty()) code.labels.emplace(id, leaf.label());
  };
  for (std::size_t i = 0; i < leaves.inputs.size(); ++i) {
    const Id id = code.append({.op = special::input, .a = static_cast<Id>(i)});
    converter.know(leaves.inputs[i], id);
    keep_label(leaves.inputs[i], id);
  }
  for (std::size_t i = 0; i < leaves.parameters.size(); ++i) {
    const Id id = code.append({.op = special::parameter, .a = static_cast<Id>(i)});
    converter.know(leaves.parameters[i], id);
    keep_label(leaves.parameters[i], id);
  }
}

/// All that the program needs the results of.
std::vector<Value> roots_of(std::span<const Value> outputs, const Recorder* recorder) {
  std::vector<Value> roots(outputs.begin(), outputs.end());
  if (recorder == nullptr) return roots;
  for (const Compared& comparison : recorder->comparisons) {
    roots.push_back(comparison.x);
    roots.push_back(comparison.y);
  }
  for (const auto& [leaf, source] : recorder->detachments) roots.push_back(source);
  return roots;
}

/// As Signature has them.
std::string name_of_column(const Shape& shape, std::size_t column) {
  if (column < shape.inputs) return "x" + std::to_string(column);
  column -= shape.inputs;
  if (column < shape.targets) return "y" + std::to_string(column);
  return "i" + std::to_string(column - shape.targets);
}

void check_parameters(std::span<const Value> parameters) {
  for (const Value& parameter : parameters) {
    Node* const node = parameter.node();
    Graph& graph = *Chunk::of(node)->owner;
    if (node->kind != engine::leaf_kind) {
      throw UsageError("compile: a parameter must be a leaf (got " + engine::describe(graph, node) +
                       "); list the leaves that it is computed from");
    }
    if (&graph != &Graph::current()) {
      throw UsageError(
          "compile: the function must be run again, but its parameter " + engine::describe(graph, node) +
          " belongs to another thread; run the program there first, on rows that take each of its branches");
    }
  }
}

/// Each leaf stands for one column or one parameter.
void check_inputs(const Leaves& leaves) {
  std::unordered_set<const Node*> known;
  for (const Value& parameter : leaves.parameters) known.insert(parameter.node());
  for (const Value& input : leaves.inputs) {
    if (input.node()->kind != engine::leaf_kind)
      throw UsageError("compile: an input must be a leaf (got " + shown(input) + ")");
    if (!known.insert(input.node()).second) {
      throw UsageError("compile: the leaf " + shown(input) +
                       " is given twice, among the inputs or as a parameter too");
    }
  }
}

Code convert(std::span<const Value> outputs, const Leaves& leaves, const Recorder* recorder) {
  Code code;
  if (outputs.empty())
    throw UsageError("compile: the function has no result (got 0 outputs, expected 1 or more)");
  Graph& graph = Graph::of(outputs[0].node(), "compile");
  Converter converter(code, graph, recorder);
  append_leaves(code, converter, leaves);
  converter.convert(roots_of(outputs, recorder));
  for (const Value& output : outputs) code.outputs.push_back(converter.id_of(output));
  if (recorder != nullptr) {
    for (std::uint32_t i = 0; i < recorder->comparisons.size(); ++i) {
      const Compared& comparison = recorder->comparisons[i];
      if (!comparison.decided) continue;
      code.guards.push_back({.comparison = converter.comparison_of(i), .truth = comparison.truth});
    }
  }
  return code;
}

}  // namespace

Code trace(const Function& function, std::span<const double> sample, const Shape& shape,
           std::span<const Value> parameters, const std::string& where) {
  check_parameters(parameters);
  Leaves leaves;
  std::vector<Index> indices;
  const std::size_t first_index = shape.inputs + shape.targets;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    leaves.inputs.emplace_back(sample[i], name_of_column(shape, i));
    if (i >= first_index) indices.push_back(Index::of_column(leaves.inputs.back()));
  }
  leaves.parameters.assign(parameters.begin(), parameters.end());
  Recorder recorder(leaves.inputs, parameters, where);
  std::vector<Value> outputs;
  {
    const engine::WatchGuard guard(recorder);
    const std::span<const Value> all(leaves.inputs);
    outputs = function(all.first(shape.inputs), all.subspan(shape.inputs, shape.targets), indices);
  }
  recorder.refuse_what_outlives(leaves.inputs, indices, outputs);
  Code code = convert(outputs, leaves, &recorder);
  for (std::size_t i = first_index; i < sample.size(); ++i) {
    const auto found = recorder.sizes.find(leaves.inputs[i].node());
    code.indices.push_back({.column = static_cast<Id>(i),
                            .size = found == recorder.sizes.end() ? IndexColumn::unlimited : found->second});
  }
  return code;
}

Code trace_graph(std::span<const Value> outputs, const Leaves& leaves) {
  check_parameters(leaves.parameters);
  check_inputs(leaves);
  return convert(outputs, leaves, nullptr);
}

Id append_run(Code& code, std::string_view who, std::span<const Id> operands,
              const std::function<Value(std::span<const Value> operands)>& function) {
  std::vector<Value> sources;  // all that a run of the program will change; made before the recorder
  for (const Id id : operands) {
    if (!code.is_number(id)) sources.emplace_back(1.0);
  }
  Recorder recorder(sources, {}, "compile: in a row");
  std::vector<Value> leaves;
  std::size_t next = 0;
  for (const Id id : operands)
    leaves.push_back(code.is_number(id) ? Value(code.number(id)) : sources[next++]);
  Value result;
  {
    const engine::WatchGuard guard(recorder);
    result = function(leaves);
  }
  for (const Compared& comparison : recorder.comparisons) {
    if (!comparison.decided) continue;
    throw UsageError("compile: the row '" + std::string(who) + "' branches on " + shown(comparison.x) +
                     " or " + shown(comparison.y) + "; a row branches with select");
  }
  Converter converter(code, Graph::of(result.node(), "compile"), &recorder);
  for (std::size_t i = 0; i < leaves.size(); ++i) converter.know(leaves[i], operands[i]);
  converter.convert(roots_of(std::span(&result, 1), &recorder));
  return converter.id_of(result);
}

}  // namespace micrograd::compiler
