#!/usr/bin/python3
"""Writes ops_golden.csv: values and partial derivatives of every operation, from mpmath at 60 digits.

The formulas are the textbooks' and know nothing of the C++ rows; at ordinary points each partial is also
checked against a numeric derivative. Run as: /usr/bin/python3 make_ops_golden.py
(Debian package python3-mpmath).
"""
import itertools
import pathlib

import mpmath
from mpmath import mp, mpf

mp.dps = 60
LARGEST = mpf(2) ** 1024 * (1 - mpf(2) ** -54)  # what is beyond rounds to infinity
NUMBER = "number"  # in place of a partial: the operand is a plain number and has none


def exp(x):
    """e^x; beyond +-100,000, where doubles have long overflowed or underflowed, that of the bound."""
    return mpmath.exp(max(min(mpf(x), mpf(10) ** 5), -mpf(10) ** 5))


def bounded(f):
    return lambda x: f(max(min(mpf(x), mpf(10) ** 5), -mpf(10) ** 5))


sinh, cosh, tanh, expm1 = (bounded(f) for f in (mpmath.sinh, mpmath.cosh, mpmath.tanh, mpmath.expm1))
TINY = (1e-300, 1e-10)
HUGE = (1e10, 1e300)
ORDINARY = (0.1, 0.5, 0.7071, 0.9375, 1.0, 1.5, 2.0, 3.0, 7.25)


def signed(*points):
    return [sign * x for x in points for sign in (1, -1)]


REAL = signed(*ORDINARY, *TINY, *HUGE)
POSITIVE = [*ORDINARY, *TINY, *HUGE, 0.25, 0.3, 1.0000001, 0.9999999, 2.5, 4.0, 12.75, 100.0, 1e-3, 1e-5,
            1e5, 1e100]
UNIT = signed(0.1, 0.25, 0.3, 0.5, 0.7071, 0.9, 0.9375, 0.99, 0.999999, 1e-5, 1e-8, *TINY)
MODERATE = signed(*ORDINARY, 20.0, 40.0, 300.0, 700.0, *TINY)
PAIRS = [(0.5, 2.0), (1.0, 3.0), (-1.25, 0.3), (2.5, -0.75), (-3.0, -7.25), (0.1, 0.2), (0.1, -0.3),
         (1 / 3, 3.0),
         (1e-300, 2.0), (2.0, 1e-300), (1e-10, -1e-10), (-1e-10, 3.0), (1e-300, 1e-300), (1e10, 0.7),
         (0.7, -1e10),
         (1e300, 1.5), (-1.5, 1e300), (1e10, 1e10), (1e300, 1e300), (-1e300, 1e-300), (3.0, 4.0),
         (-5.0, 12.0),
         (1.0000001, 1.0), (-0.0625, 0.9), (100.0, 0.01)]
POWERS = [(x, y) for x in (0.1, 0.9999, 1.5, 2.0, 7.25) for y in (0.5, 2.0, 3.0, -1.0, -2.5)]
POWERS += [(1e-300, 0.5), (1e-300, 1.0), (1e-10, 2.0), (1e10, -3.0), (1e300, 0.25), (1e300, -0.5),
           (1e300, 2.0),
           (2.0, 1e-10), (2.0, -1e-300), (3.0, 700.0), (1.0000001, 1e8), (2.0, -1000.0)]
NEGATIVE_POWERS = [(-2.0, 3.0), (-2.0, 2.0), (-0.3, -1.0), (-1e10, 5.0), (-1e-10, -3.0)]
TRIPLES = [(x, y, z) for (x, y), z in zip(PAIRS[:8] + PAIRS[13:25], itertools.cycle((0.25, -1.5, 1e-10, 3.0,
           1e10)))]
TRIPLES += [(0.1, 10.0, -1.0), (1 / 3, 3.0, -1.0), (1e-300, 1e10, 1e-290), (1e300, 1.5, -1e300),
            (1e300, 2.0, 1e-300)]
ABOVE_ONE = [1.0000001, 1.001, 1.01, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 7.25, 10.0, 20.0,
             100.0, 1e3,
             1e5, 1e8, 1e10, 1e50, 1e100, 1e200, 1e300]
ABOVE_MINUS_ONE = [*POSITIVE, -0.1, -0.5, -0.9, -0.999, -1e-10, -1e-300]
GAMMA = [*POSITIVE, 1.0000001, 1.4, 1.5, 6.0, 20.5, -0.5, -0.1, -1.5, -2.3, -3.7, -10.25]
ROUNDABLE = signed(0.25, 0.7, 1.0, 1.2, 1.75, 2.4, 2.6, 3.3, 7.9, 1e-10, 1e-300, 4503599627370495.5, 1e300)
SIGNS = [p for p in PAIRS if p[0] != p[1]]


# Where a search of a million points found glibc 2.36 or the row least exact.
HARDEST = {"cbrt": "0x1.868eef92dcf92p-9", "tanh": "0x1.78f04734244bap-3", "sinh": "0x1.64752d96b2a54p-1",
           "cosh": "0x1.a56f399ffbc37p+3", "asinh": "0x1.0d5a599ca67c2p-1", "acosh": "0x1.0001ff6afc4bap+0",
           "atanh": "0x1.d9f77f6be599dp-2", "erf": "0x1.d14134549ce52p-5", "erfc": "0x1.3b833cd02971p+0",
           "log10": "0x1.babff5a1de3e4p-1", "log1p": "0x1.b853bf3421a8dp+0", "expm1": "0x1.1aade306becf8p+0",
           "sigmoid": "-0x1.25fb05a1f021p+5", "softplus": "-0x1.bb58fc8f877p+2",
               "silu": "-0x1.26cfa2cedf13p+5",
           "gelu": "-0x1.7f93dcd9fd492p+1", "lgamma": "0x1.00cdac80c9438p+3"}


def logistic(x):
    return 1 / (1 + exp(-x))


def erf_slope(x):
    return 2 / mpmath.sqrt(mpmath.pi) * exp(-mpf(x) ** 2)


def normal(x):
    return mpmath.erfc(-max(min(mpf(x), mpf(1000)), mpf(-1000)) / mpmath.sqrt(2)) / 2


def density(x):
    return exp(-mpf(x) ** 2 / 2) / mpmath.sqrt(2 * mpmath.pi)


def sign(x):
    return mpf(1) if x > 0 else mpf(-1)


def one_if(condition):
    return mpf(1) if condition else mpf(0)




def zero(*_):
    return mpf(0)


def one(*_):
    return mpf(1)


# name: points, value, one partial an operand, and, where the partial by the first operand is computed as a
# difference of terms from a rounded result, the size of those terms (the digits that cancel are lost).
ROWS = {
    "+": (PAIRS, lambda x, y: x + y, one, one),
    "-": (PAIRS, lambda x, y: x - y, one, lambda x, y: mpf(-1)),
    "*": (PAIRS, lambda x, y: x * y, lambda x, y: y, lambda x, y: x),
    "/": (PAIRS, lambda x, y: x / y, lambda x, y: 1 / y, lambda x, y: -x / y**2),
    "neg": (REAL, lambda x: -x, lambda x: mpf(-1)),
    "fma": (TRIPLES, lambda x, y, z: x * y + z, lambda x, y, z: y, lambda x, y, z: x, one),
    "square": (REAL, lambda x: x * x, lambda x: 2 * x),
    "sqrt": (POSITIVE, mpmath.sqrt, lambda x: x ** mpf(-0.5) / 2),
    "cbrt": ([*POSITIVE, -0.5, -1.0, -2.0, -8.0, -1e-10, -1e300], lambda x: sign(x) * mpmath.cbrt(abs(x)),
             lambda x: abs(x) ** (mpf(-2) / 3) / 3),
    "hypot": (PAIRS, mpmath.hypot, lambda x, y: x / mpmath.hypot(x, y), lambda x, y: y / mpmath.hypot(x, y)),
    "exp": ([*MODERATE, 1e300, -1e300], exp, exp),
    "exp2": ([*MODERATE, 1e300, -1e300], lambda x: exp(x * mpmath.log(2)),
             lambda x: mpmath.log(2) * exp(x * mpmath.log(2))),
    "expm1": ([*MODERATE, 1e300, -1e300], expm1, exp, None, None, lambda x: mpf(1)),
    "log": (POSITIVE, mpmath.log, lambda x: 1 / x),
    "log1p": (ABOVE_MINUS_ONE, mpmath.log1p, lambda x: 1 / (1 + x)),
    "log2": (POSITIVE, lambda x: mpmath.log(x) / mpmath.log(2), lambda x: 1 / (x * mpmath.log(2))),
    "log10": (POSITIVE, lambda x: mpmath.log(x) / mpmath.log(10), lambda x: 1 / (x * mpmath.log(10))),
    "pow_number": (POWERS + NEGATIVE_POWERS, lambda x, n: x**n, lambda x, n: n * x ** (n - 1), NUMBER),
    "number_pow": (POWERS, lambda b, x: b**x, NUMBER, lambda b, x: b**x * mpmath.log(b)),
    "pow": (POWERS, lambda x, y: x**y, lambda x, y: y * x ** (y - 1), lambda x, y: x**y * mpmath.log(x)),
    "sin": (REAL, mpmath.sin, mpmath.cos),
    "cos": (REAL, mpmath.cos, lambda x: -mpmath.sin(x)),
    "tan": (REAL, mpmath.tan, lambda x: mpmath.sec(x) ** 2),
    "asin": (UNIT, mpmath.asin, lambda x: 1 / mpmath.sqrt(1 - x * x)),
    "acos": (UNIT, mpmath.acos, lambda x: -1 / mpmath.sqrt(1 - x * x)),
    "atan": (REAL, mpmath.atan, lambda x: 1 / (1 + x * x)),
    "atan2": (PAIRS, mpmath.atan2, lambda x, y: y / (x * x + y * y), lambda x, y: -x / (x * x + y * y)),
    "sinh": (MODERATE, sinh, cosh),
    "cosh": (MODERATE, cosh, sinh),
    "tanh": ([*MODERATE, 1e300], tanh, lambda x: 1 / cosh(x) ** 2, None, None, lambda x: mpf(1)),
    "asinh": (REAL, mpmath.asinh, lambda x: 1 / mpmath.sqrt(1 + x * x)),
    "acosh": (ABOVE_ONE, mpmath.acosh, lambda x: 1 / mpmath.sqrt(x * x - 1)),
    "atanh": (UNIT, mpmath.atanh, lambda x: 1 / (1 - x * x)),
    "erf": (MODERATE, lambda x: mpmath.erf(x), erf_slope),
    "erfc": ([*signed(*ORDINARY, *TINY), 15.0, 20.0, 26.0, 30.0], lambda x: mpmath.erfc(x),
             lambda x: -erf_slope(x)),
    "lgamma": (GAMMA, lambda x: mpmath.re(mpmath.loggamma(x)), lambda x: mpmath.psi(0, x)),
    "digamma": (GAMMA, lambda x: mpmath.psi(0, x), lambda x: mpmath.psi(1, x)),
    "polygamma": ([(n, x) for n in (1.0, 2.0, 3.0) for x in GAMMA if 1e-60 < abs(x) < 1e60],
                  lambda n, x: mpmath.psi(int(n), x), NUMBER, lambda n, x: mpmath.psi(int(n) + 1, x)),
    "abs": (REAL, abs, sign),
    "min": (SIGNS, min, lambda x, y: one_if(x < y), lambda x, y: one_if(y < x)),
    "max": (SIGNS, max, lambda x, y: one_if(x > y), lambda x, y: one_if(y > x)),
    "copysign": (SIGNS, lambda x, y: abs(x) * sign(y), lambda x, y: sign(x) * sign(y), zero),
    "floor": (ROUNDABLE, mpmath.floor, zero),
    "ceil": (ROUNDABLE, mpmath.ceil, zero),
    "round": (ROUNDABLE, lambda x: sign(x) * mpmath.floor(abs(x) + mpf(0.5)), zero),
    "trunc": (ROUNDABLE, lambda x: sign(x) * mpmath.floor(abs(x)), zero),
    "select": (PAIRS, lambda x, y: x, one, zero),
    "select_else": (PAIRS, lambda x, y: y, zero, one),
    "ReLU": (REAL, lambda x: x if x > 0 else mpf(0), lambda x: one_if(x > 0)),
    "leaky_relu": ([(x, s) for x in REAL for s in (0.01, 0.3)], lambda x, s: x if x > 0 else s * x,
                   lambda x, s: one() if x > 0 else s, NUMBER),
    "elu": ([(x, s) for x in REAL for s in (1.0, 0.7)], lambda x, s: x if x > 0 else s * expm1(x),
            lambda x, s: one() if x > 0 else s * exp(x), NUMBER, None, lambda x, s: s),
    "sigmoid": ([*MODERATE, 1e300, -1e300], logistic, lambda x: logistic(x) * logistic(-x),
                None, None, logistic),
    "softplus": ([*MODERATE, 1e300, -1e300], lambda x: mpmath.log1p(exp(x)) if x < 1000 else x, logistic),
    "gelu": ([*signed(*ORDINARY, *TINY), -0.75, -5.0, -9.0, 12.0, 1e300, -1e300], lambda x: x * normal(x),
             lambda x: normal(x) + x * density(x), None, None, lambda x: abs(x * density(x))),
    "silu": ([*MODERATE, -1.25, 1e300, -1e300], lambda x: x * logistic(x),
             lambda x: logistic(x) * (1 + x * logistic(-x)), None, None, lambda x: abs(x * logistic(x))),
}


def is_ordinary(point):
    return all(1e-4 < abs(x) < 30 for x in point)


def check_partial(name, value, partial, point, place):
    """The closed form agrees with a numeric derivative of the value."""
    def along(t):
        return value(*(t if i == place else mpf(x) for i, x in enumerate(point)))
    numeric = mpmath.diff(along, mpf(point[place]), h=mpf(10) ** -25)
    closed = partial(*map(mpf, point))
    tolerance = mpf(10) ** -18 * (abs(closed) + mpf(10) ** -3)
    assert abs(numeric - closed) <= tolerance, (name, point, numeric, closed)


def written(x):
    """30 digits, more than a long double holds; infinite where a double would be, and 0 far below any."""
    x = mpf(x)
    if abs(x) >= LARGEST:
        return "inf" if x > 0 else "-inf"
    if abs(x) < mpf(10) ** -400:
        return "0.0"
    return mpmath.nstr(x, 30, min_fixed=-5, max_fixed=20)


def lines():
    for name, (points, value, *rest) in ROWS.items():
        partials, terms = (rest + [None] * 4)[:3], (rest + [None] * 4)[3]
        points = dict.fromkeys((p if isinstance(p, tuple) else (p,)) for p in points)
        if name in HARDEST:
            points[(float.fromhex(HARDEST[name]),)] = None
        for point in points:
            exact = tuple(map(mpf, point))
            fields = [name, *(repr(float(x)) for x in point), *[""] * (3 - len(point)),
                      written(value(*exact))]
            for place, partial in enumerate(partials):
                known = partial is not None and partial is not NUMBER
                fields.append(written(partial(*exact)) if known else "")
                if known and is_ordinary(point) and name not in ("floor", "ceil", "round", "trunc"):
                    check_partial(name, value, partial, point, place)
            yield ",".join([*fields, written(terms(*exact)) if terms is not None else "0.0"])


def main():
    out = pathlib.Path(__file__).with_name("ops_golden.csv")
    header = [f"# Made by make_ops_golden.py with mpmath {mpmath.__version__}, {mp.dps} digits; do not edit.",
              "# Empty: no such operand, or one that is a plain number and has no partial. terms: size of the",
              "# terms of which the partial by x is a difference, known to only that many 2^-53; 0 if none.",
              "row,x,y,z,value,dx,dy,dz,terms"]
    out.write_text("\n".join([*header, *lines()]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
