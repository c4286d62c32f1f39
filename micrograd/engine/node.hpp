// The storage of the tape: a 40-byte Node per recorded operation, in 64 KiB Chunks, in creation order. An
// operand is always created before its consumer, so walking the chunks backwards *is* reverse topological
// order.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include <micrograd/ops.hpp>

namespace micrograd::engine {

class Graph;

/// How the operands of an operation are stored: nodes, or one node and a plain number in place of the other.
enum class Form : std::uint8_t { one, two, three, number_right, number_left };

/// Whether operations of this row are ever recorded in this form.
template <Row Op> constexpr bool has_form(Form form) {
  constexpr NumberOperand number = Op::info.number_operand;
  switch (form) {
    case Form::one:
      return arity<Op> == 1;
    case Form::two:
      return arity<Op> == 2 && number == NumberOperand::none;
    case Form::three:
      return arity<Op> == 3;
    case Form::number_right:
      return arity<Op> == 2 && number != NumberOperand::first;
    case Form::number_left:
      return arity<Op> == 2 && number != NumberOperand::second;
  }
  return false;
}

/// Operation and form in one number, so that the backward sweep is a single jump through a dense table.
using Kind = std::uint16_t;
inline constexpr Kind leaf_kind = 0x8000;  ///< a bit that no other kind has
inline constexpr Kind custom_kind = 0;
inline constexpr Kind first_op_kind = 1;

struct OpAndForm {
  std::size_t op;  ///< the row's code
  Form form;
};
/// What the kinds from first_op_kind on stand for.
inline constexpr auto kinds = [] {
  constexpr auto visit_all = [](auto&& visit) {
    for_each_op([&]<class Op>() {
      for (const Form form : {Form::one, Form::two, Form::three, Form::number_right, Form::number_left}) {
        if (has_form<Op>(form)) visit(OpAndForm{code<Op>, form});
      }
    });
  };
  constexpr std::size_t count = [&] {
    std::size_t n = 0;
    visit_all([&n](OpAndForm /*kind*/) { ++n; });
    return n;
  }();
  std::array<OpAndForm, count> list{};
  std::size_t n = 0;
  visit_all([&](OpAndForm kind) { list[n++] = kind; });
  return list;
}();

template <Row Op, Form form> inline constexpr Kind kind_of = [] {
  std::size_t i = 0;
  while (kinds[i].op != code<Op> || kinds[i].form != form) ++i;
  return static_cast<Kind>(first_op_kind + i);
}();
constexpr Form form_of(Kind kind) { return kinds[kind - first_op_kind].form; }
constexpr bool has_number(Kind kind) {
  return kind != leaf_kind && kind != custom_kind && form_of(kind) >= Form::number_right;
}

struct Node {
  double data;
  double grad;
  Node* a;  ///< first operand that is a node; of a leaf that stands for a plain number: the node it is the
            ///< number of
  union {
    Node* b;        ///< second operand, in form two and three (the third lies in the node's note)
    double number;  ///< the plain number, in the number forms
  };
  std::uint32_t handles;  ///< Values that point here; operand links are not counted
  Kind kind;
  std::uint8_t pass;   ///< the backward pass that has reached this node and not yet visited it; 0: none
  std::uint8_t flags;  ///< of Flag
};
static_assert(sizeof(Node) == 40);

enum Flag : std::uint8_t {
  noted = 1,     ///< has an entry in Graph::notes
  reached = 2,   ///< a live consumer was seen by the collection under way
  constant = 4,  ///< leaf born from a bare number: its label is `Cons`
  number_pending =
      8,  ///< a pass went through: the number's gradient is `grad` times its partial, not yet stored
  number_stored = 16,    ///< the number has been looked at and is a leaf of its own, in the node's note
  number_partner = 32,   ///< leaf: some number's gradient, not yet stored, depends on this leaf's data
  number_settled = 128,  ///< the number's gradient so far, `number_pending` apart, lies in Chunk::numbers
  walked = 64            ///< Graph::reachable has marked the node and not yet visited it
};

/// Kind, pass and flags of a node as one number, so that the sweep loads and tests them together.
inline std::uint32_t state_of(const Node* node) {
  std::uint32_t state = 0;
  std::memcpy(&state, reinterpret_cast<const std::byte*>(node) + offsetof(Node, kind), sizeof state);
  return state;
}
constexpr std::uint32_t state_bits(Kind kind, std::uint8_t pass, std::uint8_t flags) {
  return std::bit_cast<std::uint32_t>(std::array{kind, std::bit_cast<Kind>(std::array{pass, flags})});
}

/// A run of nodes, aligned to its own size so that a node finds its chunk by masking its address.
struct alignas(64) Chunk {
  static constexpr std::size_t bytes = std::size_t{64} * 1024;

  Graph* owner;
  Chunk* older;
  Chunk* newer;
  Node* end;  ///< one past the last node; for the newest chunk `tape.next` is the truth
  std::unique_ptr<double[]> numbers;  ///< settled gradients of plain numbers, by node; made at first need
  std::uint64_t
      order;  ///< grows with age of recording: a chunk is older than another if its order is smaller
  std::uint32_t quiet;        ///< nodes that no Value points to
  std::uint32_t notes;        ///< nodes that have a note
  bool touched;               ///< a backward pass has marks here
  bool reached;               ///< the collection under way has marks here
  std::atomic<bool> foreign;  ///< another thread has copied or dropped handles of nodes here

  Node* begin() { return reinterpret_cast<Node*>(reinterpret_cast<std::byte*>(this) + sizeof(Chunk)); }
  Node* limit();
  static Chunk* of(const Node* node) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): one `and`, on the hot path
    return reinterpret_cast<Chunk*>(reinterpret_cast<std::uintptr_t>(node) & ~(bytes - 1));
  }
};
static_assert(sizeof(Chunk) == 64);

inline constexpr std::size_t nodes_per_chunk = (Chunk::bytes - sizeof(Chunk)) / sizeof(Node);
inline Node* Chunk::limit() { return begin() + nodes_per_chunk; }

/// True if `x` was created before `y` (both of one graph).
inline bool created_before(const Node* x, const Node* y) {
  const Chunk* cx = Chunk::of(x);
  const Chunk* cy = Chunk::of(y);
  return cx == cy ? x < y : cx->order < cy->order;
}

}  // namespace micrograd::engine
