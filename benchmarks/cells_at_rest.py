"""Made-up measurements of retention, endurance and noise, of which the truth is known."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from insitu.measure.reading.series import Series
from insitu.measure.reliability.speeds import BOLTZMANN

Floats = NDArray[np.float64]
LEVELS = (2e-6, 5e-6, 10e-6)  #: S


def drifting(
    seed: int,
    *,
    nu: float = 0.05,
    nu_sd: float = 0.015,
    t0: float | None = None,
    devices: int = 12,
    levels: Iterable[float] = LEVELS,
    noise: float = 0.01,
    times: Floats | None = None,
) -> Series:
    """Return readings of cells that drift, ``(t / 1 s)^-nu`` or, with a t0, ``(1 + t / t0)^-nu``; noise is proportional."""
    rng = np.random.default_rng(seed)
    at = np.geomspace(1, 1e5, 16) if times is None else times
    rows = []
    for device in range(devices):
        own = nu + nu_sd * rng.normal()
        for level in levels:
            g = level * (1 + 0.03 * rng.normal()) * (at if t0 is None else 1 + at / t0) ** -own
            rows.append((f"d{device}", level, np.nan, at, g * (1 + noise * rng.normal(size=at.size))))
    return _series(rows)


def leaking(
    seed: int,
    *,
    tau: float = 100.0,
    tau_cv: float = 0.3,
    rest: float = 1e-6,
    devices: int = 12,
    levels: Iterable[float] = LEVELS,
    noise: float = 5e-8,
    temperatures: Iterable[float] = (np.nan,),
    energy: float = 0.6,
    times: Floats | None = None,
) -> Series:
    """Return readings of cells that leak to a rest; tau holds at the first temperature, noise is constant."""
    rng = np.random.default_rng(seed)
    at = np.geomspace(1, 1000, 25) if times is None else times
    heats, rows = list(temperatures), []
    for device in range(devices):
        own = tau * np.exp(np.sqrt(np.log1p(tau_cv**2)) * rng.normal() - np.log1p(tau_cv**2) / 2)
        for heat in heats:
            hot = 1.0 if np.isnan(heat) else np.exp(energy / BOLTZMANN * (1 / heat - 1 / heats[0]))
            for level in levels:
                g = rest + (level - rest) * np.exp(-at / (own * hot)) + noise * rng.normal(size=at.size)
                rows.append((f"d{device}", level, heat, at, g))
    return _series(rows)


def wearing(
    seed: int,
    *,
    median: float = 1e5,
    sigma: float = 0.6,
    last: float = 1e6,
    devices: int = 20,
    closing: float = 0.02,
    noise: float = 0.03,
) -> Series:
    """Return both states of cells that survive a log-normal number of cycles, and close by a part a decade until then."""
    rng, rows = np.random.default_rng(seed), []
    at = np.unique(np.round(np.geomspace(1, last, 1 + round(3 * np.log10(last)))))
    for device in range(devices):
        alive = at < median * np.exp(sigma * rng.normal())
        high = np.where(alive, 1e-6 + 9e-6 * (1 - closing * np.log10(at)), 1.5e-6)
        for level, g in ((1e-6, np.full(at.size, 1e-6)), (1e-5, high)):
            rows.append((f"d{device}", level, np.nan, at, g * (1 + noise * rng.normal(size=at.size))))
    return _series(rows)


def resting(
    seed: int,
    *,
    cv: float = 0.01,
    sd: float = 3e-8,
    unlike: float = 0.15,
    fraction: float = 0.3,
    jump: float = 0.08,
    devices: int = 12,
    levels: Iterable[float] = LEVELS,
    n: int = 400,
) -> Series:
    """Return traces of cells at constant state: white noise ``cv g + sd``, in a fraction of the cells with jumps besides."""
    rng, rows = np.random.default_rng(seed), []
    for device in range(devices):
        jumps = rng.random() < fraction
        for level in levels:
            g = level * (1 + 0.05 * rng.normal())
            scatter = (cv * g + sd) * np.exp(unlike * rng.normal())
            high = np.cumsum(rng.random(n) < 0.05) % 2  # it jumps every twenty readings on average
            trace = g * (1 + jumps * jump * (high - 0.5)) + scatter * rng.normal(size=n)
            rows.append((f"d{device}", level, np.nan, np.arange(n, dtype=float), trace))
    return _series(rows)


def _series(rows: list[tuple[str, float, float, Floats, Floats]]) -> Series:
    sizes = [len(row[3]) for row in rows]
    device, level, heat = (np.repeat([row[k] for row in rows], sizes) for k in range(3))
    at, g = (np.concatenate([row[k] for row in rows]) for k in (3, 4))
    names = np.array([f"{1e6 * one:g} uS" for one in level.tolist()])
    return Series(device, names, at, None if np.isnan(heat).any() else heat, g, "simulated cells", "simulated", "S")
