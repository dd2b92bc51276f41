"""From a device to its cells: what device-to-device spread makes of the nominal parameters."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from insitu.devices.anchoring import anchored
from insitu.devices.base import CELL_FIELDS, Device


def lognormal(cv: float | None, z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log-normal factors of mean 1 and relative spread cv from standard normal z; exactly 1 where cv is off."""
    variance = math.log1p((cv or 0.0) ** 2)
    return np.exp(math.sqrt(variance) * z - variance / 2)


def fabricate(device: Device, z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the parameters of individual cells.

    Parameters
    ----------
    device : with its :class:`insitu.devices.base.Spread`.
    z : (4, ...) standard normal numbers: for the step, the asymmetry, g_max and g_min.

    Returns
    -------
    (4, ...) values of CELL_FIELDS (g_min, g_max, step_up, step_down), S. Bounds that the spread would make cross are
    exchanged.
    """
    spread = device.spread
    size = lognormal(spread.step_cv, z[0])
    tilt = np.sqrt(lognormal(spread.asymmetry_cv, z[1]))
    low_sd = spread.range_sd if spread.low_sd is None else spread.low_sd
    high, low = (
        np.maximum(bound * lognormal(spread.range_cv, z_bound) + (sd or 0.0) * z_bound, 0.0)
        for bound, sd, z_bound in ((device.g_max, spread.range_sd, z[2]), (device.g_min, low_sd, z[3]))
    )
    low, high = np.minimum(low, high), np.maximum(low, high)
    up, down = device.step_up * size * tilt, device.step_down * size / tilt
    if spread.anchor is not None:
        low, high, of_up, of_down = anchored(device, low, high)
        up, down = up * of_up, down * of_down
    cells = (low, high, up, down)
    assert CELL_FIELDS == ("g_min", "g_max", "step_up", "step_down")
    return np.stack(cells)
