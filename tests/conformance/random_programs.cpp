// The whole table on the number types of these tests.
#include "instances.hpp"

namespace random_programs {

template Value perform(const Step&, std::span<const Value>, std::span<const Index>, Doubt&);
template Exact perform(const Step&, std::span<const Exact>, std::span<const Index>, Doubt&);
template Bounded<double> perform(const Step&, std::span<const Bounded<double>>, std::span<const Index>,
                                 Doubt&);
template std::vector<Value> run(const Program&, std::vector<Value>, std::span<const Index>, Doubt&);
template std::vector<Exact> run(const Program&, std::vector<Exact>, std::span<const Index>, Doubt&);

}  // namespace random_programs
