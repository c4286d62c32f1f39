// classic.hpp: micrograd as first written, carried from Python to C++ as literally as the language allows. A
// Value is a handle on a shared node; a node owns its operands and one closure that passes gradients to them.
#pragma once

#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace classic {

struct Node {
  double data = 0;
  double grad = 0;                          // d(root) / d(this node), filled in by backward()
  std::vector<std::shared_ptr<Node>> prev;  // the operands as written; a leaf has none
  std::string op;
  std::string label;
  std::function<void()> backward;  // adds this node's share to its operands' gradients

  // Left to the language, a chain of a million nodes would die in a million nested destructors. A dying node
  // takes its operands apart in a loop instead: each hands over its own operands before it goes.
  ~Node() {
    auto doomed = std::move(prev);
    backward = nullptr;  // it shares the operands, and `doomed` keeps them alive for now
    while (!doomed.empty()) {
      const std::shared_ptr<Node> node = std::move(doomed.back());
      doomed.pop_back();
      if (node.use_count() > 1) continue;  // somebody else still needs it
      for (auto& operand : node->prev) doomed.push_back(std::move(operand));
      node->prev.clear();
      node->backward = nullptr;
    }
  }
};

class Value {
 public:
  Value(double data = 0, const std::vector<Value>& prev = {}, std::string op = {}, std::string label = {})
      : node_(std::make_shared<Node>()) {
    node_->data = data;
    node_->op = std::move(op);
    node_->label = std::move(label);
    for (const Value& operand : prev) node_->prev.push_back(operand.node_);
  }

  Node* get() const { return node_.get(); }
  Node* operator->() const { return node_.get(); }
  double data() const { return node_->data; }
  double grad() const { return node_->grad; }
  void set_data(double data) const { node_->data = data; }
  void set_grad(double grad) const { node_->grad = grad; }

  // Lists every node after its operands, then runs the closures from the root down: when a node passes its
  // gradient on, all that use it have added theirs. As in the original, interior gradients are not cleared
  // first, so a second call on the same graph adds too much: build a fresh graph for each call.
  void backward() const {
    std::vector<Node*> order;
    std::unordered_set<Node*> seen{get()};
    std::vector<std::pair<Node*, std::size_t>> path{{get(), 0}};  // our own stack: recursion would overflow
    while (!path.empty()) {
      auto& [node, next] = path.back();
      if (next == node->prev.size()) {
        order.push_back(node);
        path.pop_back();
      } else if (Node* operand = node->prev[next++].get(); seen.insert(operand).second) {
        path.emplace_back(operand, 0);
      }
    }
    node_->grad = 1;
    for (auto node = order.rbegin(); node != order.rend(); ++node) {
      if ((*node)->backward) (*node)->backward();
    }
  }

 private:
  std::shared_ptr<Node> node_;
};

// A closure holds its operands, so that they live as long as it may run. The node it lives in, it knows by a
// plain pointer: a shared pointer to its own owner would be a cycle that nothing ever frees.
inline Value operator+(const Value& a, const Value& b) {
  Value out(a->data + b->data, {a, b}, "+");
  out->backward = [a, b, out = out.get()] {
    a->grad += out->grad;  // += and not =: a value may be used many times, in a + a twice by one node
    b->grad += out->grad;
  };
  return out;
}

inline Value operator*(const Value& a, const Value& b) {
  Value out(a->data * b->data, {a, b}, "*");
  out->backward = [a, b, out = out.get()] {
    a->grad += b->data * out->grad;
    b->grad += a->data * out->grad;
  };
  return out;
}

// One operand, with data x; the result y; and dy/dx as a function of both.
template <class Derivative>
Value unary(const Value& a, const char* op, double y, Derivative derivative) {
  Value out(y, {a}, op);
  out->backward = [=, out = out.get()] { a->grad += derivative(a->data, out->data) * out->grad; };
  return out;
}

inline Value pow(const Value& a, double n) {
  return unary(a, "pow", std::pow(a->data, n), [n](double x, double) { return n * std::pow(x, n - 1); });
}
inline Value exp(const Value& a) {
  return unary(a, "exp", std::exp(a->data), [](double, double y) { return y; });
}
inline Value log(const Value& a) {
  return unary(a, "log", std::log(a->data), [](double x, double) { return 1 / x; });
}
inline Value sin(const Value& a) {
  return unary(a, "sin", std::sin(a->data), [](double x, double) { return std::cos(x); });
}
inline Value tanh(const Value& a) {
  return unary(a, "tanh", std::tanh(a->data), [](double, double y) { return 1 - y * y; });
}
inline Value sqrt(const Value& a) {
  return unary(a, "sqrt", std::sqrt(a->data), [](double, double y) { return 0.5 / y; });
}
inline Value relu(const Value& a) {
  return unary(a, "ReLU", a->data < 0 ? 0 : a->data, [](double x, double) { return x > 0 ? 1.0 : 0.0; });
}

// Everything else is made of these. A number beside a Value becomes a constant leaf.
inline Value number(double n) { return Value(n, {}, "", "Cons"); }
inline Value operator+(const Value& a, double n) { return a + number(n); }
inline Value operator+(double n, const Value& a) { return number(n) + a; }
inline Value operator*(const Value& a, double n) { return a * number(n); }
inline Value operator*(double n, const Value& a) { return number(n) * a; }
inline Value operator-(const Value& a) { return a * -1; }
inline Value operator-(const Value& a, const Value& b) { return a + (-b); }
inline Value operator-(const Value& a, double n) { return a + number(-n); }
inline Value operator-(double n, const Value& a) { return number(n) + (-a); }
inline Value operator/(const Value& a, const Value& b) { return a * pow(b, -1); }
inline Value operator/(const Value& a, double n) { return a * number(1 / n); }
inline Value operator/(double n, const Value& a) { return number(n) * pow(a, -1); }
inline Value& operator+=(Value& a, const Value& b) { return a = a + b; }  // the name moves on, the node stays

}  // namespace classic
