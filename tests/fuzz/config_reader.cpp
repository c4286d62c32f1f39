// Any text is either a config, which writes and reads back to the same text, or an IoError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <cli/config.hpp>
#include <micrograd/error.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace micrograd::command;
  try {
    const std::string text = to_json(parse_config({reinterpret_cast<const char*>(bytes), size}, "fuzz"));
    if (to_json(parse_config(text, "again")) != text) std::abort();
  } catch (const micrograd::IoError&) {}
  return 0;
}
