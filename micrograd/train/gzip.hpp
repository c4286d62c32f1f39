// Compressed bytes, unpacked as far as wanted.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace micrograd {

/// The bytes of a file, which are unpacked on the way if they are compressed with gzip (they then begin with
/// 1f 8b; several compressed parts may follow each other).
class Unpacker {
 public:
  /// `bytes` must outlive the object; `error_prefix` begins the message of each error.
  Unpacker(std::string_view bytes, std::string error_prefix);
  ~Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  /// The next `count` bytes, or as many as there are. Memory grows with what is there, not with `count`.
  /// Throws IoError if the compressed bytes are damaged or cut short.
  std::string next(std::size_t count);

 private:
  struct Stream;
  std::size_t inflate_into(char* to, std::size_t room);

  std::string_view rest_;
  std::string error_prefix_;
  std::unique_ptr<Stream> stream_;  // none for plain bytes
};

}  // namespace micrograd
