// What cairo's SVG lacks: names that do not depend on what the program drew before, and a title. And numbers
// and foreign bytes as they appear in messages.
#pragma once

#include <string>
#include <string_view>

namespace micrograd::plot {

/// The SVG that cairo wrote, with its images and groups numbered from 1 (cairo counts them through the life
/// of the program) and with a title and a description, which screen readers read and browsers show.
std::string completed_svg(std::string svg, std::string_view title, std::string_view description);

/// The text with what has a meaning in XML escaped, and with what XML forbids replaced by U+FFFD.
std::string escaped(std::string_view text);

/// For messages: bytes that are not printable ASCII as `\xNN`.
std::string printable(std::string_view bytes);

/// For messages: up to 6 significant digits.
std::string short_number(double number);

/// With `digits` digits behind the point, which is a point in every locale.
std::string fixed_number(double number, int digits);

}  // namespace micrograd::plot
