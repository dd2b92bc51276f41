"""Elementary functions as straight-line arithmetic, so that LLVM vectorises the loops that call them.

Only +, -, *, / and sqrt of IEEE 754 are used, in a fixed order and without contraction: the same bits on every machine,
scalar or vector. Importing this module also gives :mod:`insitu.kernels.fmath` its compiled form.
"""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload

from insitu.kernels import fmath


@intrinsic
def _bits_of_double(_context, x):
    """Reinterpret a float64 as int64."""
    return types.int64(types.float64), lambda _c, builder, _s, args: builder.bitcast(args[0], ir.IntType(64))


@intrinsic
def _double_of_bits(_context, x):
    """Reinterpret an int64 as float64."""
    return types.float64(types.int64), lambda _c, builder, _s, args: builder.bitcast(args[0], ir.DoubleType())


_HALF, _16 = np.uint64(0xFFFF), np.uint64(16)
_SUM_SCALE = 1.2247448715341682 / 65536.0  # one over the standard deviation of the sum of eight uniform 16-bit numbers
_ROUND = 6755399441055744.0  # 1.5 * 2**52: adding it rounds a double to an integer held in its low bits
_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10  # Cody and Waite's split of ln 2
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD


@njit(inline="always")
def exp(x):
    """Return e**x with a relative error under 1e-8: x = n ln 2 + r, Taylor series in r to the seventh power.

    States are single precision (6e-8), so more terms would buy nothing.
    """
    x = min(max(np.float64(x), -700.0), 700.0)
    shifted = x * _LOG2_E + _ROUND
    n = shifted - _ROUND
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    p = 1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040)))
    p = 1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * p)))
    return _double_of_bits(_bits_of_double(p) + (_bits_of_double(shifted) << 52))


@njit(inline="always")
def exact_exp(x):
    """Return e**x for x < 700 to 1e-15: ``exp`` with five terms more."""
    x = max(x, -700.0)
    shifted = x * _LOG2_E + _ROUND
    n = shifted - _ROUND
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    p = 1 / 40320 + r * (1 / 362880 + r * (1 / 3628800 + r * (1 / 39916800 + r * (1 / 479001600))))
    p = 1 / 24 + r * (1 / 120 + r * (1 / 720 + r * (1 / 5040 + r * p)))
    p = 1.0 + r * (1.0 + r * (0.5 + r * (1 / 6 + r * p)))
    return _double_of_bits(_bits_of_double(p) + (_bits_of_double(shifted) << 52))


@njit(inline="always")
def log(x):
    """Return ln x for normal x > 0 with an error under 1e-12: x = m 2**e, ln m = 2 artanh((m-1)/(m+1))."""
    bits = _bits_of_double(np.float64(x))
    e = (bits - _SQRT_HALF_BITS) >> 52
    m = _double_of_bits(bits - (e << 52))  # in [sqrt(1/2), sqrt(2))
    s = (m - 1.0) / (m + 1.0)
    q = s * s
    p = 1 / 7 + q * (1 / 9 + q * (1 / 11 + q * (1 / 13)))
    return 2.0 * s * (1.0 + q * (1 / 3 + q * (1 / 5 + q * p))) + e * 0.6931471805599453


@njit(inline="always")
def uniform(word):
    """Map a 32-bit word to the open interval (0, 1)."""
    return (np.float64(np.int64(word)) + 0.5) * 2.3283064365386963e-10  # 2**-32


@njit(inline="always")
def normal(a, b, c, d):
    """Map the four 32-bit words of a Philox block to a standard normal deviate, |z| < 6.2.

    The sum of their eight 16-bit halves is normal but for its light tails (Irwin-Hall, kurtosis 2.85); an odd polynomial,
    fitted to the quantiles, restores them: z is within 0.004 of the exact quantile for |z| < 3.5 and within 0.011 for
    |z| < 4, with variance 1.00002 and kurtosis 3.0004. Inversion to machine precision costs five times as much, for a
    noise that no laboratory knows to three digits.
    """
    low = (a & _HALF) + (b & _HALF) + (c & _HALF) + (d & _HALF)
    high = (a >> _16) + (b >> _16) + (c >> _16) + (d >> _16)
    x = (np.float64(np.int64(low + high)) - 262140.0) * _SUM_SCALE
    q = x * x
    return x * (0.981797980 + q * (0.00510459404 + q * 0.000274450508))


@overload(fmath.exp, inline="always")
def _compiled_exp(x):
    return lambda x: exp(x)


@overload(fmath.log, inline="always")
def _compiled_log(x):
    return lambda x: log(x)
