// W5: the dot product of two vectors of variables. The gradients add up in the leaves from run to run, as
// they do where several terms of a loss use them.
#include <numeric>
#include <string>
#include <vector>

#include <micrograd/engine/reductions.hpp>
#include "baselines/baselines.hpp"
#include "contestants.hpp"

namespace bench {
namespace {

std::vector<double> numbers(std::size_t count, double first) {
  std::vector<double> result(count);
  for (std::size_t i = 0; i < count; ++i) result[i] = first + static_cast<double>(i % 97) / 64;
  return result;
}

template <class T>
T dot(std::span<const T> x, std::span<const T> y) {
  T total = x[0] * y[0];
  for (std::size_t i = 1; i < x.size(); ++i) total = total + x[i] * y[i];
  return total;
}
micrograd::Value dot(std::span<const micrograd::Value> x, std::span<const micrograd::Value> y) {
  return micrograd::dot(x, y);
}

template <class T>
Run prepare(std::size_t terms) {
  const std::vector<double> a = numbers(terms, 0.25), b = numbers(terms, -0.5);
  return [x = std::vector<T>(a.begin(), a.end()), y = std::vector<T>(b.begin(), b.end())] {
    const T product = dot(std::span(x), std::span(y));
    product.backward();
    return product.data() + x.back().grad() + y.back().grad();
  };
}

}  // namespace

Workload dot_product(std::size_t terms) {
  const double operations = 2.0 * static_cast<double>(terms) - 1;
  Workload workload{
      .name = terms == 1000 ? "W5 dot, 1e3 terms" : "W5 dot, 1e6 terms", .target = 0, .contestants = {}};
  workload.contestants.push_back(
      {"plain", operations, [=] {
         return [loops = plain::Dot(numbers(terms, 0.25), numbers(terms, -0.5))]() mutable {
           return loops.run();
         };
       }});
  workload.contestants.push_back({"micrograd", operations, [=] { return prepare<micrograd::Value>(terms); }});
  workload.contestants.push_back({"classic", operations, [=] { return prepare<classic::Value>(terms); }});
#ifdef MICROGRAD_HAVE_ADOLC
  workload.contestants.push_back({"ADOL-C", operations, [=] {
                                    std::vector<double> inputs = numbers(terms, 0.25);
                                    const std::vector<double> y = numbers(terms, -0.5);
                                    inputs.insert(inputs.end(), y.begin(), y.end());
                                    return [inputs, terms, tape = AdolcTape(operations)]() mutable {
                                      const double product = tape.record(inputs, [terms](auto all) {
                                        return dot(all.first(terms), all.last(terms));
                                      });
                                      const std::vector<double>& gradient = tape.gradient();
                                      return product + gradient[terms - 1] + gradient.back();
                                    };
                                  }});
#endif
  return workload;
}

}  // namespace bench
