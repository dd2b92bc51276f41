"""What a compiled kernel sees of an array: one tuple of plain arrays and numbers, and the Numba types of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import float32, float64, int8, int32, int64, types, uint8, uint32, uint64
from numpy.typing import NDArray


class ArrayState(NamedTuple):
    """The state of a crossbar in the order in which kernels walk it: cells of one column lie side by side.

    Planes are the devices of one weight (1 for a single device, 2 for a pair, n for n bit slices).
    """

    g: NDArray[np.float32]  #: (planes, columns, rows) conductance, S
    writes: NDArray[np.uint32]  #: (planes, columns, rows) pulses so far
    cell: NDArray[
        np.float32
    ]  #: (4, planes, columns, rows) g_min, g_max, step_up, step_down; (4, 1, 1, 1) without spread
    lifetime: NDArray[np.uint32]  #: (planes, columns, rows) writes until a cell stops; (1, 1, 1) if endless
    weights: NDArray[np.float32]  #: (rows, columns) effective weights, kept current
    live: NDArray[
        np.int32
    ]  #: (columns, rows) the rows whose weight still takes pulses, first ``n_live`` of each column
    n_live: NDArray[np.int64]  #: (columns,)
    law: NDArray[np.float64]  #: parameters of the device, flat, CELL_FIELDS first
    gains: NDArray[np.float64]  #: (planes,) weight = offset + sum of gain * g, 1/S
    signs: NDArray[np.int8]  #: (planes,) polarity of the pulse that raises the weight; 0 takes no pulse
    base: NDArray[
        np.float32
    ]  #: (rows, columns) what more significant arrays add to the weight; (1, 1) if there are none
    chop: NDArray[np.float32]  #: (rows,) +1, or -1 where the part of this array is read with inverted polarity
    offset: float
    key: np.uint64  #: the seed
    streams: np.uint64  #: added to the stream numbers: 16 * index of the array


#: positions in the vector of counts that kernels add to; names are those of ledger.Counts
COUNTS = (
    *("pulses_up", "pulses_down", "reads", "row_drives", "conversions", "digital_ops", "spikes_in", "spikes_out"),
    *("conductance_up", "conductance_down", "products", "verify_reads", "verify_conversions"),
)
PULSES_UP, PULSES_DOWN, READS, ROW_DRIVES, CONVERSIONS, DIGITAL_OPS, SPIKES_IN, SPIKES_OUT = range(8)
CONDUCTANCE_UP, CONDUCTANCE_DOWN, PRODUCTS, VERIFY_READS, VERIFY_CONVERSIONS = range(8, 13)
#: counts of conductance are in this part of g_max: whole numbers add up to the same sum in any order
LEVELS = 65_536.0

STATE_TYPE = types.NamedTuple(
    [
        float32[:, :, ::1],
        uint32[:, :, ::1],
        float32[:, :, :, ::1],
        uint32[:, :, ::1],
        float32[:, ::1],
        int32[:, ::1],
        int64[::1],
        float64[::1],
        float64[::1],
        int8[::1],
        float32[:, ::1],
        float32[::1],
        float64,
        uint64,
        uint64,
    ],
    ArrayState,
)

#: every way to program a column has this signature, so that one compiled network drives any of them:
#: (state, column, up (rows,), rule: see learning.stdp, neuron's spike count, counts)
PROGRAM_TYPE = types.void(STATE_TYPE, int64, uint8[::1], float64[::1], int64, int64[::1])

#: every way to ask a whole array for the change of one example, the outer product of x and d, has this signature:
#: (state, x (rows,), d (columns,), digital memory of the method (rows, columns), method, example number, counts)
UPDATE_TYPE = types.void(STATE_TYPE, float32[::1], float32[::1], float32[:, ::1], float64[::1], int64, int64[::1])

#: and every way to move what one array has learned into another, after an example:
#: (state of the array that takes it, state of the one that has learned, digital memory, method, example number, counts)
CARRY_TYPE = types.void(STATE_TYPE, STATE_TYPE, float32[:, ::1], float64[::1], int64, int64[::1])
