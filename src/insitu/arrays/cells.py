"""The cells of an array as they leave the factory: how they differ follows from the seed alone.

``draw(what, of)`` returns random numbers (planes, columns, rows) of one property of each cell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.cells import Encoding
from insitu.devices.base import Device
from insitu.devices.fabricate import fabricate, lognormal
from insitu.devices.imperfections import ReadNoise, Telegraph
from insitu.random import Stream, normal, offset, uniform

Shared = NDArray[np.bool_]
Draw = Callable[[int, Any], NDArray[np.float64]]
DEAD, STUCK_LOW, STUCK_HIGH, SOUND = range(4)
_NEVER = np.iinfo(np.uint32).max
_LIFE, _FAULT, _JUMPS = 4, 5, 16  # properties; 0 to 3 are CELL_FIELDS


def origin_of(device: Device, encoding: Encoding, seed: int, index: int) -> NDArray[np.uint64]:
    """Return a number () that tells the cells of an array from others; how noisily they are read does not matter."""
    cells = replace(device, read_noise=ReadNoise(), telegraph=Telegraph())
    digest = hashlib.sha256(repr((cells, encoding, int(seed), index)).encode()).digest()
    return np.array(int.from_bytes(digest[:8], "little"), np.uint64)


def drawn(seed: int, index: int, shape: tuple[int, ...]) -> Draw:
    """Return the ``draw`` of the array of this seed, index and shape (planes, columns, rows)."""
    return partial(_drawn, seed, index, shape)


def _drawn(seed: int, index: int, shape: tuple[int, ...], what: int, of: Any) -> NDArray[np.float64]:
    return np.asarray(of(seed, Stream.FABRICATE + offset(index), int(np.prod(shape)), what)).reshape(shape)


def parameters(device: Device, shared: Shared, draw: Draw) -> NDArray[np.float32]:
    """Return the (4, planes, columns, rows) parameters of each cell, or (4, 1, 1, 1) if all are equal.

    ``shared`` (planes,) says whether one cell serves all rows of a column.
    """
    if not device.spread.on:
        return fabricate(device, np.zeros((4, 1, 1, 1))).astype(np.float32)
    z = np.stack([draw(what, normal) for what in range(4)])
    share(z, shared)
    return fabricate(device, z).astype(np.float32)


def fault_kinds(device: Device, shared: Shared, draw: Draw) -> NDArray[np.int64]:
    """Return of each cell (planes, columns, rows) whether it is DEAD, STUCK_LOW, STUCK_HIGH or SOUND."""
    faults = device.faults
    edges = np.cumsum([faults.dead or 0.0, faults.stuck_low or 0.0, faults.stuck_high or 0.0])
    u = draw(_FAULT, uniform)
    share(u, shared)
    return np.searchsorted(edges, u, side="right")


def share(z: NDArray[np.float64], shared: Shared) -> None:
    """Let all rows of the planes of z (..., planes, columns, rows) that are shared have what the first has."""
    z[..., shared, :, :] = z[..., shared, :, :1]


def lifetimes(device: Device, fault: Callable[[], NDArray[np.int64]], draw: Draw) -> NDArray[np.uint32]:
    """Return the writes that each cell survives, (1, 1, 1) if it is for ever.

    A faulty cell survives none, and keeps the state that its fault gives it.
    """
    if not device.mortal:
        return np.full((1, 1, 1), _NEVER, np.uint32)
    kinds = fault()
    life = np.full(kinds.shape, float(_NEVER))
    if (median := device.endurance.writes) is not None:
        cv = device.endurance.writes_cv or 0.0
        factor = lognormal(cv, draw(_LIFE, normal)) * np.sqrt(1 + cv**2)  # mean 1 -> median 1
        life = np.clip(np.rint(median * factor), 1, _NEVER)
    life[kinds < SOUND] = 0
    return life.astype(np.uint32)


def jumping(device: Device, shared: Shared, draw: Draw) -> NDArray[np.uint8]:
    """Return which cells jump between two levels (planes, columns, rows), (0, 0, 0) if none does."""
    telegraph = device.telegraph
    if not (telegraph.fraction and telegraph.jump):
        return np.zeros((0, 0, 0), np.uint8)
    u = draw(_JUMPS, uniform)
    share(u, shared)
    return (u < telegraph.fraction).astype(np.uint8)
