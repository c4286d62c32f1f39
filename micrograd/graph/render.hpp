// Pictures of graphs, drawn in process by the Graphviz library. Part of the library target
// micrograd::pictures, not of micrograd::micrograd.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include <micrograd/graph/snapshot.hpp>

namespace micrograd {

/// How many values a picture shows unless told otherwise. Larger ones take long to lay out and are hard to
/// read.
inline constexpr std::size_t picture_nodes = 500;

/// The drawing as an SVG document. Throws UsageError, with Graphviz's words, if `dot` is not a DOT graph, or
/// if it has more than 10,000 nodes and edges, because layout time grows faster than the square of their
/// number. May be called from several threads; they take turns.
[[nodiscard]] std::string render_svg(std::string_view dot);
/// The same as the bytes of a PNG file. Drawings that would exceed 40 million pixels, or 32,000 on a side,
/// are made smaller to fit.
[[nodiscard]] std::string render_png(std::string_view dot);

/// Draws what `root` was computed from into `file`: .svg, .png, .dot (Graphviz text) or .json (see to_json).
/// Of a graph larger than `options.max_nodes` the newest nodes are shown, and the picture says how many are
/// not. Throws UsageError for any other ending, IoError if the file cannot be written.
void save_picture(const Value& root, const std::filesystem::path& file,
                  const SnapshotOptions& options = {.max_nodes = picture_nodes});

}  // namespace micrograd
