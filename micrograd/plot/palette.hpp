// The colours of all pictures. Classes and curves get colours that people with any colour vision can tell
// apart; signed numbers go from blue over white to orange.
#pragma once

#include <cstddef>

namespace micrograd::plot {

/// Red, green and blue from 0 to 1.
struct Colour {
  double red = 0;
  double green = 0;
  double blue = 0;
  bool operator==(const Colour&) const = default;
};

inline constexpr Colour ink{.red = 0.15, .green = 0.15, .blue = 0.17};       ///< text
inline constexpr Colour pale_ink{.red = 0.38, .green = 0.38, .blue = 0.41};  ///< text beside the point
inline constexpr Colour grid_colour{.red = 0.90, .green = 0.90, .blue = 0.91};
inline constexpr Colour paper{.red = 1, .green = 1, .blue = 1};
inline constexpr Colour unknown_colour{.red = 0.72, .green = 0.72, .blue = 0.72};  ///< stands for NaN

/// How many colours there are before they repeat.
inline constexpr std::size_t class_colours = 10;

/// The colour of a class or a curve; they repeat after `class_colours`.
Colour class_colour(std::size_t label);

/// From `from` (share 0) to `to` (share 1). A share outside is taken as the nearer end.
Colour mix(Colour from, Colour to, double share);

/// Blue for -1, nearly white for 0, orange for 1; what lies outside is taken as the nearer end, NaN is grey.
Colour diverging(double position);

/// Ink or paper, whichever is easier to read on `background`.
Colour readable_on(Colour background);

}  // namespace micrograd::plot
