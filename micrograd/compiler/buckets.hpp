// What has the same hash is brought together.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// By hash: the number of its bucket, from 0 up.
class Buckets {
 public:
  explicit Buckets(std::size_t most) : slots_(std::bit_ceil(2 * most), none) {}

  std::uint32_t of(std::uint64_t hash) {
    std::size_t at = hash >> 20U & (slots_.size() - 1);
    while (slots_[at] != none && hashes_[slots_[at]] != hash) at = (at + 1) & (slots_.size() - 1);
    if (slots_[at] == none) {
      slots_[at] = static_cast<std::uint32_t>(hashes_.size());
      hashes_.push_back(hash);
    }
    return slots_[at];
  }
  [[nodiscard]] std::size_t size() const { return hashes_.size(); }

 private:
  std::vector<std::uint32_t> slots_;
  std::vector<std::uint64_t> hashes_;
};

}  // namespace micrograd::compiler
