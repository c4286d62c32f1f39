// Random programs on the number types of these tests, which random_programs.cpp compiles once for all of
// them.
#pragma once

#include "random_programs.hpp"

namespace random_programs {

using Exact = Dual<Bounded<double>>;

extern template Value perform(const Step&, std::span<const Value>, std::span<const Index>, Doubt&);
extern template Exact perform(const Step&, std::span<const Exact>, std::span<const Index>, Doubt&);
extern template Bounded<double> perform(const Step&, std::span<const Bounded<double>>, std::span<const Index>,
                                        Doubt&);
extern template std::vector<Value> run(const Program&, std::vector<Value>, std::span<const Index>, Doubt&);
extern template std::vector<Exact> run(const Program&, std::vector<Exact>, std::span<const Index>, Doubt&);

}  // namespace random_programs
