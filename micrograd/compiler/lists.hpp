// Lists of results that are told apart by what is in them: brought together by a hash, and compared before
// anything follows from it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

constexpr std::uint64_t mixed_hash(std::uint64_t hash, Id id) {
  hash = (hash ^ id) * 0x9e3779b97f4a7c15U;
  return hash ^ hash >> 32;
}

class Lists {
 public:
  /// The number of the list, counted from 0 in order of first appearance.
  std::size_t number_of(std::span<const Id> ids) {
    std::uint64_t hash = ids.size();
    for (const Id id : ids) hash = mixed_hash(hash, id);
    const auto [first, last] = known_.equal_range(hash);
    for (auto at = first; at != last; ++at) {
      if (std::ranges::equal(lists_[at->second], ids)) return at->second;
    }
    lists_.emplace_back(ids.begin(), ids.end());
    known_.emplace(hash, lists_.size() - 1);
    return lists_.size() - 1;
  }
  [[nodiscard]] std::span<const Id> operator[](std::size_t number) const { return lists_[number]; }
  [[nodiscard]] std::size_t size() const { return lists_.size(); }

 private:
  std::vector<std::vector<Id>> lists_;
  std::unordered_multimap<std::uint64_t, std::size_t> known_;
};

}  // namespace micrograd::compiler
