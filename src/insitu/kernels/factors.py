"""The changes of many examples, one after the other, each as an outer product."""

from __future__ import annotations

from numba import float32, int64, njit, types, uint64

from insitu.kernels.memory import wiring_at
from insitu.kernels.state import KERNEL


@njit(types.void(uint64, float32[:, ::1], float32[:, ::1], int64), **KERNEL)
def add_all(at, x, d, first):
    """Ask the scheme of a layer for the changes of x (n, rows) and d (n, columns); ``first`` numbers the first of them."""
    one = wiring_at(at)
    for m in range(x.shape[0]):
        one.update(one.learns, x[m], d[m], one.memory, one.numbers, first + m, one.learned)
        if one.carries:
            one.carry(one.read, one.learns, one.memory, one.numbers, first + m, one.counts, one.learned)
