// The program copied, instruction by instruction, and inputs marked as the same for all rows.
#include <micrograd/compiler/take_one_row.hpp>

#include <algorithm>
#include <vector>

#include <micrograd/compiler/find_levels.hpp>

namespace micrograd::compiler {

bool pays_for_one_row(const Code& code) {
  return static_cast<std::size_t>(std::ranges::count(code.varying, rows_loop)) >= least_side_by_side;
}

Code take_one_row(const Code& code) {
  Code one;
  one.loops = code.loops;
  one.is_for_one_row = true;
  one.indices = code.indices;
  one.reserve(code.size());
  std::vector<Id> place(code.size(), none);
  for (Id id = 0; id < code.size(); ++id) {
    const Instruction& x = code.instructions[id];
    if (x.op == special::total && code.loop_of_total(x) == rows_loop) {
      place[id] = place[x.a];
      continue;
    }
    place[id] = one.append_from(code, id, place);
  }
  one.take_labels(code, place);
  for (const Id output : code.outputs) one.outputs.push_back(place[output]);
  for (const Guard& guard : code.guards) {
    one.guards.push_back({.comparison = place[guard.comparison], .truth = guard.truth});
  }
  return one;
}

}  // namespace micrograd::compiler
