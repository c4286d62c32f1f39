// The palette of Okabe and Ito, reordered so that the colours that are strong on white come first, and longer
// by three; the diverging one is made for these pictures.
#include <micrograd/plot/palette.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace micrograd::plot {
namespace {

constexpr Colour rgb(unsigned hex) {
  return {.red = (hex >> 16U & 0xFFU) / 255.0,
          .green = (hex >> 8U & 0xFFU) / 255.0,
          .blue = (hex & 0xFFU) / 255.0};
}

constexpr std::array<Colour, class_colours> colours{
    rgb(0x0072B2), rgb(0xD55E00), rgb(0x009E73), rgb(0xCC79A7), rgb(0xE69F00),
    rgb(0x56B4E9), rgb(0x7A1F4B), rgb(0x4D4D4D), rgb(0xE3D52B), rgb(0x3B2E8C)};

// From 0 outwards.
constexpr std::array negative{rgb(0xF3F3F1), rgb(0xB5D4E9), rgb(0x5FA3D0), rgb(0x1B6CA8), rgb(0x0B3C68)};
constexpr std::array positive{rgb(0xF3F3F1), rgb(0xF8CFA8), rgb(0xEC9350), rgb(0xC85A0E), rgb(0x7A3203)};

double linear_light(double channel) {
  return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

}  // namespace

Colour class_colour(std::size_t label) { return colours[label % class_colours]; }

Colour mix(Colour from, Colour to, double share) {
  const double s = std::clamp(share, 0.0, 1.0);
  return {.red = from.red + (to.red - from.red) * s,
          .green = from.green + (to.green - from.green) * s,
          .blue = from.blue + (to.blue - from.blue) * s};
}

Colour diverging(double position) {
  if (std::isnan(position)) return unknown_colour;
  const auto& anchors = position < 0 ? negative : positive;
  constexpr std::size_t intervals = negative.size() - 1;
  const double along = std::min(std::abs(position), 1.0) * static_cast<double>(intervals);
  const auto first = std::min(static_cast<std::size_t>(along), intervals - 1);
  return mix(anchors[first], anchors[first + 1], along - static_cast<double>(first));
}

Colour readable_on(Colour background) {
  const double luminance = 0.2126 * linear_light(background.red) + 0.7152 * linear_light(background.green) +
                           0.0722 * linear_light(background.blue);
  // Contrast by the formula of the accessibility guidelines, biased a little towards white, which looks
  // calmer.
  return 1.05 / (luminance + 0.05) > 3.6 ? paper : ink;
}

}  // namespace micrograd::plot
