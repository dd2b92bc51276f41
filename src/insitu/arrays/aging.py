"""Time: what leak and drift do to cells that take no pulse."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from insitu.arrays.cells import share
from insitu.arrays.crossbar import Crossbar
from insitu.devices.base import Device
from insitu.devices.fabricate import lognormal
from insitu.errors import InputError
from insitu.kernels.cache import load
from insitu.random import Stream, normal, offset

#: what a chip says of time, and why it does nothing where no cell leaks or drifts
TIMELESS = dict.fromkeys(("image_seconds", "aging"), "no cell leaks (retention.tau) or drifts (retention.nu)")
_NU, _TAU = 6, 7  # which property of a cell: the "time" of its random number, after those of Crossbar


def age(array: Crossbar, seconds: float) -> bool:
    """Let time pass for an array, and keep its weights current; return whether anything changed.

    Leak: ``g <- rest + (g - rest) exp(-seconds / tau)``. Drift: ``g <- g ((1 + (t + seconds) / t0) / (1 + t / t0))**-nu``
    with t the time since the last pulse of that cell, so that many short steps are one long step. See
    :class:`insitu.devices.imperfections.Retention`; faulty cells stay as they are.
    """
    retention = array.device.retention
    if not retention.on:
        return False
    kernels = load("aging", "aging")
    if retention.tau is not None:
        assert retention.rest is not None
        kernels.leak(array.g, _keep(array, seconds), retention.rest)
    if retention.drifts:
        assert retention.t0 is not None
        np.copyto(array.idle, 0.0, where=array.writes != array.seen)
        array.seen[:] = array.writes
        ratio = 1.0 + np.float32(seconds) / (np.float32(retention.t0) + array.idle)
        array.g *= ratio ** -_exponents(array)
        array.idle += np.float32(seconds)
    array.stick()
    array.refresh()
    return True


def require_time(field: str, devices: Iterable[tuple[str, Device]]) -> None:
    """Raise InputError, about ``field``, if time leaves a mark on none of these devices, given with their names."""
    given = list(devices)
    if not any(device.retention.on for _, device in given):
        raise InputError(
            f"{field}: {' and '.join(dict(given))} would hold for ever what was written, with neither a leak (retention.tau "
            "and rest) nor a drift (retention.nu and t0); allowed is a device that has one and was not made ideal, such as "
            "ambrogio2018-3t1c, which leaks, or nandakumar2018-pcm, which drifts"
        )


def _key(array: Crossbar) -> tuple[int, int, tuple[int, ...], tuple[bool, ...]]:
    return (
        array.seed,
        int(Stream.FABRICATE) + offset(array.index),
        array.g.shape,
        tuple(array.shared.tolist()),
    )


def _draw(seed: int, stream: int, shape: tuple[int, ...], shared: tuple[bool, ...], what: int) -> NDArray[np.float64]:
    """Return a normal number for each cell; a plane whose cells are shared has one a column."""
    z = normal(seed, stream, int(np.prod(shape)), what).reshape(shape)
    share(z, np.array(shared))
    return z


def _keep(array: Crossbar, seconds: float) -> NDArray[np.float32]:
    retention = array.device.retention
    return _factors(*_key(array), retention.tau or 0.0, retention.tau_cv or 0.0, seconds)


@lru_cache(maxsize=64)
def _factors(
    seed: int,
    stream: int,
    shape: tuple[int, ...],
    shared: tuple[bool, ...],
    tau: float,
    cv: float,
    seconds: float,
) -> NDArray[np.float32]:
    """Return what is left of a voltage after ``seconds``: (1, 1, 1), or of the shape of the cells if they differ."""
    if not cv:
        return np.full((1, 1, 1), np.exp(-seconds / tau), np.float32)
    z = _draw(seed, stream, shape, shared, _TAU)
    return np.exp(-seconds / (tau * lognormal(cv, z))).astype(np.float32)


def _exponents(array: Crossbar) -> NDArray[np.float32]:
    retention = array.device.retention
    return _nu(*_key(array), retention.nu or 0.0, retention.nu_sd or 0.0)


@lru_cache(maxsize=16)
def _nu(
    seed: int, stream: int, shape: tuple[int, ...], shared: tuple[bool, ...], nu: float, sd: float
) -> NDArray[np.float32]:
    z = _draw(seed, stream, shape, shared, _NU) if sd else np.zeros((1, 1, 1))
    return np.maximum(nu + sd * z, 0.0).astype(np.float32)
