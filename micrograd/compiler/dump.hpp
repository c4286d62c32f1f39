// Programs as text, for people.
#pragma once

#include <string>

#include <micrograd/compiler/code.hpp>

namespace micrograd::compiler {

/// One instruction a line: its place, what it is, its label; then outputs and guards.
std::string dump(const Code& code);

/// A result in a message: its label, number or operation.
std::string shown(const Code& code, Id id);

}  // namespace micrograd::compiler
