"""How a device answers trains of pulses, in plain Python: for plots, checks and first looks, not for training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from insitu.devices.base import CELL_FIELDS, Cell, Device, parameters
from insitu.devices.fabricate import fabricate
from insitu.errors import InputError


def pulse(device: Device, p: Cell, g: float, polarity: int, z: float = 0.0) -> float:
    """Return the conductance after one pulse, clipped to the bounds of the cell as an array does."""
    return min(max(p.g_min, device.step(g, polarity, p, z)), p.g_max)


def mean_response(device: Device, pulses: Sequence[int], g0: float) -> NDArray[np.float64]:
    """Return the conductance of the nominal cell under a train of pulses with the noise off.

    Parameters
    ----------
    device : any device; spread, faults and endurance are left aside.
    pulses : (n,) +1 or -1.
    g0 : conductance before the first pulse, S.

    Returns
    -------
    (n + 1,) conductance before the train and after each pulse, S.
    """
    p = parameters(device.without("c2c"))
    return _run(device, p, _checked(pulses), g0, np.zeros(len(pulses)))


def response_samples(
    device: Device, pulses: Sequence[int], n: int, seed: int, g0: float | None = None
) -> NDArray[np.float64]:
    """Return the conductance of n cells, each with its own d2d spread and c2c noise, under a train of pulses.

    Parameters
    ----------
    device, pulses : as in :func:`mean_response`; faults and endurance are left aside.
    n : number of cells.
    seed : of NumPy's own Philox generator, which serves pictures only; arrays draw from :mod:`insitu.random`.
    g0 : common start, S, cut to the bounds of each cell; None starts each at its own g_min.

    Returns
    -------
    (n, len(pulses) + 1) conductance, S.
    """
    train, rng, nominal = _checked(pulses), np.random.Generator(np.random.Philox(seed)), parameters(device)
    cells = fabricate(device, rng.standard_normal((4, n)))
    out = np.empty((n, len(train) + 1))
    for row, cell in zip(out, cells.T, strict=True):
        p = nominal._replace(**dict(zip(CELL_FIELDS, map(float, cell), strict=True)))
        z = rng.random(len(train)) if device.draw == "uniform" else rng.standard_normal(len(train))
        start = p.g_min if g0 is None else min(max(p.g_min, g0), p.g_max)
        row[:] = _run(device, p, train, start, z if device.noisy else np.zeros(len(train)))
    return out


def step_statistics(
    device: Device, polarity: int, g: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation (c2c) of the change that one pulse makes, at each conductance g, S.

    Taken over 101 equally likely values of the noise, before the clipping to the range, which an array adds.
    """
    from scipy.special import ndtri

    u = (np.arange(101) + 0.5) / 101
    z = (u if device.draw == "uniform" else ndtri(u)) if device.noisy else np.zeros(1)
    p = parameters(device)
    change = np.array([[device.step(float(g_i), polarity, p, float(z_j)) - g_i for z_j in z] for g_i in g])
    return change.mean(axis=1), change.std(axis=1)


def mean_change(device: Device, p: Cell, g: float, polarity: int) -> float:
    """Return the mean change of the conductance g by one pulse, S: what a controller expects of it.

    ``p`` are the parameters of the cell. Noise that is normal has no part in the mean; where the law draws uniform
    numbers, the mean is over ten equally likely ones.
    """
    z = ((np.arange(10) + 0.5) / 10).tolist() if device.noisy and device.draw == "uniform" else [0.0]
    return float(np.mean([device.step(g, polarity, p, q) for q in z])) - g


def symmetry_point(device: Device) -> float | None:
    """Return the conductance where a mean up pulse undoes a mean down pulse, S; None if there is none.

    Alternating pulses, and noise, drive a cell there.
    """

    p = parameters(device)

    def net(g: float) -> float:
        return mean_change(device, p, g, 1) + mean_change(device, p, g, -1)

    low, high = device.g_min, device.g_max
    if not net(low) > 0 > net(high):
        return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if net(middle) > 0 else (low, middle)
    return (low + high) / 2


def pulses_to_cross(device: Device, polarity: int, fraction: float = 0.95, limit: int = 5000) -> int:
    """Return how many noise-free pulses carry the nominal cell over a fraction of its range, at most limit.

    A cell that saturates within its range, so that a pulse moves it by less than 1e-5 of it, has got there.
    """
    p = parameters(device.without("c2c"))
    g = start = p.g_min if polarity > 0 else p.g_max
    reach = p.g_max - p.g_min
    for n in range(limit):
        after = pulse(device, p, g, polarity)
        if abs(g - start) >= fraction * reach or abs(after - g) < 1e-5 * reach:
            return n
        g = after
    return limit


def _checked(pulses: Sequence[int]) -> list[int]:
    for polarity in pulses:
        if polarity not in (1, -1):
            raise InputError(f"pulses: got {polarity!r}; allowed are +1 (up) and -1 (down)")
    return [int(polarity) for polarity in pulses]


def _run(device: Device, p: Cell, train: list[int], g: float, z: NDArray[np.float64]) -> NDArray[np.float64]:
    out = [g]
    for polarity, noise in zip(train, z.tolist(), strict=True):
        g = pulse(device, p, g, polarity, noise)
        out.append(g)
    return np.array(out)
