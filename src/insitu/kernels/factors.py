"""The changes of many examples, one after the other, each as an outer product."""

from __future__ import annotations

from numba import float32, int64, njit, types

from insitu.kernels.state import KERNEL, WIRING_TYPE


@njit(
    types.void(WIRING_TYPE, float32[:, ::1], float32[:, ::1], int64),
    **KERNEL,
)
def add_all(one, x, d, first):
    """Ask the scheme of a layer for the changes of x (n, rows) and d (n, columns); ``first`` numbers the first of them."""
    for m in range(x.shape[0]):
        one.update(one.learns, x[m], d[m], one.memory, one.numbers, first + m, one.learned)
        if one.carries:
            one.carry(one.read, one.learns, one.memory, one.numbers, first + m, one.counts, one.learned)
