// Any bytes are either a file of tensors, which writes and reads back to the same bytes, or an IoError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <micrograd/error.hpp>
#include <micrograd/train/safetensors.hpp>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const micrograd::SafeTensors content =
        micrograd::parse_safetensors({reinterpret_cast<const char*>(data), size}, "fuzz");
    const std::string bytes = micrograd::to_safetensors(content);
    if (micrograd::to_safetensors(micrograd::parse_safetensors(bytes, "again")) != bytes) std::abort();
  } catch (const micrograd::IoError&) {}
  return 0;
}
