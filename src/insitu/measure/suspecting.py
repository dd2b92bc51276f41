"""Whether what a fit leaves unexplained may be telegraph noise, and from where to search for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from insitu.arraytypes import Doubles
from insitu.measure.families import KINDS, NOISES, READ_CV, READ_SD
from insitu.measure.modelling import Model
from insitu.measure.searching import Found
from insitu.measure.starting import HIGH, LOW, extremes
from insitu.measure.telegraph import FALL, JUMP, JUMPS, RISE

#: parts of the errors of forecasts that are smaller than a jump is tried at
_SIZES = (0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995)
_RATES = ((0.02, 0.02), (0.1, 0.1), (0.4, 0.4), (0.02, 0.2), (0.2, 0.02))  #: of jumps up and down
_LEFT = ((1.0, 1.0), (0.3, 1.0), (1.0, 0.4), (0.3, 0.4))  #: of the noise of readings and of the scatter of steps
_GAIN = 3.0  #: of log-likelihood, from which on a device jumps
_WORTH = 2.0  #: standard errors of kurtosis or correlation, from which on a search is worth it


def suspected(model: Model, found: Found) -> tuple[Model, list[dict[str, float]]] | None:
    """Return a model with telegraph noise, and starts from which to search it; None where nothing speaks for any.

    Errors of forecasts speak for it that are no normal or no independent numbers. Jumps are tried at the numbers of the law
    that was found without, which may be far off, for jumps are taken for scatter then.
    """
    mean, variance = model.foreseen(found.values)[:2]
    after = model.pulses.after
    z = (after - mean) / np.sqrt(variance)
    if not model.tail and not _odd(z):
        return None  # before the filter with jumps is compiled
    trial = Model(model.pulses, model.family, JUMP, extremes(model.pulses))
    trial.place_as(model)
    plain = {name: value for name, value in found.values.items() if name in trial.free and name not in JUMPS}
    plain |= {name: 3 * one.low for name, one in trial.free.items() if name not in plain and name in NOISES}
    off = np.abs(after - mean) / np.maximum(after, np.ptp(trial.limits, axis=0).mean() / 30)
    sizes = np.unique(np.clip(np.quantile(off, _SIZES), JUMPS[JUMP].low, 1.5)).tolist()
    starts = [
        _scaled(plain, read, scatter) | {JUMP: jump, RISE: rise, FALL: fall}
        for jump, (rise, fall), (read, scatter) in product(sizes, _RATES, _LEFT)
    ]
    more = _scores(trial, starts) - _scores(trial, [plain | {JUMP: 0.0, RISE: 0.5, FALL: 0.5}])
    best = int(np.maximum(more, 0.0).sum(axis=0).argmax())
    start, jumping = starts[best], more[:, best] > _GAIN
    trial.jumping[:] = jumping if jumping.any() else True
    return trial, [start, *_clean(trial, _scaled(plain, 0.5, 0.3), start)]


def _odd(z: Doubles) -> bool:
    """Return whether errors of forecasts, in their deviations, are no normal numbers, or not independent."""
    kurtosis = float((z**4).mean()) / float((z**2).mean()) ** 2
    correlation = float((z[1:] * z[:-1]).mean() / (z**2).mean())
    return bool(abs(kurtosis - 3) > _WORTH * np.sqrt(24 / z.size) or abs(correlation) > _WORTH / np.sqrt(z.size))


def _scaled(numbers: dict[str, float], read: float, scatter: float) -> dict[str, float]:
    """Return numbers with so much of the noise of readings and of the scatter of steps left."""
    part = dict.fromkeys((READ_SD, READ_CV), read) | dict.fromkeys(KINDS[0], scatter)
    return {name: value * part.get(name, 1.0) for name, value in numbers.items()}


def _clean(trial: Model, numbers: dict[str, float], start: dict[str, float]) -> list[dict[str, float]]:
    """Return starts with little noise, the slopes of the family, and the range as far inside as jumps take readings out."""
    slopes = {name: one.start for name, one in trial.family.free.items() if not name.startswith("c2c")}
    found = []
    for jump, rate in ((start[JUMP], 0.05), (3 * start[JUMP], 0.05), (start[JUMP], 0.3)):
        jump = min(jump, 1.0)
        inward = jump / 2 * trial.limits / ((trial.limits[1] - trial.limits[0]) / 3)
        place = {LOW: float(min(inward[0].mean(), 1.0)), HIGH: float(min(inward[1].mean(), 1.0))}
        found.append(numbers | slopes | place | {JUMP: jump, RISE: rate, FALL: rate})
    return found


def _scores(model: Model, points: Sequence[Mapping[str, float]]) -> Doubles:
    """Return (devices, points) the log-likelihood of each device where the model has it."""
    numbers = {name: np.array([one[name] for one in points]) for name in points[0]}
    return model.scores(numbers, model.place[:, :, None], model.factors[:, :, None])


def told_apart(model: Model, numbers: Mapping[str, float]) -> None:
    """Give each device range and steps as :meth:`Model.apart` does, with jumps and without, and keep what is more likely."""
    ways = []
    for jumps in (True, False):
        model.jumping[:] = jumps
        model.apart(numbers)
        own = model.place.copy(), model.factors.copy(), model.errors.copy()
        ways.append((_scores(model, [numbers])[:, 0], own))
    more = ways[0][0] - ways[1][0]
    model.jumping[:] = more > _GAIN if (more > _GAIN).any() else more == more.max()
    for here, jumping, quiet in zip((model.place, model.factors, model.errors), ways[0][1], ways[1][1], strict=True):
        here[:] = np.where(model.jumping, jumping, quiet)
