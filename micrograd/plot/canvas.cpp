// The page over cairo, and text over pango.
#include <micrograd/plot/canvas.hpp>

#include <cairo-svg.h>
#include <cairo.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <new>
#include <numbers>
#include <utility>

#include <micrograd/error.hpp>
#include <micrograd/plot/svg.hpp>

namespace micrograd::plot {
namespace {

struct Release {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
  void operator()(cairo_font_options_t* options) const { cairo_font_options_destroy(options); }
  void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
  void operator()(PangoContext* context) const { g_object_unref(context); }
  void operator()(PangoLayout* layout) const { g_object_unref(layout); }
};
template <class T> using Owned = std::unique_ptr<T, Release>;

constexpr std::size_t longest_text = 2000;

void check(cairo_status_t status) {
  if (status == CAIRO_STATUS_NO_MEMORY) throw std::bad_alloc();
  if (status != CAIRO_STATUS_SUCCESS)
    throw Error(std::string("draw: cairo: ") + cairo_status_to_string(status));
}

cairo_status_t append(void* bytes, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

/// One line of text, laid out the same way for every kind of page.
Owned<PangoLayout> lay_out(const std::string& text, const TextStyle& style) {
  if (text.size() > longest_text) {
    throw UsageError("draw: a text is too long (got " + std::to_string(text.size()) +
                     " bytes, expected at most " + std::to_string(longest_text) + ")");
  }
  if (g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr) == FALSE) {
    throw UsageError("draw: a text is not UTF-8 (got " + std::to_string(text.size()) + " bytes, starting \"" +
                     printable(text.substr(0, 20)) + "\"); convert it first");
  }
  const Owned<PangoContext> context(pango_font_map_create_context(pango_cairo_font_map_get_default()));
  pango_context_set_language(context.get(), pango_language_from_string("en"));  // not that of the environment
  const Owned<cairo_font_options_t> options(cairo_font_options_create());
  cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context.get(), options.get());
  pango_context_set_round_glyph_positions(context.get(), FALSE);

  Owned<PangoLayout> layout(pango_layout_new(context.get()));
  const Owned<PangoFontDescription> font(pango_font_description_new());
  pango_font_description_set_family_static(font.get(), "DejaVu Sans, WenQuanYi Micro Hei, sans-serif");
  pango_font_description_set_weight(font.get(), style.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_font_description_set_absolute_size(font.get(), style.size * PANGO_SCALE);
  pango_layout_set_font_description(layout.get(), font.get());
  pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
  pango_layout_set_auto_dir(layout.get(), FALSE);  // else a width would move text that runs to the left
  pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
  if (style.max_width > 0) {
    pango_layout_set_width(layout.get(), static_cast<int>(style.max_width * PANGO_SCALE));
    pango_layout_set_ellipsize(layout.get(), PANGO_ELLIPSIZE_END);
  }
  return layout;
}

double width_of(PangoLayout* layout) {
  PangoRectangle logical;
  pango_layout_get_extents(layout, nullptr, &logical);
  return static_cast<double>(logical.width) / PANGO_SCALE;
}

std::uint32_t packed(Colour colour) {
  const auto channel = [](double value) {
    return static_cast<std::uint32_t>(std::lround(std::clamp(value, 0.0, 1.0) * 255));
  };
  return channel(colour.red) << 16U | channel(colour.green) << 8U | channel(colour.blue);
}

}  // namespace

Format format_of(const std::filesystem::path& file) {
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == ".svg") return Format::svg;
  if (extension == ".png") return Format::png;
  throw UsageError("save: no such kind of picture (got \"" + file.string() +
                   "\", expected a name that ends in " + ".svg or .png)");
}

double text_width(const std::string& text, const TextStyle& style) {
  return width_of(lay_out(text, style).get());
}

double crisp(double length) { return std::floor(length) + 0.5; }

struct Canvas::Surface {
  Size size;
  Format format;
  std::string bytes{};  // the surface writes here until it is destroyed
  Owned<cairo_surface_t> surface{};
  Owned<cairo_t> context{};

  void colour(Colour c) const { cairo_set_source_rgb(context.get(), c.red, c.green, c.blue); }
  void stroke(const Stroke& s) const {
    colour(s.colour);
    cairo_set_line_width(context.get(), s.width);
    const std::array dashes{s.width * 2.4, s.width * 1.6};
    cairo_set_dash(context.get(), dashes.data(), s.dashed ? 2 : 0, 0);
    cairo_set_line_join(context.get(), CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(context.get(), s.dashed || s.width < 1.5 ? CAIRO_LINE_CAP_BUTT : CAIRO_LINE_CAP_ROUND);
    cairo_stroke(context.get());
  }
};

Canvas::Canvas(Size size, Format format)
    : surface_(std::make_unique<Surface>(Surface{.size = size, .format = format})) {
  const auto allowed = [](double length) { return length >= smallest && length <= largest; };
  if (!allowed(size.width) || !allowed(size.height)) {
    throw UsageError("draw: no such size of picture (got " + short_number(size.width) + " x " +
                     short_number(size.height) + ", expected " + short_number(smallest) + " to " +
                     short_number(largest) + " each way)");
  }
  Surface& s = *surface_;
  s.size = {.width = std::ceil(size.width), .height = std::ceil(size.height)};
  if (format == Format::svg) {
    s.surface.reset(cairo_svg_surface_create_for_stream(append, &s.bytes, s.size.width, s.size.height));
    check(cairo_surface_status(s.surface.get()));
    cairo_svg_surface_set_document_unit(s.surface.get(), CAIRO_SVG_UNIT_PX);
  } else {
    const int scale = pixels_per_unit;
    s.surface.reset(cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(s.size.width) * scale,
                                               static_cast<int>(s.size.height) * scale));
    check(cairo_surface_status(s.surface.get()));
  }
  s.context.reset(cairo_create(s.surface.get()));
  if (format == Format::png) cairo_scale(s.context.get(), pixels_per_unit, pixels_per_unit);
  fill({.width = s.size.width, .height = s.size.height}, paper);
}

Canvas::~Canvas() = default;
Canvas::Canvas(Canvas&&) noexcept = default;
Canvas& Canvas::operator=(Canvas&&) noexcept = default;

Size Canvas::size() const { return surface_->size; }

void Canvas::text(const std::string& text, Point at, const TextStyle& style) {
  const Owned<PangoLayout> layout = lay_out(text, style);
  const double width = width_of(layout.get());
  const double baseline = static_cast<double>(pango_layout_get_baseline(layout.get())) / PANGO_SCALE;
  constexpr double half_capital = 0.365;  // of the size, in DejaVu Sans
  double left = 0;
  if (style.align == Align::centre) left = -width / 2;
  if (style.align == Align::right) left = -width;

  cairo_t* context = surface_->context.get();
  cairo_save(context);
  cairo_translate(context, at.x, at.y);
  if (style.turn != 0) cairo_rotate(context, -style.turn * std::numbers::pi / 180);
  cairo_move_to(context, left, style.size * half_capital - baseline);
  surface_->colour(style.colour);
  pango_cairo_show_layout(context, layout.get());
  cairo_restore(context);
}

void Canvas::line(std::span<const Point> points, const Stroke& stroke) {
  if (points.empty()) return;
  cairo_new_path(surface_->context.get());  // text leaves a current point behind
  for (const Point& point : points) cairo_line_to(surface_->context.get(), point.x, point.y);
  surface_->stroke(stroke);
}

void Canvas::line(Point from, Point to, const Stroke& stroke) { line(std::array{from, to}, stroke); }

void Canvas::fill(const Box& box, Colour colour) {
  cairo_new_path(surface_->context.get());
  cairo_rectangle(surface_->context.get(), box.left, box.top, box.width, box.height);
  surface_->colour(colour);
  cairo_fill(surface_->context.get());
}

void Canvas::frame(const Box& box, const Stroke& stroke) {
  cairo_new_path(surface_->context.get());
  cairo_rectangle(surface_->context.get(), box.left, box.top, box.width, box.height);
  surface_->stroke(stroke);
}

void Canvas::marker(Marker shape, Point centre, double radius, Colour colour, const Stroke& border) {
  cairo_t* context = surface_->context.get();
  cairo_new_path(context);
  const auto [x, y] = centre;
  const auto corners = [&](std::span<const Point> directions, double scale) {
    for (const Point& d : directions) {
      cairo_line_to(context, x + d.x * radius * scale, y + d.y * radius * scale);
    }
    cairo_close_path(context);
  };
  switch (shape) {
    case Marker::disc:
      cairo_new_sub_path(context);
      cairo_arc(context, x, y, radius, 0, 2 * std::numbers::pi);
      cairo_close_path(context);
      break;
    case Marker::square:
      corners(std::array<Point, 4>{{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}}, 0.89);
      break;
    case Marker::triangle:
      corners(std::array<Point, 3>{{{0, -1}, {0.866, 0.5}, {-0.866, 0.5}}}, 1.55);
      break;
    case Marker::diamond:
      corners(std::array<Point, 4>{{{0, -1}, {1, 0}, {0, 1}, {-1, 0}}}, 1.25);
      break;
  }
  if (border.width > 0) {  // twice as wide, as half of it is covered
    cairo_path_t* path = cairo_copy_path(context);
    surface_->stroke({.colour = border.colour, .width = 2 * border.width});
    cairo_append_path(context, path);
    cairo_path_destroy(path);
  }
  surface_->colour(colour);
  cairo_fill(context);
}

void Canvas::image(const Box& box, std::size_t columns, std::span<const Colour> pixels) {
  if (columns == 0 || pixels.empty() || pixels.size() % columns != 0) {
    throw UsageError("image: pixels must fill whole rows (got " + std::to_string(pixels.size()) +
                     " pixels, expected a multiple of " + std::to_string(columns) + " columns)");
  }
  const std::size_t rows = pixels.size() / columns;
  const Owned<cairo_surface_t> image(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(columns), static_cast<int>(rows)));
  check(cairo_surface_status(image.get()));
  unsigned char* data = cairo_image_surface_get_data(image.get());
  const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(image.get()));
  for (std::size_t row = 0; row < rows; ++row) {
    auto* out = reinterpret_cast<std::uint32_t*>(data + row * stride);
    for (std::size_t column = 0; column < columns; ++column)
      out[column] = packed(pixels[row * columns + column]);
  }
  cairo_surface_mark_dirty(image.get());

  cairo_t* context = surface_->context.get();
  cairo_save(context);
  cairo_translate(context, box.left, box.top);
  cairo_scale(context, box.width / static_cast<double>(columns), box.height / static_cast<double>(rows));
  cairo_set_source_surface(context, image.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST);
  cairo_new_path(context);
  cairo_rectangle(context, 0, 0, static_cast<double>(columns), static_cast<double>(rows));
  cairo_fill(context);
  cairo_restore(context);
}

void Canvas::clipped(const Box& box, const std::function<void()>& drawing) {
  cairo_t* context = surface_->context.get();
  cairo_save(context);
  cairo_new_path(context);
  cairo_rectangle(context, box.left, box.top, box.width, box.height);
  cairo_clip(context);
  drawing();
  cairo_restore(context);
}

std::string Canvas::finish(const std::string& title, const std::string& description) {
  Surface& s = *surface_;
  check(cairo_status(s.context.get()));
  s.context.reset();
  if (s.format == Format::png) {
    check(cairo_surface_write_to_png_stream(s.surface.get(), append, &s.bytes));
  } else {
    cairo_surface_finish(s.surface.get());
    check(cairo_surface_status(s.surface.get()));
  }
  s.surface.reset();
  return s.format == Format::svg ? completed_svg(std::move(s.bytes), title, description) : std::move(s.bytes);
}

}  // namespace micrograd::plot
