// One small JSON object a node, so that the memory needed does not grow much beyond the text itself.
#include <micrograd/graph/json.hpp>

#include <cmath>
#include <nlohmann/json.hpp>

namespace micrograd {
namespace {

using Json = nlohmann::ordered_json;

Json number(double x) {
  if (std::isnan(x)) return "nan";
  if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
  return x;
}

std::string line(const SnapshotNode& node) {
  Json operands = Json::array();
  for (const std::size_t operand : node.operands) {
    operands.push_back(operand == cut_operand ? Json(nullptr) : Json(operand));
  }
  Json json;
  json["id"] = node.id;
  json["op"] = node.op;
  json["label"] = node.label;
  json["constant"] = node.constant;
  json["data"] = number(node.data);
  json["grad"] = number(node.grad);
  json["operands"] = std::move(operands);
  constexpr int no_indent = -1;
  return json.dump(no_indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const Snapshot& graph) {
  std::string text = R"({"root": )" +
                     (graph.nodes.empty() ? "null" : std::to_string(graph.nodes.size() - 1)) +
                     R"(, "cut": )" + std::to_string(graph.cut) + R"(, "nodes": [)";
  for (const SnapshotNode& node : graph.nodes) text += (node.id == 0 ? "\n" : ",\n") + line(node);
  return text + "\n]}\n";
}

}  // namespace micrograd
