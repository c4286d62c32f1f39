// The data and the gradients of many leaves at once, to and from arrays: what `data()`, `set_data` and their
// like do, without asking for each leaf what is the same for all.
#pragma once

#include <span>

#include <micrograd/engine/value.hpp>

namespace micrograd {

// Each array holds a number for each leaf, in order. Where one of the leaves is refused, as the methods of
// Value would, those before it have been changed.

void read_data(std::span<const Value> leaves, std::span<double> data);
void read_grads(std::span<const Value> leaves, std::span<double> grads);
void read_leaves(std::span<const Value> leaves, std::span<double> data, std::span<double> grads);

void write_data(std::span<const Value> leaves, std::span<const double> data);
void write_leaves(std::span<const Value> leaves, std::span<const double> data, std::span<const double> grads);
/// The same gradient for all.
void write_grads(std::span<const Value> leaves, double grad);
void add_grads(std::span<const Value> leaves, std::span<const double> contributions);

}  // namespace micrograd
