// A snapshot as JSON, for other programs.
#pragma once

#include <string>

#include <micrograd/graph/snapshot.hpp>

namespace micrograd {

/// One object, one node a line:
///
///     {"root": 2, "cut": 0, "nodes": [
///     {"id":0,"op":"","label":"a","constant":false,"data":2.0,"grad":1.0,"operands":[]},
///     …
///     ]}
///
/// Numbers read back as the same doubles. JSON has no NaN and no infinities: they are the strings "nan",
/// "inf" and "-inf". An operand that was cut is null. Bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string to_json(const Snapshot& graph);

}  // namespace micrograd
