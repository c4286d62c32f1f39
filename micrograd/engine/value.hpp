// Value: the scalar that remembers how it was made. A handle on a node of the calling thread's graph: copying
// it aliases the node, as a name does in Python. A graph belongs to the thread that records it.
#pragma once

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <micrograd/engine/condition.hpp>
#include <micrograd/engine/tape.hpp>

namespace micrograd {

class Value;

namespace engine {
Condition watch_comparison(std::size_t relation, const Value& x, const Value& y, bool truth);
Value watch_selection(Condition condition, Value result);
void watch_detached(const Value& source, const Value& result);
void watch_read(const Value& x, const char* what);
}  // namespace engine

class Value : public Operators<Value> {
 public:
  /// Zero; becomes a leaf of its own at first use.
  Value() = default;

  /// A leaf. Implicit, so that a number may stand wherever a Value may.
  template <class N>
    requires std::is_arithmetic_v<N>
  Value(N number, std::string_view label = {})
      : Value(adopt(engine::record_leaf(static_cast<double>(number)))) {
    if (!label.empty()) set_label(label);
  }

  Value(const Value& other) : node_(other.node()) { engine::retain(node_); }
  Value(Value&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  Value& operator=(const Value& other) { return *this = Value(other); }
  Value& operator=(Value&& other) noexcept {
    engine::Node* old = std::exchange(node_, std::exchange(other.node_, nullptr));
    if (old != nullptr) engine::release(old);
    return *this;
  }
  ~Value() {
    if (node_ != nullptr) engine::release(node_);
  }

  /// What a bare number becomes among operands: a leaf labelled `Cons`.
  [[nodiscard]] static Value constant(double number);

  [[nodiscard]] double data() const {
    if (engine::tape.watcher != nullptr) [[unlikely]]
      engine::watch_read(*this, "data");
    return node_ != nullptr ? node_->data : 0.0;
  }
  /// Leaves only: throws UsageError on the result of an operation, whose data follows from its operands.
  void set_data(double data) const;
  [[nodiscard]] double grad() const {
    if (engine::tape.watcher != nullptr) [[unlikely]]
      engine::watch_read(*this, "grad");
    return node_ != nullptr ? node_->grad : 0.0;
  }
  void set_grad(double grad) const;
  /// Adds to the gradient; what a custom operation's closure calls. Within a backward pass the first touch of
  /// an interior node starts from 0, because interior gradients are those of the latest pass.
  void add_grad(double contribution) const;

  [[nodiscard]] std::string_view label() const;  ///< valid until set_label or the node's end
  void set_label(std::string_view label) const;
  [[nodiscard]] std::string_view op() const;      ///< name of the operation; "" for a leaf
  [[nodiscard]] std::vector<Value> prev() const;  ///< operands as written, repeats kept

  /// d this / d everything below: leaves accumulate, interior gradients are overwritten. Visits each node
  /// once, after all its consumers; O(nodes between this and its oldest ancestor).
  void backward(double seed = 1.0) const;
  /// The node's own chain-rule step alone: adds grad() times each partial into the operands.
  void backward_step() const;

  /// An operation of your own: `data` is its result, and `closure(out)` must add out.grad() times each
  /// partial into the operands with add_grad. The closure receives its output as an argument because one that
  /// owned its output would be a cycle. It may throw: backward stops, and the next backward is right.
  [[nodiscard]] static Value custom(double data, std::span<const Value> operands, std::string_view name,
                                    std::function<void(const Value& out)> closure);
  [[nodiscard]] static Value custom(double data, std::initializer_list<Value> operands, std::string_view name,
                                    std::function<void(const Value& out)> closure) {
    return custom(data, std::span(operands.begin(), operands.size()), name, std::move(closure));
  }

  /// The node beneath, for the layers of this library.
  [[nodiscard]] engine::Node* node() const {
    if (node_ == nullptr) [[unlikely]]
      node_ = engine::record_leaf(0.0);
    return node_;
  }
  /// Takes over one handle that is already counted.
  [[nodiscard]] static Value adopt(engine::Node* node) noexcept { return Value(node, Adopt{}); }
  /// A new handle on a node.
  [[nodiscard]] static Value handle(engine::Node* node) noexcept {
    engine::revive(node);
    return adopt(node);
  }

 private:
  struct Adopt {};
  Value(engine::Node* node, Adopt) noexcept : node_(node) {}

  mutable engine::Node* node_ = nullptr;
};

/// Identity, which `==` is not: `==` compares data.
inline bool same_node(const Value& x, const Value& y) { return x.node() == y.node(); }
/// Hashes identity, for containers keyed by node together with `same_node`.
inline std::size_t node_hash(const Value& x) { return std::hash<engine::Node*>{}(x.node()); }

/// `Value(data=2, grad=0)`
std::ostream& operator<<(std::ostream& out, const Value& x);

inline double primal(const Value& x) { return x.data(); }

namespace engine {
template <class Op, class... Operands>
Value apply_user_row(const Operands&... operands);
void check_same_graph(const Node* node);
/// Throws UsageError when `node` is another thread's; compiled in for checked builds.
inline void check_operand([[maybe_unused]] const Node* node) {
#ifdef MICROGRAD_CHECKED
  if (Chunk::of(node)->owner != tape.graph) [[unlikely]]
    check_same_graph(node);
#endif
}
/// The node of an operand, checked.
inline Node* operand(const Value& x) {
  Node* node = x.node();
  check_operand(node);
  return node;
}
/// Records the operation with three operands; the third is kept in the node's note.
Value record_three(Kind kind, double data, Node* a, Node* b, Node* c);
}  // namespace engine

/// A row of our own, which has a code; a user's row has none.
template <class Op>
concept InTable = code<Op> != Ops::size;

/// A user's own row, on Values and plain numbers.
template <Row Op, class... Operands>
  requires(!InTable<Op> && sizeof...(Operands) == arity<Op> && (std::same_as<Operands, Value> || ...) &&
           ((std::same_as<Operands, Value> || std::is_arithmetic_v<Operands>) && ...))
Value apply(const Operands&... operands) {
  return engine::apply_user_row<Op>(operands...);
}

// How an operation reaches the tape: compute the data, record operation and operands. One overload a form.
template <Row Op>
  requires InTable<Op> && (arity<Op> == 1)
Value apply(const Value& x) {
  engine::Node* a = engine::operand(x);
  return Value::adopt(engine::record(engine::kind_of<Op, engine::Form::one>,
                                     Op::template value<double>(a->data), a, {.node = nullptr}));
}

template <Row Op>
  requires InTable<Op> && (arity<Op> == 2 && Op::info.number_operand == NumberOperand::none)
Value apply(const Value& x, const Value& y) {
  engine::Node* a = engine::operand(x);
  engine::Node* b = engine::operand(y);
  return Value::adopt(engine::record(engine::kind_of<Op, engine::Form::two>,
                                     Op::template value<double>(a->data, b->data), a, {.node = b}));
}

template <Row Op>
  requires InTable<Op> && (arity<Op> == 2 && Op::info.number_operand != NumberOperand::first)
Value apply(const Value& x, double number) {
  engine::Node* a = engine::operand(x);
  return Value::adopt(engine::record(engine::kind_of<Op, engine::Form::number_right>,
                                     Op::template value<double>(a->data, number), a, {.number = number}));
}

template <Row Op>
  requires InTable<Op> && (arity<Op> == 2 && Op::info.number_operand != NumberOperand::second)
Value apply(double number, const Value& y) {
  engine::Node* a = engine::operand(y);
  return Value::adopt(engine::record(engine::kind_of<Op, engine::Form::number_left>,
                                     Op::template value<double>(number, a->data), a, {.number = number}));
}

template <Row Op>
  requires InTable<Op> && (arity<Op> == 3)
Value apply(const Value& x, const Value& y, const Value& z) {
  engine::Node* a = engine::operand(x);
  engine::Node* b = engine::operand(y);
  engine::Node* c = engine::operand(z);
  return engine::record_three(engine::kind_of<Op, engine::Form::three>,
                              Op::template value<double>(a->data, b->data, c->data), a, b, c);
}

namespace engine {
inline double data_of(const Value& x) { return x.node()->data; }
constexpr double data_of(double x) { return x; }

/// The position of a comparison in `Relation` (engine/watcher.hpp).
template <class R> inline constexpr std::size_t relation_index = [] {
  constexpr std::array is{std::is_same_v<R, std::less<>>,     std::is_same_v<R, std::less_equal<>>,
                          std::is_same_v<R, std::greater<>>,  std::is_same_v<R, std::greater_equal<>>,
                          std::is_same_v<R, std::equal_to<>>, std::is_same_v<R, std::not_equal_to<>>};
  return static_cast<std::size_t>(std::find(is.begin(), is.end(), true) - is.begin());
}();
}  // namespace engine

template <class R, class X, class Y>
  requires(std::same_as<X, Value> || std::same_as<Y, Value>)
Condition compare(R relation, const X& x, const Y& y) {
  const bool truth = relation(engine::data_of(x), engine::data_of(y));
  if (engine::tape.watcher == nullptr) [[likely]]
    return truth;
  return engine::watch_comparison(engine::relation_index<R>, Value(x), Value(y), truth);
}

/// The operand that the condition chooses, as an operation of the graph; the other one receives no gradient.
inline Value select(Condition condition, const Value& x, const Value& y) {
  return engine::watch_selection(condition,
                                 condition.truth() ? apply<Select>(x, y) : apply<SelectElse>(x, y));
}
inline Value select(Condition condition, const Value& x, double y) {
  return engine::watch_selection(condition,
                                 condition.truth() ? apply<Select>(x, y) : apply<SelectElse>(x, y));
}
inline Value select(Condition condition, double x, const Value& y) {
  return engine::watch_selection(condition,
                                 condition.truth() ? apply<Select>(x, y) : apply<SelectElse>(x, y));
}
/// A choice between two numbers is a constant.
template <std::same_as<Condition> C, class X, class Y>
  requires std::is_arithmetic_v<X> && std::is_arithmetic_v<Y>
Value select(C condition, X x, Y y) {
  if (condition.comparison() != 0) return select(condition, Value(x), static_cast<double>(y));
  return Value::constant(condition ? static_cast<double>(x) : static_cast<double>(y));
}

/// Several roots at once, `seeds[i]` for `roots[i]`; one pass, so shared parts are visited once. Throws
/// UsageError when the lengths differ or the roots belong to different threads.
void backward(std::span<const Value> roots, std::span<const double> seeds);
/// Every root with seed 1.
void backward(std::span<const Value> roots);
/// Zeroes the gradient of `root` and of everything it was computed from.
void zero_graph_grad(const Value& root);

}  // namespace micrograd

#include <micrograd/engine/standard.hpp>
#include <micrograd/engine/user_row.hpp>
