"""A device from measured pulses: maximum likelihood for one law, its noise, and the spread from device to device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from insitu.devices.base import Device, ReadNoise, Spread, shared_fields
from insitu.devices.compiled import flat_parameters
from insitu.errors import InputError
from insitu.measure.families import Family, Free
from insitu.measure.likelihood import Likelihood
from insitu.measure.pulses import START, Floats, Pulses
from insitu.measure.searching import Estimate, Found, maximise

_ROUNDS = 6  #: most, of fitting the cells under a shared law and the law under the cells
_EXPLORED = 200  #: points scattered about each start
MANY = 10_000  #: pulses on which a search is thorough
_GAIN = 0.1  #: of log-likelihood, under which another round is not worth it
_CELL = ("step_up", "step_down")
_LOW, _HIGH = "place.low", "place.high"  #: of the bounds of a cell; no field of a law has a dot
_PLACE = {_LOW: Free(0.02, 0.0, 1.0), _HIGH: Free(0.02, 0.0, 1.0)}
READ = "read_noise.sd"


@dataclass(frozen=True)
class Fit:
    """A law fitted to pulses.

    Parameters
    ----------
    family : the law. device : with its c2c noise, read noise and d2d spread.
    estimates : every number that was fitted or measured, by field, with ``spread.step_cv`` and the like among them.
    correlations : of pairs of numbers of the law.
    cells : (4, devices) g_min, g_max, step_up, step_down of each measured device, S.
    log_likelihood : of all readings; parameters : how many numbers were free, cells included.
    foreseen : (4, n) of :meth:`insitu.measure.likelihood.Likelihood.follow`.
    """

    family: Family
    device: Device
    estimates: Mapping[str, Estimate]
    correlations: Mapping[tuple[str, str], float]
    cells: Floats
    log_likelihood: float
    parameters: int
    foreseen: Floats

    @property
    def bic(self) -> float:
        """The Bayesian information criterion, ``parameters ln(pulses) - 2 ln L``: lower is better."""
        return self.parameters * float(np.log(self.foreseen.shape[1])) - 2 * self.log_likelihood


def fit(pulses: Pulses, family: Family, start: Mapping[str, float] | None = None) -> Fit:
    """Fit a law to pulses.

    Parameters
    ----------
    pulses : of one device or several. family : the law.
    start : numbers of the law from which the search begins; None is two starts made from the pulses themselves.

    The range of a device lies within its readings, as far inside as is most likely; errors of the other numbers are for that
    range. With several devices, all share the law, the scatter of steps and the noise of readings, while each has a range and
    steps of its own; the spread of those, less what their uncertainty explains, becomes
    :class:`insitu.devices.imperfections.Spread`.

    Raises
    ------
    InputError : the readings do not change, or no numbers of the law give them a likelihood.
    """
    from scipy import optimize  # noqa: F401  # a BLAS that is not there yet cannot be limited

    some = int(np.searchsorted(np.cumsum(np.bincount(pulses.of)), MANY)) + 1  # devices that hold as many pulses
    if start is None and some < len(pulses.names):  # where the maximum is shows on a part; how sharp it is, on all
        start = {name: one.value for name, one in fit(pulses.only(range(some)), family).estimates.items()}
    model = _Model(pulses, family)
    with threadpool_limits(1, "blas"):  # matrices of a few numbers gain nothing from threads
        found = model.together(start)
        if len(pulses.names) > 1:
            for _ in range(_ROUNDS):
                before = found.score
                model.apart(found.values)
                found = model.shared([found.values])
                if found.score < before + _GAIN:
                    break
    return model.result(found)


def log_likelihood_of_others(fit: Fit, pulses: Pulses) -> float:
    """Return the log-likelihood a pulse of devices that were not fitted, each with the likeliest steps and range."""
    model = _Model(pulses, fit.family)
    values = {name: one.value for name, one in fit.estimates.items() if name in model.free}
    model.apart(values)
    return model.score(values, model.place, model.factors) / pulses.of.size


class _Model:
    """The likelihood of a family as a function of its free numbers and of the cells of the measured devices.

    Attributes
    ----------
    limits : (2, devices) extremes of the readings, S. place : (2, devices) where between the near extreme (0) and a third
        of the way to the other (1) the bounds of each cell lie: readings overshoot states.
    first : where the search began.
    factors, errors : (2, devices) steps of each device relative to those of the law, and errors of their logarithms.
    """

    def __init__(self, pulses: Pulses, family: Family) -> None:
        self.pulses, self.family, self.likelihood = pulses, family, Likelihood(pulses)
        self.limits = _extremes(pulses)
        self.place = np.full(self.limits.shape, 0.02)
        self.factors, self.errors = np.ones(self.limits.shape), np.zeros(self.limits.shape)
        self.first: dict[str, float] = {}
        wide = float(np.ptp(self.limits, axis=0).mean())
        free = family.free_of(bool((pulses.polarity < 0).any())) | {READ: Free(0.01, 1e-6, 1.0, True, "S")}
        self.free = {key: _in_siemens(one, wide) for key, one in free.items()}
        # a device costs a hundred times what the filter takes for a pulse: the search changes its numbers where they lie
        device = self.device({name: one.start for name, one in self.free.items()}, self.place)
        self._numbers, self._of = np.array(flat_parameters(device)), self.likelihood.of(device)
        names = list(shared_fields(device))
        sizes = [len(value) if isinstance(value := getattr(device, name), tuple) else 1 for name in names]
        at = dict(zip(names, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))
        self._places = [(at[name], name) for name in self.free if name in at]

    def ranges(self, place: Floats) -> Floats:
        """Return (2, devices) g_min and g_max, S."""
        inwards = place * ((self.limits[1] - self.limits[0]) / 3)
        return np.stack([self.limits[0] + inwards[0], self.limits[1] - inwards[1]])

    def device(self, numbers: Mapping[str, float], place: Floats) -> Device:
        """Return the device with these numbers and the mean range of all."""
        low, high = self.ranges(place).mean(axis=1).tolist()
        return self.family.device({"g_min": low, "g_max": high} | dict(numbers))

    def flat(self, numbers: Mapping[str, float], place: Floats, factors: Floats) -> tuple[Floats, Floats]:
        """Return the numbers of that device, flat, CELL_FIELDS first, and (4, devices) CELL_FIELDS of each device, S."""
        ranges, law = self.ranges(place), self._numbers.copy()
        for at, name in self._places:
            law[at] = numbers[name]
        law[0], law[1] = ranges[0].mean(), ranges[1].mean()
        if "step_down" not in self.free:
            law[3] = law[1] - law[0] if self.family.law.one_sided else law[2]
        return law, np.concatenate([ranges, law[2:4, None] * factors])

    def score(self, numbers: Mapping[str, float], place: Floats, factors: Floats) -> float:
        """Return the log-likelihood; minus infinity where the law does not allow these numbers together."""
        if self.family.tied:
            try:
                self.device(numbers, place)
            except InputError:
                return -np.inf
        return self._of(*self.flat(numbers, place, factors), numbers[READ])

    def together(self, start: Mapping[str, float] | None) -> Found:
        """Return the best numbers of the law, one place of the range and equal steps for all devices."""
        free = self.free | _PLACE

        def score(given: dict[str, float]) -> float:
            place = np.broadcast_to([[given[_LOW]], [given[_HIGH]]], self.place.shape)
            return self.score(given, place, self.factors)

        starts = _starts(self.pulses, self.limits, self.free) if start is None else [dict(start)]
        self.first = {name: starts[0].get(name, one.start) for name, one in self.free.items()}
        wide = start is None
        found = maximise(score, free, starts, thorough=wide, explore=_EXPLORED if wide else 0)
        self.place[:] = [[found.values[_LOW]], [found.values[_HIGH]]]
        return self.shared([found.values])

    def shared(self, starts: list[dict[str, float]]) -> Found:
        """Return the best numbers of the law, given the range and the steps of each device."""
        thorough = self.pulses.of.size <= 2 * MANY
        found = maximise(lambda n: self.score(n, self.place, self.factors), self.free, starts, thorough=thorough)
        if found.score < -1e29:
            raise InputError(f"{self.family.name}: no numbers of this law give the readings a likelihood")
        return found

    def apart(self, numbers: Mapping[str, float]) -> None:
        """Give each device the range and the steps that are most likely under a law."""
        names = [name for name in _CELL if name in self.free]
        free = {name: Free(1.0, 0.02, 50.0, True) for name in names} | _PLACE
        law, _ = self.flat(numbers, self.place, self.factors)
        for k in range(len(self.pulses.names)):
            alone = _Model(self.pulses.only([k]), self.family)

            def score(given: dict[str, float], alone: _Model = alone) -> float:
                ends = alone.ranges(np.array([[given[_LOW]], [given[_HIGH]]]))
                steps = law[2:4] * [given.get(name, 1.0) for name in _CELL]
                return alone._of(law, np.concatenate([ends, steps[:, None]]), numbers[READ])

            start = dict(zip(_CELL, self.factors[:, k], strict=True))
            start |= {_LOW: float(self.place[0, k]), _HIGH: float(self.place[1, k])}
            found = maximise(score, free, [{name: start[name] for name in free}])
            self.place[:, k] = found.values[_LOW], found.values[_HIGH]
            for row, name in enumerate(_CELL):
                if name in names:
                    self.factors[row, k] = found.values[name]
                    self.errors[row, k] = (found.estimates[name].error or 0.0) / found.values[name]

    def result(self, found: Found) -> Fit:
        """Return the fit, with the spread of the devices."""
        ranges, n = self.ranges(self.place), len(self.pulses.names)
        nominal, spread, estimates = _spread(ranges, self.factors, self.errors, two="step_down" in self.free)
        known = {name: replace(one, start=self.first[name]) for name, one in found.estimates.items()}
        for name, factor in zip(_CELL, nominal, strict=True):
            if name in known:
                one = known[name]
                value = one.value * factor
                few = value * float(np.log(self.factors[_CELL.index(name)]).std(ddof=1)) / np.sqrt(n) if n > 1 else 0.0
                error = None if one.error is None else float(np.hypot(one.error * factor, few))
                known[name] = replace(one, value=value, error=error)
        values = {name: one.value for name, one in known.items()}
        device = replace(self.device(values, self.place), read_noise=ReadNoise(sd=values[READ]), spread=spread)
        for row, name in enumerate(("g_min", "g_max")):
            remark = "the end of what was seen" if (self.place[row] < 1e-3).any() else ""
            error = float(ranges[row].std(ddof=1) / np.sqrt(n)) if n > 1 else None
            known[name] = Estimate(float(ranges[row].mean()), error, float(self.limits[row].mean()), remark)
        known |= {name: Estimate(value, None, value, "part of the law") for name, value in self.family.fixed.items()}
        _, cells = self.flat(found.values, self.place, self.factors)
        foreseen = self.likelihood.follow(self.device(found.values, self.place), cells, found.values[READ])
        free = len(self.free) + (4 * n if n > 1 else 2)
        return Fit(self.family, device, known | estimates, found.correlations, cells, found.score, free, foreseen)


def _in_siemens(free: Free, wide: float) -> Free:
    """Return a free number with start and bounds in siemens where they are parts of the range."""
    unit = wide if free.unit == "S" else 1.0
    return free._replace(start=free.start * unit, low=free.low * unit, high=free.high * unit)


def _extremes(pulses: Pulses) -> Floats:
    """Return (2, devices) lowest and highest reading of each device, S, not below 0."""
    found = np.empty((2, len(pulses.names)))
    for k, name in enumerate(pulses.names):
        own = np.concatenate([pulses.before[pulses.of == k], pulses.after[pulses.of == k]])
        found[:, k] = max(own.min(), 0.0), own.max()
        if not found[1, k] > found[0, k]:
            raise InputError(
                f"readings of {name}: all are {found[1, k]:.3g} S; there is no step to fit; leave that device out"
            )
    return found


def _starts(pulses: Pulses, ranges: Floats, free: Mapping[str, Free]) -> list[dict[str, float]]:
    """Return two starts: scatter mostly of the steps, and mostly of the readings.

    Steps start at the mean change. Noise of readings makes successive changes anticorrelated: cov = -sd^2.
    """
    change = pulses.after - pulses.before
    start = {}
    for name, sign in (("step_up", 1), ("step_down", -1)):
        mine = change[pulses.polarity == sign] * sign
        if mine.size:
            start[name] = max(2 * float(mine.mean()), 1e-4 * float(np.ptp(ranges, axis=0).mean()))
    linked = (pulses.link[1:] != START) & (pulses.polarity[1:] == pulses.polarity[:-1])
    off = change - np.where(pulses.polarity > 0, change[pulses.polarity > 0].mean(), 0.0)
    off[pulses.polarity < 0] -= change[pulses.polarity < 0].mean() if (pulses.polarity < 0).any() else 0.0
    noise = float(np.sqrt(max(-(off[1:] * off[:-1])[linked].mean() if linked.any() else 0.0, 0.0)))
    scatter = float(off[pulses.polarity > 0].std())
    relative = scatter / start["step_up"]
    steps = start | {READ: 0.1 * max(noise, 1e-3 * scatter), "c2c_cv": relative, "c2c_sd": 0.3 * scatter}
    reads = start | {READ: max(noise, 0.3 * scatter), "c2c_cv": 0.2 * relative, "c2c_sd": 0.05 * scatter}
    return [{key: value for key, value in one.items() if key in free} for one in (steps, reads)]


def _spread(
    ranges: Floats, factors: Floats, errors: Floats, *, two: bool
) -> tuple[tuple[float, float], Spread, dict[str, Estimate]]:
    """Return the factors of the nominal steps, the spread of the devices, and its numbers with errors.

    Of the logarithms u, d of the steps of each device, (u + d) / 2 scatters by ``step_cv`` and (u - d) by ``asymmetry_cv``
    (log-normal of mean 1, as :func:`insitu.devices.fabricate.fabricate` draws them), each variance less the mean square of
    the errors.
    """
    n = factors.shape[1]
    if n < 2:
        return (float(factors[0, 0]), float(factors[1, 0])), Spread(), {}
    u, d = np.log(factors) if two else np.log(factors[[0, 0]])
    noise = (errors[0] ** 2 + errors[1] ** 2).mean() if two else 4 * (errors[0] ** 2).mean()
    size = max(float(((u + d) / 2).var(ddof=1)) - float(noise) / 4, 0.0)
    tilt = max(float((u - d).var(ddof=1)) - float(noise), 0.0) if two else 0.0
    nominal = (float(np.exp(u.mean() + size / 2 + tilt / 4)), float(np.exp(d.mean() + size / 2 - tilt / 4)))
    numbers = {
        "spread.step_cv": np.sqrt(np.expm1(size)),
        "spread.range_sd": np.sqrt(ranges.var(axis=1, ddof=1).mean()),
        "spread.asymmetry_cv": np.sqrt(np.expm1(tilt)) if two else 0.0,
    }
    least = {"spread.step_cv": 1e-3, "spread.asymmetry_cv": 1e-3, "spread.range_sd": 1e-4 * float(np.ptp(ranges))}
    shown = {key: float(value) for key, value in numbers.items() if value > least[key]}
    rough = 1 / np.sqrt(2 * (n - 1))  # relative error of a standard deviation of n values
    estimates = {key: Estimate(value, value * rough, value, f"of {n} devices") for key, value in shown.items()}
    return nominal, Spread(**{key.partition(".")[2]: value for key, value in shown.items()}), estimates
