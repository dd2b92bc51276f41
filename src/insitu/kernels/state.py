"""What compiled kernels see of an array: plain arrays and numbers, and the Numba types of them and of all entry points."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import float32, float64, int8, int32, int64, types, uint8, uint32, uint64
from numba.core import event
from numba.core.types import WrapperAddressProtocol
from numpy.typing import NDArray

from insitu.kernels.collecting import Pause

#: events that kernels count, in this order; names are those of ledger.Counts
COUNTS = (
    *("pulses_up", "pulses_down", "reads", "row_drives", "conversions", "digital_ops", "spikes_in", "spikes_out"),
    *("conductance_up", "conductance_down", "products", "verify_reads", "verify_conversions"),
    *("resets", "tuned", "missed", "charges", "clipped", "trains", "cut", "conductance_read", "crossed", "vectors"),
    *("saturated", "activations", "grown_up", "grown_down"),
)
PULSES_UP, PULSES_DOWN, READS, ROW_DRIVES, CONVERSIONS, DIGITAL_OPS, SPIKES_IN, SPIKES_OUT = range(8)
CONDUCTANCE_UP, CONDUCTANCE_DOWN, PRODUCTS, VERIFY_READS, VERIFY_CONVERSIONS = range(8, 13)
RESETS, TUNED, MISSED, CHARGES, CLIPPED, TRAINS, CUT, CONDUCTANCE_READ, CROSSED, VECTORS, SATURATED, ACTIVATIONS = (
    range(13, 25)
)
GROWN_UP, GROWN_DOWN = 25, 26
#: counts of conductance are in this part of g_max: whole numbers add up to the same sum in any order
LEVELS = 65_536.0
#: ... as does how long a line is driven, in this part of a whole read, times its conductance in the same part of g_max
PARTS = 256

#: How all kernels are compiled. Numba counts references to every array that it touches, atomically, which took a third of
#: the time of training; without that a kernel cannot make arrays: it works in the state, in what its caller brings, or on
#: the stack (insitu.kernels.memory).
KERNEL: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "_nrt": False}
event.register("numba:compile", Pause())

#: values of ArrayState.frozen
LIVE, FROZEN, REMOVED = range(3)


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
    variance: NDArray[
        np.float32
    ]  #: (rows, columns) what a read at input 1 adds to the variance, kept current if ``noisy``
    frozen: NDArray[np.uint8]  #: (columns, rows) LIVE, FROZEN (takes no pulse of training) or REMOVED (and reads as 0)
    live: NDArray[
        np.int32
    ]  #: (columns, rows) the rows whose weight still takes pulses, first ``n_live`` of each column
    n_live: NDArray[np.int64]  #: (columns,)
    law: NDArray[np.float64]  #: parameters of the device, flat, CELL_FIELDS first
    gains: NDArray[np.float64]  #: (planes,) weight = offset + sum of gain * g, 1/S
    signs: NDArray[np.int8]  #: (planes,) polarity of the pulse that raises the weight; 0 takes no pulse
    zero: NDArray[np.float64]  #: (planes,) where the encoding places a cell for the part 0, S
    above: NDArray[np.float64]  #: (planes,) and by how much more for each unit of a part above 0, S
    below: NDArray[np.float64]  #: (planes,) the same for a part below 0, S
    base: NDArray[
        np.float32
    ]  #: (rows, columns) what more significant arrays add to the weight; (0, 0) if there are none
    base_variance: NDArray[np.float32]  #: the same of the variance
    chop: NDArray[np.float32]  #: (rows,) +1, or -1 where the part of this array is read with inverted polarity
    reach: NDArray[np.float32]  #: (planes, columns, rows) which part of a cell its wires let through; (0, 0, 0) if all
    stray: NDArray[np.float32]  #: and what other cells add, S: see arrays.wired
    amplified: NDArray[np.float32]  #: by what gain of their column both have been raised; (0, 0, 0) if none
    jumps: NDArray[np.uint8]  #: (planes, columns, rows) whether a cell has telegraph noise; (0, 0, 0) if none has
    lines: NDArray[np.int32]  #: (5, rows or columns, whichever are more): room for lists of lines,
    words: NDArray[np.uint64]  #: (3, the same) for their random numbers,
    ups: NDArray[np.uint8]  #: (3, the same) and for their directions
    offset: float
    read_cv: float  #: of the conductance
    read_sd: float  #: S
    jump: float  #: half of the distance of the two levels, relative to the conductance
    noisy: int  #: whether the variance of a read depends on the cell
    tracks: int  #: whether pulses change it: noise of the cells of this array, not of those above it
    digital: int  #: whether a cell is sensed as 0 or 1, above or below the middle of the range
    draws: int  #: whether a pulse draws a random number, if its law takes one
    spread: int  #: whether cells have properties of their own, else all have those of ``law``
    mortal: int  #: whether there are cells that do not answer, from the start or after their last write
    key: np.uint64  #: the seed
    streams: np.uint64  #: added to the stream numbers


class Loop(NamedTuple):
    """How a closed loop tunes, or by which law a finished write scatters."""

    tolerance: float  #: that a verify accepts, in units of weight
    iterations: int  #: most rounds of pulses
    burst: int  #: most pulses between two verifies
    top: float  #: S, the conductance above which a one-sided device counts as used up
    floor: float  #: a one-sided pair whose target is smaller is only RESET
    blind: int  #: RESET and one burst, without a look
    fresh: int  #: RESET first, whatever the weight is
    error_sd: float  #: of a write by law, S
    tries: int  #: pulses, each with its verify, that a write by law is counted as
    rise_up: float  #: by which part of the first the amplitude of pulses up grows a turn
    rise_down: float
    most_up: float  #: ... and by which part in all, at most
    most_down: float
    steep_up: float  #: logarithm of what a step is at twice the first amplitude, over that at the first
    steep_down: float
    number: int  #: of this call: the time of the noise of its reads


class StdpRule(NamedTuple):
    """What a column gets at an output spike: see learning.stdp."""

    ltp: float
    decay: float
    ltd: float
    low: float  #: lowest weight
    chance_up: float  #: probability that a coincidence becomes a pulse
    chance_down: float


_FLOATS, _WHOLES, _MATRIX = float64[::1], int64[::1], float32[:, ::1]
STATE_TYPE = types.NamedTuple(
    [
        float32[:, :, ::1], uint32[:, :, ::1], float32[:, :, :, ::1], uint32[:, :, ::1], _MATRIX, _MATRIX,
        uint8[:, ::1], int32[:, ::1], _WHOLES, _FLOATS, _FLOATS, int8[::1], _FLOATS, _FLOATS, _FLOATS, _MATRIX, _MATRIX,
        float32[::1], *[float32[:, :, ::1]] * 3, uint8[:, :, ::1], int32[:, ::1], uint64[:, ::1], uint8[:, ::1],
        *[float64] * 4, *[int64] * 6, uint64, uint64,
    ],
    ArrayState,
)  # fmt: skip
LOOP_TYPE = types.NamedTuple(
    [float64, int64, int64, float64, float64, int64, int64, float64, int64, *[float64] * 6, int64], Loop
)  # fmt: skip
RULE_TYPE = types.NamedTuple([float64] * 6, StdpRule)

#: entry points of a device (templates cell, rows, tuning, or bits), which get the address of the state of an array: a step
#: each for the live codes of a column ...
PROGRAM_TYPE = types.void(uint64, int64, uint8[::1], RULE_TYPE, int64, _WHOLES)
#: ... a pulse for all live weights where firing rows and columns meet ...
OVERLAP_TYPE = types.void(
    uint64, int32[::1], int32[::1], uint64[::1], uint64[::1], int64, uint8[::1], uint8[::1], _WHOLES
)
#: ... signed numbers of pulses for listed weights, of both polarities (0) or of one alone (1, -1) ...
GIVE_TYPE = types.void(uint64, _WHOLES, _WHOLES, _WHOLES, int64, _WHOLES)
#: ... and listed weights tuned to targets; the last argument gets what the last verify of each has read
TUNE_TYPE = types.void(uint64, _WHOLES, _WHOLES, _FLOATS, LOOP_TYPE, _WHOLES, _FLOATS)


class Array(NamedTuple):
    """An array and what can be done to it."""

    at: Any  #: address of its ArrayState
    program: Any
    overlap: Any
    give: Any
    tune: Any  #: by pulses, or by the statistical law of the device


ARRAY_TYPE = types.NamedTuple(
    [uint64, *map(types.FunctionType, (PROGRAM_TYPE, OVERLAP_TYPE, GIVE_TYPE, TUNE_TYPE))], Array
)

#: entry points of a scheme. The change of one example is the outer product of x (rows,) and d (columns,):
#: (array, x, d, memory (k, rows, columns), numbers of the scheme, number of the example, counts)
UPDATE_TYPE = types.void(
    ARRAY_TYPE, float32[::1], float32[::1], float32[:, :, ::1], _FLOATS, int64, _WHOLES
)  # fmt: skip
#: ... of one column, by STDP: (array, column, up (rows,), rule, memory, numbers, spike count of the neuron, counts)
COLUMN_TYPE = types.void(ARRAY_TYPE, int64, uint8[::1], RULE_TYPE, float32[:, :, ::1], _FLOATS, int64, _WHOLES)
#: ... of all weights: (array, change (rows, columns), memory, numbers, number of the update, counts)
DENSE_TYPE = types.void(ARRAY_TYPE, _MATRIX, float32[:, :, ::1], _FLOATS, int64, _WHOLES)
#: ... and what one array has learned moves into another: (array that takes it, array that has learned, ..., counts of both)
CARRY_TYPE = types.void(ARRAY_TYPE, ARRAY_TYPE, float32[:, :, ::1], _FLOATS, int64, _WHOLES, _WHOLES)


class Read(NamedTuple):
    """What reads of a layer of weights want to know; small, for loops over layers copy it."""

    weights: NDArray[np.float32]  #: (rows, columns)
    variance: NDArray[np.float32]  #: (rows, columns), or (1, 1) if all are alike
    noisy: int  #: whether the variance of a read depends on the cell
    planes: int  #: devices that a read of one weight drives
    output_variance: float  #: of the circuits that read a line, in units of the sum squared
    key: np.uint64
    streams: np.uint64
    rows_a_part: int  #: driven lines whose currents add up before they are converted: those of a tile, or all
    columns_a_part: int  #: the same of a transposed read
    together: int  #: whether signed inputs take one read, else one a sign
    dac: float  #: levels of an input above 0; 0 is an ideal one
    adc: float  #: levels of a sum above 0; 0 is an ideal one
    ranges: NDArray[np.float64]  #: (2,) largest sum that is converted, forwards and transposed, at inputs of 1; 0: any
    sums: NDArray[np.int64]  #: (2, bins) how many sums of which size were seen; (0, 0) if they are not looked at


class Wiring(NamedTuple):
    """One layer of weights as it learns."""

    read: Any  #: Array with the effective weights
    learns: Any  #: Array that gets the pulses; another one if what it learns is carried
    update: Any
    column: Any
    carry: Any
    carries: int  #: whether there is anything to carry
    memory: NDArray[np.float32]  #: (k, rows, columns) digital memory of the scheme
    numbers: NDArray[np.float64]  #: of the scheme
    counts: NDArray[np.int64]  #: of events of ``read``
    learned: NDArray[np.int64]  #: of events of ``learns``; the same if that is the same array
    feedback: NDArray[np.float32]  #: (inputs, outputs) through which errors go back; (0, 0) if through the weights


READ_TYPE = types.NamedTuple(
    [
        _MATRIX,
        _MATRIX,
        int64,
        int64,
        float64,
        uint64,
        uint64,
        int64,
        int64,
        int64,
        float64,
        float64,
        _FLOATS,
        int64[:, ::1],
    ],
    Read,
)
WIRING_TYPE = types.NamedTuple(
    [
        ARRAY_TYPE, ARRAY_TYPE, *map(types.FunctionType, (UPDATE_TYPE, COLUMN_TYPE, CARRY_TYPE)), int64,
        float32[:, :, ::1], _FLOATS, _WHOLES, _WHOLES, _MATRIX,
    ],
    Wiring,
)  # fmt: skip


class Pointer(WrapperAddressProtocol):
    """A compiled function of one signature as a value, that other compiled functions take inside a tuple."""

    def __init__(self, function: Any, signature: Any) -> None:
        self.function, self._signature = function, signature
        compiled = function.get_compile_result(signature)
        self._address = compiled.library.get_pointer_to_function(compiled.fndesc.llvm_cfunc_wrapper_name)

    def __wrapper_address__(self) -> int:
        return int(self._address)

    def signature(self) -> Any:
        """Return the Numba signature."""
        return self._signature


def entry(function: Any) -> Any:
    """Return the one compiled form of a function, called without looking up types (0.05 instead of 0.5 ms)."""
    (compiled,) = function.overloads.values()
    return compiled.entry_point
