"""From the cells that were measured to the spread from device to device (d2d)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from insitu.devices.base import Spread
from insitu.errors import InputError
from insitu.measure.ending import determined
from insitu.measure.searching import Estimate

_MOST = 3.0  #: largest relative spread of a device


def spread_of(
    names: Sequence[str],
    ranges: NDArray[np.float64],
    factors: NDArray[np.float64],
    errors: NDArray[np.float64],
    rows: Sequence[int],
    at: NDArray[np.bool_],
    range_errors: NDArray[np.float64],
) -> tuple[tuple[float, float], Spread, dict[str, Estimate]]:
    """Return the factors of the nominal steps, the spread of the devices, and its numbers with errors.

    Of the logarithms u, d of the steps of each device, (u + d) / 2 scatters by ``step_cv`` and (u - d) by ``asymmetry_cv``
    (log-normal of mean 1, as :func:`insitu.devices.fabricate.fabricate` draws them), each variance less the mean square of
    the errors. ``rows`` of the factors were measured, 0 (up) or 1 (down) or both. ``ranges`` (2, devices) count where trains
    went on ``at`` a bound (:func:`insitu.measure.ending.reached`), with their errors, S.

    Raises
    ------
    InputError : the steps of the devices ``names`` are too far apart.
    """
    n = factors.shape[1]
    if n < 2:
        return (float(factors[0, 0]), float(factors[1, 0])), Spread(), {}
    two = len(rows) > 1
    (u, d), noise = np.log(factors[[rows[0], rows[-1]]]), (errors[[*rows]] ** 2).sum(axis=0).mean() * (1 if two else 4)
    size = max(float(((u + d) / 2).var(ddof=1)) - float(noise) / 4, 0.0)
    tilt = max(float((u - d).var(ddof=1)) - float(noise), 0.0) if two else 0.0
    nominal = (float(np.exp(u.mean() + size / 2 + tilt / 4)), float(np.exp(d.mean() + size / 2 - tilt / 4)))
    range_sd, range_error = _range_spread(ranges, at, range_errors)
    numbers = {
        "spread.step_cv": np.sqrt(np.expm1(size)),
        "spread.range_sd": range_sd,
        "spread.asymmetry_cv": np.sqrt(np.expm1(tilt)) if two else 0.0,
    }
    if max(numbers["spread.step_cv"], numbers["spread.asymmetry_cv"]) > _MOST:
        raise _too_far_apart(names, factors, rows)
    least = {"spread.step_cv": 1e-3, "spread.asymmetry_cv": 1e-3, "spread.range_sd": 1e-4 * float(np.ptp(ranges))}
    shown = {key: float(value) for key, value in numbers.items() if value > least[key]}
    rough = 1 / np.sqrt(2 * (n - 1))  # relative error of a standard deviation of n values
    estimates = {key: Estimate(value, value * rough, value, f"of {n} devices") for key, value in shown.items()}
    if "spread.range_sd" in estimates:
        low, high = at.sum(axis=1).tolist()
        which = f"of {n} devices" if at.all() else f"of {n} devices, {low} of which reach g_min, {high} g_max"
        estimates["spread.range_sd"] = Estimate(range_sd, range_error, range_sd, which)
    return nominal, Spread(**{key.partition(".")[2]: value for key, value in shown.items()}), estimates


def _range_spread(
    ranges: NDArray[np.float64], at: NDArray[np.bool_], errors: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the deviation of the bounds that devices reach, both ends together, less their errors, and how sure it is, S."""
    if not determined(at):
        return 0.0, 0.0
    free, squares, doubt = 0, 0.0, 0.0
    for values, error, some in zip(ranges, errors, at, strict=True):
        if some.sum() > 1:
            known, n = float((error[some] ** 2).mean()), int(some.sum()) - 1
            variance = float(values[some].var(ddof=1))
            free, squares, doubt = free + n, squares + n * (variance - known), doubt + 2 * n * max(variance, known) ** 2
    sd = float(np.sqrt(max(squares / free, 0.0)))
    return sd, float(np.sqrt(doubt)) / free / (2 * sd) if sd else 0.0


def _too_far_apart(names: Sequence[str], factors: NDArray[np.float64], rows: Sequence[int]) -> InputError:
    """Return what is said where the steps of devices are too far apart for a spread, naming the farthest."""
    logs = np.log(factors[[*rows]])
    away = np.abs(logs - np.median(logs, axis=1, keepdims=True)).max(axis=0)
    far = [names[k] for k in np.argsort(-away, kind="stable").tolist() if away[k] > away.max() / 2][:5]
    return InputError(
        f"steps: those of {', '.join(far)} come out up to {float(np.exp(away.max())):.3g} times larger or smaller than those "
        "of the other devices, as where readings hardly move with the pulses; measure pulses that move these devices, or "
        f"leave them out: {' '.join(f'--without {name}' for name in far)}"
    )


def standard_error(values: NDArray[np.float64]) -> float | None:
    """Return that of the mean of some values; None of one."""
    return float(values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else None
