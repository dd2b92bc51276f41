"""Entry points of an array, or of a scheme, that are not used, so that nothing has to be compiled for them."""

from __future__ import annotations

from numba import njit

from insitu.kernels.state import CARRY_TYPE, COLUMN_TYPE, GIVE_TYPE, KERNEL, OVERLAP_TYPE, PROGRAM_TYPE, TUNE_TYPE


@njit(PROGRAM_TYPE, **KERNEL)
def program(_at, _column, _up, _rule, _spikes, _counts):
    """Do nothing."""


@njit(OVERLAP_TYPE, **KERNEL)
def overlap(_at, _rows, _columns, _row_fires, _column_fires, _slots, _x_up, _d_up, _counts):
    """Do nothing."""


@njit(GIVE_TYPE, **KERNEL)
def give(_at, _rows, _columns, _pulses, _only, _counts):
    """Do nothing."""


@njit(TUNE_TYPE, **KERNEL)
def tune(_at, _rows, _columns, _targets, _loop, _counts, _found):
    """Do nothing."""


@njit(COLUMN_TYPE, **KERNEL)
def column(_a, _column, _up, _rule, _memory, _numbers, _spikes, _counts):
    """Stand in for a scheme that takes no columns."""


@njit(CARRY_TYPE, **KERNEL)
def carry(_taker, _fast, _memory, _numbers, _shown, _counts, _learned):
    """Stand in for a scheme that learns in place."""
