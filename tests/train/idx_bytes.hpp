// IDX files, made byte by byte.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace micrograd {

/// The number as IDX headers have it.
inline std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(value >> shift & 0xFFU);
  return bytes;
}

/// A file of unsigned bytes with these dimensions, and this behind its header.
inline std::string idx(const std::vector<std::uint32_t>& sizes, const std::string& content) {
  std::string bytes = big_endian(0x800U + static_cast<std::uint32_t>(sizes.size()));
  for (const std::uint32_t size : sizes) bytes += big_endian(size);
  return bytes + content;
}

}  // namespace micrograd
