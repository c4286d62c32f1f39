// Finds a row's kernel among those compiled for the targets.
#include <micrograd/compiler/kernels.hpp>

#include <algorithm>
#include <string>
#include <string_view>

#include <hwy/detect_targets.h>

#include <micrograd/compiler/products.hpp>
#include <micrograd/compiler/slot_rows.hpp>
#include <micrograd/compiler/terms.hpp>
#include <micrograd/error.hpp>
#include <micrograd/simd/accuracy.hpp>

namespace micrograd::compiler {
namespace {

/// What is known of a row once its type is gone.
template <class Real>
struct Entry {
  std::string_view name;
  std::size_t operands;
  double ulp;
  Kernel<Real> (*plain)(unsigned uniform);
};

/// Rows that are made of several functions: measured by tests/compiler/kernels_test.cpp.
struct Composed {
  std::string_view name;
  double ulp_double;
  double ulp_float;
};
constexpr Composed composed[] = {
    {"pow_number", 2, 2}, {"number_pow", 2, 2}, {"elu", 6, 5},       {"sigmoid", 3, 3},
    {"softplus", 6, 6},   {"gelu", 6, 24},      {"silu", 4, 4},      {"leaky_relu", 0, 1},
    {"digamma", 0, 0},    {"lgamma", 0, 0},     {"polygamma", 0, 0},
};

/// The function's own bound and that of the scalar function it is compared with, which is computed in double.
template <class Real>
double ulp_of(const OpInfo& row) {
  constexpr bool is_double = std::is_same_v<Real, double>;
  const auto* const found = std::ranges::find(composed, row.name, &Composed::name);
  if (found != std::end(composed)) return is_double ? found->ulp_double : found->ulp_float;
  const simd::Accuracy* const function = simd::accuracy_of(row.name);
  if (function == nullptr) return 0;
  return is_double ? row.ulp + function->ulp_double : 1 + function->ulp_float;
}

template <class Real>
const Entry<Real>& entry(std::size_t code) {
  static const auto entries = [] {
    std::array<Entry<Real>, KernelOps::size> list{};
    std::size_t next = 0;
    KernelOps::for_each([&]<class Op>() {
      list[next++] = {Op::info.name, arity<Op>, ulp_of<Real>(Op::info), kernel_of<Op, Real>};
    });
    return list;
  }();
  if (code >= entries.size()) {
    throw UsageError("kernel: no such row (got code " + std::to_string(code) + ", expected less than " +
                     std::to_string(entries.size()) + "); a row of your own has kernel_of<Row, Real>()");
  }
  return entries[code];
}

/// `compiled` for the target, a template over it; for machines without lanes what `plain` gives.
template <class Compiled, class Plain>
auto in_target([[maybe_unused]] simd::Target target, [[maybe_unused]] const Compiled& compiled,
               const Plain& plain) {
#if HWY_ARCH_X86
  using simd::Target;
  switch (target) {
    case Target::scalar:
      break;
    case Target::sse4:
      return compiled.template operator()<Target::sse4>();
    case Target::avx2:
      return compiled.template operator()<Target::avx2>();
    case Target::avx3:
      return compiled.template operator()<Target::avx3>();
  }
#endif
  return plain();
}

}  // namespace

template <class Real>
Kernel<Real> kernel(std::size_t code, unsigned uniform, simd::Target target) {
  const Entry<Real>& row = entry<Real>(code);
  if (uniform >= 1U << row.operands) {
    throw UsageError("kernel: a uniform operand that " + std::string(row.name) +
                     " does not have (got the bits " + std::to_string(uniform) + ", expected less than " +
                     std::to_string(1U << row.operands) + ")");
  }
  if (std::ranges::find(simd::targets(), target) == simd::targets().end()) {
    throw UsageError("kernel: this machine cannot run the target (got " + std::string(simd::name(target)) +
                     ", expected at most " + std::string(simd::name(simd::best_target())) + ")");
  }
  const auto compiled = [&]<simd::Target one>() { return kernel_in<one, Real>(code, uniform); };
  const Kernel<Real> found = in_target(target, compiled, [] { return Kernel<Real>{}; });
  return found != nullptr ? found : row.plain(uniform);
}

template <class Real>
double kernel_ulp(std::size_t code) {
  return entry<Real>(code).ulp;
}

template <class Real>
TermRunner<Real> term_runner(simd::Target target) {
  return in_target(
      target, []<simd::Target one>() { return term_runner_in<one, Real>(); },
      [] { return TermRunner<Real>{run_terms<OneNumber<Real>>, OneNumber<Real>::count}; });
}

template <class Real>
ProductRunner<Real> product_runner(simd::Target target) {
  return in_target(
      target, []<simd::Target one>() { return product_runner_in<one, Real>(); },
      [] {
        using Pack = OneNumber<Real>;
        constexpr TileShape tile{2, 4};
        return ProductRunner<Real>{.load = load_rows<Pack, Real>,
                                   .save = save_rows<Pack, Real>,
                                   .gather = gather_places<Pack, Real>,
                                   .sum = sum_places<Pack, Real>,
                                   .multiply = multiply<Pack, tile, Real>,
                                   .add_products = add_products<Pack, tile, Real>,
                                   .panel = panel_width<Pack, tile>};
      });
}

template ProductRunner<double> product_runner(simd::Target target);
template ProductRunner<float> product_runner(simd::Target target);
template TermRunner<double> term_runner(simd::Target target);
template TermRunner<float> term_runner(simd::Target target);
template Kernel<double> kernel(std::size_t code, unsigned uniform, simd::Target target);
template Kernel<float> kernel(std::size_t code, unsigned uniform, simd::Target target);
template double kernel_ulp<double>(std::size_t code);
template double kernel_ulp<float>(std::size_t code);

}  // namespace micrograd::compiler
