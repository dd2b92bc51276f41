"""An array as kernels see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from insitu.devices.compiled import flat_parameters
from insitu.random import offset

if TYPE_CHECKING:
    from insitu.arrays.crossbar import Crossbar

#: arrays that kernels see as they are
_SHARED = (
    *("g", "writes", "cell", "lifetime", "weights", "variance", "frozen", "live", "n_live"),
    *("base", "base_variance", "chop", "reach", "stray", "amplified", "jumps"),
)


def state_of(array: Crossbar) -> Any:
    """Return the ArrayState of an array: its own memory, not a copy."""
    from insitu.kernels.state import ArrayState

    law = np.array(flat_parameters(array.device))
    if not (array.device.spread.on or array.encoding.digital):
        law[:2] = array.cell[:2, 0, 0, 0]  # single precision, as g is: a law never sees a state outside its range
    noise, longest = array.device.read_noise, max(array.rows, array.columns)
    low, zero, high = array.encoding.encode(np.array([array.encoding.w_min, 0.0, array.encoding.w_max]), array.device).T
    above = (high - zero) / (array.encoding.w_max or 1.0)
    below = (zero - low) / (-array.encoding.w_min or 1.0)
    return ArrayState(
        **{name: getattr(array, name) for name in _SHARED},
        law=law,
        gains=array.map.gains,
        signs=array.map.signs,
        zero=np.ascontiguousarray(zero),
        above=np.ascontiguousarray(above),
        below=np.ascontiguousarray(below),
        lines=np.empty((5, longest), np.int32),
        words=np.empty((3, longest), np.uint64),
        ups=np.empty((3, longest), np.uint8),
        offset=float(array.map.offset),
        read_cv=float(noise.cv or 0.0),
        read_sd=float(noise.sd or 0.0),
        jump=float((array.device.telegraph.jump or 0.0) / 2),
        noisy=int(array.noisy),
        tracks=int(array.varies),
        digital=int(array.encoding.digital),
        draws=int(array.device.noisy),
        spread=int(array.device.spread.on),
        mortal=int(array.device.mortal),
        key=np.uint64(array.seed),
        streams=np.uint64(offset(array.index)),
    )
