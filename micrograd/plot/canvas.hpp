// A page to draw on, as SVG or PNG in memory. Lengths are in units of one pixel at 100 %, from the upper left
// corner; a PNG has 2 x 2 pixels for each unit, so that it stays sharp. The same calls give the same bytes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <micrograd/plot/palette.hpp>

namespace micrograd::plot {

enum class Format { svg, png };

/// By the extension, .svg or .png in either case. Throws UsageError for any other.
Format format_of(const std::filesystem::path& file);

struct Point {
  double x = 0;
  double y = 0;
};

struct Size {
  double width = 0;
  double height = 0;
};

struct Box {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;
  double right() const { return left + width; }
  double bottom() const { return top + height; }
  Point centre() const { return {.x = left + width / 2, .y = top + height / 2}; }
};

enum class Align { left, centre, right };

/// Shapes for points, in the order in which classes use them.
enum class Marker { disc, square, triangle, diamond };

struct TextStyle {
  double size = 12;
  bool bold = false;
  Colour colour = ink;
  Align align = Align::left;
  double turn = 0;       ///< degrees, anticlockwise
  double max_width = 0;  ///< longer text ends in an ellipsis; 0: text may be as long as it is
};

struct Stroke {
  Colour colour = ink;
  double width = 1;
  bool dashed = false;
};

/// How wide `text` is, without regard to its turn. Throws UsageError as Canvas::text does.
double text_width(const std::string& text, const TextStyle& style);

/// The middle of the pixel in which `length` lies: lines of width 1 are sharp there.
double crisp(double length);

class Canvas {
 public:
  static constexpr double smallest = 160;  ///< width and height must be this at least,
  static constexpr double largest = 4000;  ///< and this at most
  static constexpr std::size_t pixels_per_unit = 2;

  /// A white page; sizes are rounded up to whole units. Throws UsageError unless both are in the range above.
  Canvas(Size size, Format format);
  ~Canvas();
  Canvas(Canvas&&) noexcept;
  Canvas& operator=(Canvas&&) noexcept;

  Size size() const;

  /// One line of text, UTF-8. `at` lies half-way up its capitals, and at the end that `align` names. Throws
  /// UsageError if it is not UTF-8 or longer than 2000 bytes.
  void text(const std::string& text, Point at, const TextStyle& style);

  void line(std::span<const Point> points, const Stroke& stroke);
  void line(Point from, Point to, const Stroke& stroke);
  void fill(const Box& box, Colour colour);
  void frame(const Box& box, const Stroke& stroke);
  /// `radius` is that of the disc; the other shapes cover about the same area. The border is drawn around it.
  void marker(Marker shape, Point centre, double radius, Colour colour, const Stroke& border);
  /// Fills `box` with `columns` x (as many rows as that gives) pixels, row after row from the top. They are
  /// drawn as they are, without smoothing. Throws UsageError if they do not fill whole rows.
  void image(const Box& box, std::size_t columns, std::span<const Colour> pixels);
  /// What `drawing` draws shows only inside `box`.
  void clipped(const Box& box, const std::function<void()>& drawing);

  /// The picture; nothing can be drawn after that. An SVG says title and description for those who cannot see
  /// it.
  std::string finish(const std::string& title, const std::string& description);

 private:
  struct Surface;
  std::unique_ptr<Surface> surface_;
};

}  // namespace micrograd::plot
