// zlib's inflate, fed and drained in steps that fit its 32-bit counters.
#include <micrograd/train/gzip.hpp>

#include <zlib.h>

#include <algorithm>
#include <new>
#include <utility>

#include <micrograd/error.hpp>

namespace micrograd {
namespace {

constexpr std::size_t kStep = std::size_t{1} << 20;
constexpr int kGzipOnly = 16 + MAX_WBITS;

bool is_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

}  // namespace

struct Unpacker::Stream {
  z_stream state{};
  bool has_ended = false;

  Stream() {
    if (inflateInit2(&state, kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~Stream() { inflateEnd(&state); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

Unpacker::Unpacker(std::string_view bytes, std::string error_prefix)
    : rest_(bytes),
      error_prefix_(std::move(error_prefix)),
      stream_(is_gzip(bytes) ? std::make_unique<Stream>() : nullptr) {}

Unpacker::~Unpacker() = default;

std::string Unpacker::next(std::size_t count) {
  std::string bytes;
  if (!stream_) {
    bytes = rest_.substr(0, count);
    rest_.remove_prefix(bytes.size());
    return bytes;
  }
  while (bytes.size() < count) {
    const std::size_t size = bytes.size();
    const std::size_t room = std::min(count - size, kStep);
    bytes.resize(size + room);
    const std::size_t got = inflate_into(bytes.data() + size, room);
    bytes.resize(size + got);
    if (got == 0) break;
  }
  return bytes;
}

/// Fills `room` bytes, fewer only at the end.
std::size_t Unpacker::inflate_into(char* to, std::size_t room) {
  z_stream& state = stream_->state;
  std::size_t filled = 0;
  while (filled < room) {
    if (stream_->has_ended) {
      if (rest_.empty()) break;
      if (!is_gzip(rest_)) {
        throw IoError(error_prefix_ + "other bytes follow the compressed ones (got " +
                      std::to_string(rest_.size()) + " bytes, expected none)");
      }
      inflateReset(&state);
      stream_->has_ended = false;
    }
    const std::size_t fed = std::min(rest_.size(), kStep);
    state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest_.data()));  // zlib only reads it
    state.avail_in = static_cast<uInt>(fed);
    state.next_out = reinterpret_cast<Bytef*>(to + filled);
    state.avail_out = static_cast<uInt>(room - filled);
    const int status = inflate(&state, Z_NO_FLUSH);
    rest_.remove_prefix(fed - state.avail_in);
    filled = room - state.avail_out;
    if (status == Z_STREAM_END) {
      stream_->has_ended = true;
    } else if (status == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (status == Z_BUF_ERROR || (status == Z_OK && rest_.empty() && filled < room)) {
      throw IoError(error_prefix_ + "the compressed bytes end too soon; the file is cut short");
    } else if (status != Z_OK) {
      throw IoError(error_prefix_ + "the compressed bytes are damaged (" +
                    (state.msg != nullptr ? state.msg : "zlib error " + std::to_string(status)) + ")");
    }
  }
  return filled;
}

}  // namespace micrograd
