// Places in the list are given out once; slots are the sweeps' own business.
#include <micrograd/compiler/places.hpp>

#include <algorithm>

namespace micrograd::compiler {

Places::Places(const Code& code, Schedule& schedule)
    : last_use(code.size(), none),
      uses(code.size(), 0),
      roles(code.size(), 0),
      pinned_until(code.size(), none),
      code_(code),
      schedule_(schedule),
      at_(code.size(), 0) {}

std::uint32_t Places::take_places(std::size_t count) {
  const auto first = static_cast<std::uint32_t>(schedule_.uniforms);
  schedule_.uniforms += count;
  return first;
}

Step Places::step_of(Id id) {
  const Instruction& instruction = code_.instructions[id];
  Step step{
      .id = id, .op = instruction.op, .count = static_cast<std::uint8_t>(operand_count(instruction.op))};
  const std::array<Id, 3> operands{instruction.a, instruction.b, instruction.c};
  for (std::size_t i = 0; i < step.count; ++i) {
    step.operands[i] = at_[operands[i]];
    if (code_.varying[operands[i]] == 0) step.uniform |= static_cast<std::uint8_t>(1U << i);
  }
  if (step.count == 0) step.operands[0] = instruction.a;
  if (step.op == special::user || step.op == special::pick) {
    step.operands[0] = static_cast<std::uint32_t>(schedule_.operands.size());
    for_each_operand(code_, instruction, [&](Id operand) { schedule_.operands.push_back(place(operand)); });
    step.operands[1] = static_cast<std::uint32_t>(schedule_.operands.size());
  }
  return step;
}

std::optional<Matrix> Places::even_matrix(std::span<const Id> ids, std::size_t columns) const {
  const auto place = [this, &ids](std::size_t i) { return at_[ids[i]]; };
  const std::size_t rows = ids.size() / columns;
  const Matrix matrix{.first = place(0),
                      .row_step = rows > 1 ? place(columns) - place(0) : 0,
                      .column_step = columns > 1 ? place(1) - place(0) : 0};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool is_even = place(i) == matrix.first +
                                         static_cast<std::uint32_t>(i / columns) * matrix.row_step +
                                         static_cast<std::uint32_t>(i % columns) * matrix.column_step;
    if (!is_even) return std::nullopt;
  }
  return matrix;
}

Matrix Places::matrix_of(std::span<const Id> ids, std::size_t columns, std::vector<Copy>& copies) {
  if (std::ranges::none_of(ids, [](Id id) { return id == none; })) {
    if (const std::optional<Matrix> even = even_matrix(ids, columns)) return *even;
  }
  const std::uint32_t first = take_places(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    copies.push_back(
        {.from = ids[i] == none ? Copy::zero : at_[ids[i]], .to = first + static_cast<std::uint32_t>(i)});
  }
  return {.first = first, .row_step = static_cast<std::uint32_t>(columns), .column_step = 1};
}

}  // namespace micrograd::compiler
