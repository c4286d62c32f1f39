// Pictures as tests look at them: PNGs decoded to pixels, SVGs as text, and what bad input must
// say.
#pragma once

#include <cairo/cairo.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>

#include <micrograd/error.hpp>
#include <micrograd/plot/palette.hpp>

namespace micrograd::plot {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

class Picture {
 public:
  explicit Picture(std::string_view png)
      : surface_(cairo_image_surface_create_from_png_stream(next, &png), cairo_surface_destroy) {
    EXPECT_EQ(cairo_surface_status(surface_.get()), CAIRO_STATUS_SUCCESS);
  }
  std::size_t width() const {
    return static_cast<std::size_t>(cairo_image_surface_get_width(surface_.get()));
  }
  std::size_t height() const {
    return static_cast<std::size_t>(cairo_image_surface_get_height(surface_.get()));
  }

  /// 0xRRGGBB.
  unsigned at(std::size_t x, std::size_t y) const {
    const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface_.get()));
    std::uint32_t pixel = 0;
    std::memcpy(&pixel, cairo_image_surface_get_data(surface_.get()) + y * stride + x * 4, sizeof pixel);
    return pixel & 0xFFFFFFU;
  }

  /// How many pixels from row `top` on satisfy this.
  std::size_t count(const std::function<bool(unsigned)>& wanted, std::size_t top = 0) const {
    std::size_t found = 0;
    for (std::size_t y = top; y < height(); ++y) {
      for (std::size_t x = 0; x < width(); ++x) found += wanted(at(x, y)) ? 1U : 0U;
    }
    return found;
  }

  /// How many separate stretches of this colour a row has.
  std::size_t runs(unsigned colour, std::size_t row) const {
    std::size_t found = 0;
    for (std::size_t x = 0; x < width(); ++x)
      found += at(x, row) == colour && (x == 0 || at(x - 1, row) != colour);
    return found;
  }

 private:
  static cairo_status_t next(void* rest, unsigned char* to, unsigned int length) {
    auto& bytes = *static_cast<std::string_view*>(rest);
    if (bytes.size() < length) return CAIRO_STATUS_READ_ERROR;
    std::memcpy(to, bytes.data(), length);
    bytes.remove_prefix(length);
    return CAIRO_STATUS_SUCCESS;
  }

  std::unique_ptr<cairo_surface_t, void (*)(cairo_surface_t*)> surface_;
};

inline unsigned channel(unsigned pixel, unsigned shift) { return pixel >> shift & 0xFFU; }

/// 0xRRGGBB of a colour.
inline unsigned pixel_of(Colour colour) {
  const auto byte = [](double value) { return static_cast<unsigned>(value * 255 + 0.5); };
  return byte(colour.red) << 16U | byte(colour.green) << 8U | byte(colour.blue);
}

/// Whether two pixels differ by at most 2 in each channel.
inline bool alike(unsigned a, unsigned b) {
  const auto close = [&](unsigned shift) {
    const unsigned x = channel(a, shift);
    const unsigned y = channel(b, shift);
    return (x > y ? x - y : y - x) <= 2;
  };
  return close(16) && close(8) && close(0);
}

inline std::function<bool(unsigned)> like(Colour colour) {
  return [wanted = pixel_of(colour)](unsigned pixel) { return alike(pixel, wanted); };
}

inline bool is_blue(unsigned pixel) { return channel(pixel, 0) > channel(pixel, 16) + 40; }
inline bool is_orange(unsigned pixel) { return channel(pixel, 16) > channel(pixel, 0) + 40; }

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Expects a UsageError whose message has these parts.
inline void expect_usage_error(const std::function<void()>& call,
                               std::initializer_list<std::string_view> parts) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const UsageError& error) {
    for (const std::string_view part : parts) {
      EXPECT_TRUE(contains(error.what(), part)) << error.what() << "\nlacks: " << part;
    }
  }
}

}  // namespace micrograd::plot
