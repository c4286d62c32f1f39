// What all drawings in DOT, the language of Graphviz, share: the look that micrograd is known for, a box for
// each number and a bubble for each operation, and labels that come through Graphviz as they are.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace micrograd::drawing {

/// Beyond so many boxes a fair layout soon is better than the best one later.
inline constexpr std::size_t large = 300;

inline constexpr std::string_view grey = "#B8BDC4";
inline constexpr std::string_view grey_text = "#6B7480";
inline constexpr std::string_view teal = "#2F6F6B";  ///< of bubbles

// Attributes of boxes, to be written behind others.
inline constexpr std::string_view leaf = R"(, fillcolor="#E8F1FB")";
inline constexpr std::string_view constant = R"(, fillcolor="#F6F7F8", color="#B8BDC4", fontcolor="#6B7480")";
inline constexpr std::string_view result = R"(, fillcolor="#FFF1D6", color="#B7791F", penwidth=1.6)";

/// `text` as it must stand between the quotes of a label to look like `text`; in a record's label (a box)
/// more has a meaning. Bytes that are not UTF-8 become U+FFFD.
std::string escape(std::string_view text, bool record);

struct Opening {
  bool top_down = false;  ///< from the top to the bottom rather than from left to right
  bool in_a_hurry = false;
};
/// How a drawing begins. Boxes follow.
std::string opening(const Opening& how);

/// Stands before the bubbles.
inline constexpr std::string_view bubbles =
    R"(  node [shape=ellipse, width=0.35, height=0.35, margin="0.06,0.03"];
  node [fontsize=14, fontcolor=white, fillcolor="#2F6F6B", color="#2F6F6B"];
)";

/// A `…` in place of operands of bubble `op<id>` that were left out.
std::string cut_mark(std::string_view id);
/// Says how many were left out, in the plural if need be; nothing for 0.
std::string cut_note(std::size_t count, std::string_view what);

}  // namespace micrograd::drawing
