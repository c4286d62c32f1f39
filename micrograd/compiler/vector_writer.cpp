// Steps join the machine's run before them where they can; what is brought together once serves all.
#include <micrograd/compiler/vector_writer.hpp>

#include <algorithm>

namespace micrograd::compiler {
namespace {

/// What the longest pack holds.
constexpr std::size_t longest_pack = 16;

std::uint64_t hash_of(std::span<const std::uint32_t> places) {
  std::uint64_t hash = places.size();
  for (const std::uint32_t place : places) hash = (hash ^ place) * 0x9e3779b97f4a7c15U ^ hash >> 29U;
  return hash;
}

}  // namespace

VectorWriter::VectorWriter(Places& places, Schedule& schedule, Phase& phase)
    : places_(places), schedule_(schedule), phase_(phase) {}

std::uint32_t VectorWriter::place_number(double number) {
  const std::uint32_t place = places_.take_places(1);
  schedule_.numbers.emplace_back(place, number);
  return place;
}

std::uint32_t VectorWriter::take_places(std::size_t count) {
  return places_.take_places(count < least_in_machine ? count : count + longest_pack);
}

std::uint32_t VectorWriter::place_results(std::span<const Id> ids) {
  const std::uint32_t first = take_places(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) places_.of(ids[i]) = first + static_cast<std::uint32_t>(i);
  return first;
}

VectorStep& VectorWriter::append(Kind kind, std::size_t count, std::uint32_t out) {
  phase_.vectors.steps.push_back({.kind = kind, .count = static_cast<std::uint32_t>(count), .out = out});
  return phase_.vectors.steps.back();
}

void VectorWriter::append_once(Id id) {
  Step step = places_.step_of(id);
  step.out = places_.of(id);
  append(Kind::once, 1, step.out).operands[0] = static_cast<std::uint32_t>(phase_.once.size());
  phase_.once.push_back(step);
}

void VectorWriter::bring_together(std::span<Operand> operands) {
  std::vector<std::uint32_t>& all = phase_.vectors.places;
  const auto first = static_cast<std::uint32_t>(all.size());
  std::uint32_t out = none;
  for (Operand& operand : operands) {
    if (operand.kind != Operand::Kind::scattered) continue;
    operand.kind = Operand::Kind::together;
    operand.at = find_gathered(operand.places);
    if (operand.at != none) continue;
    // One after the other, each filled up to whole packs.
    const std::uint32_t before = static_cast<std::uint32_t>(all.size()) - first;
    if (out == none) out = places_.take_places(0);
    operand.at = out + before;
    gathered_.emplace(hash_of(operand.places),
                      Gathered{.first = first + before, .count = operand.count, .out = operand.at});
    all.insert(all.end(), operand.places.begin(), operand.places.end());
    const std::size_t part_of_pack = operand.count % longest_pack;
    const bool is_full = part_of_pack == 0 || operand.count < least_in_machine;
    all.insert(all.end(), is_full ? 0 : longest_pack - part_of_pack, operand.places.back());
  }
  if (out == none) return;
  const std::size_t count = all.size() - first;
  places_.take_places(count);
  append(Kind::gather, count, out).operands[0] = first;
}

bool VectorWriter::is_together(const Operand& operand) const {
  return operand.kind != Operand::Kind::scattered || find_gathered(operand.places) != none;
}

std::uint32_t VectorWriter::gathered(std::span<const std::uint32_t> places) {
  Operand operand{.kind = Operand::Kind::scattered,
                  .count = static_cast<std::uint32_t>(places.size()),
                  .places = {places.begin(), places.end()}};
  bring_together(operand);
  return operand.at;
}

std::uint32_t VectorWriter::find_gathered(std::span<const std::uint32_t> places) const {
  const auto [first, last] = gathered_.equal_range(hash_of(places));
  for (auto known = first; known != last; ++known) {
    const Gathered& one = known->second;
    if (std::ranges::equal(std::span(phase_.vectors.places).subspan(one.first, one.count), places)) {
      return one.out;
    }
  }
  return none;
}

void VectorWriter::append_term(bool minus, bool is_first, const Operand& x, const Operand* y) {
  TermStep step;
  TermKind kind = TermKind::x;
  const bool x_is_same = x.kind == Operand::Kind::same;
  if (y == nullptr) {
    kind = x_is_same ? TermKind::u : TermKind::x;
    (x_is_same ? step.u : step.x) = x.at;
  } else if (x_is_same || y->kind == Operand::Kind::same) {
    kind = TermKind::ux;
    step.u = x_is_same ? x.at : y->at;
    step.x = x_is_same ? y->at : x.at;
  } else {
    kind = TermKind::xy;
    step.x = x.at;
    step.y = y->at;
  }
  step.code = term_code(kind, minus, is_first);
  phase_.vectors.terms.push_back(step);
}

void VectorWriter::reads(const Operand& operand) {
  reads_.push_back({.at = operand.at, .count = operand.kind == Operand::Kind::same ? 1 : operand.count});
}

void VectorWriter::close_machine(std::uint32_t first, std::size_t count, std::uint32_t out) {
  phase_.vectors.terms.push_back({.code = store_code, .x = out});
  const auto end = static_cast<std::uint32_t>(phase_.vectors.terms.size());
  bool goes_on = !phase_.vectors.steps.empty() && phase_.vectors.steps.back().kind == Kind::machine &&
                 phase_.vectors.steps.back().count == count &&
                 phase_.vectors.steps.back().operands[1] == first;
  for (const Read& read : reads_) {
    for (const std::uint32_t stored : stored_) {
      const bool is_there = read.at < stored + count && read.at + read.count > stored;
      goes_on &= !is_there || (read.at == stored && read.count == count);
    }
  }
  reads_.clear();
  if (goes_on) {
    phase_.vectors.steps.back().operands[1] = end;
  } else {
    append(Kind::machine, count, out).operands = {first, end, 0};
    stored_.clear();
  }
  stored_.push_back(out);
}

}  // namespace micrograd::compiler
