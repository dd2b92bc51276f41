"""Cells whose bounds move, while their steps at one conductance stay.

A law is drawn between the bounds of a cell, so that where a bound moves, the steps move along: soft bounds of a cell whose
g_max lies low balance lower. Some sources say it the other way round: each cell makes its own step at one conductance, the
*anchor* (a weight of 0), and its bounds say where the step ends. Then a cell with a low g_max still balances at the anchor.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from insitu.devices.base import Device, parameters

_PLACES = 1025  # of the range, at which a law is looked up; between them it is taken as linear
_LEAST = 1e-6  # of the largest step: below it, the anchor lies where a pulse does nothing


def anchored(
    device: Device, low: NDArray[np.float64], high: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return bounds of cells (...,) with the anchor between them, S, and factors of step_up and step_down.

    A bound on the wrong side of the anchor is mirrored about it. With m(x) the mean step at the part x of the range, x_0 the
    place of the anchor in the nominal range and x that in the range of the cell, the factor is m(x_0) / m(x): exact for
    laws that are linear in the conductance.

    References
    ----------
    The convention of aihwkit 1.1.0 (MIT licence), where the anchor is w = 0; only its results were looked at in tests.
    """
    anchor = device.spread.anchor
    assert anchor is not None
    low, high = np.maximum(anchor - np.abs(anchor - low), 0.0), anchor + np.abs(high - anchor)
    x = (anchor - low) / np.maximum(high - low, 1e-30)
    nominal = (anchor - device.g_min) / (device.g_max - device.g_min)
    up, down = (_shape(device, polarity) for polarity in (1, -1))
    places = np.linspace(0.0, 1.0, _PLACES)
    of_up, of_down = (
        np.interp(nominal, places, m) / np.maximum(np.interp(x, places, m), _LEAST * m.max()) for m in (up, down)
    )
    return low, high, of_up, of_down


def _shape(device: Device, polarity: int) -> NDArray[np.float64]:
    """Return the mean step (_PLACES,) at equally spaced places of the range, S."""
    p = parameters(device)
    g = np.linspace(device.g_min, device.g_max, _PLACES).tolist()
    return np.array([polarity * (device.step(one, polarity, p, 0.0) - one) for one in g])
