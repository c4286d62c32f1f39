// The safetensors format: named arrays in one file, with a JSON header that says where each lies. Written for
// checkpoints; files written by others are read too, as far as their numbers are of the kinds below.
// https://huggingface.co/docs/safetensors
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace micrograd {

struct Tensor {
  std::string name;
  std::vector<std::size_t> shape;  ///< empty for a single number; the product is the number of items
  std::variant<std::vector<double>, std::vector<float>, std::vector<std::uint64_t>> items;  ///< F64, F32, U64

  std::size_t size() const;
};

struct SafeTensors {
  std::map<std::string, std::string> metadata;
  std::vector<Tensor> tensors;  ///< in the order in which they lie in the file

  /// Null when there is no tensor of that name.
  const Tensor* find(std::string_view name) const;
};

/// The bytes of the file. Throws UsageError for a name that is used twice, or a shape that is not that of the
/// items.
std::string to_safetensors(const SafeTensors& content);

/// Reads the bytes of a file, which errors call `file`. Throws IoError unless everything is as the format
/// says: header within the file, every tensor of a known kind, its bytes as many as its shape needs, no byte
/// of the data unused or used twice. Memory stays within a small multiple of the size of `bytes`.
SafeTensors parse_safetensors(std::string_view bytes, const std::string& file);

}  // namespace micrograd
