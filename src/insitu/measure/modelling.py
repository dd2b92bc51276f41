"""The likelihood of a law as a function of its free numbers and of the cells that were measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.devices.base import Device, shared_fields
from insitu.devices.compiled import flat_parameters
from insitu.errors import InputError
from insitu.measure.families import READ_CV, READ_SD, READS, Family, Free
from insitu.measure.likelihood import Likelihood
from insitu.measure.pulses import Pulses
from insitu.measure.searching import Found, Scores, each, maximise
from insitu.measure.starting import HIGH, LOW, extremes, in_siemens, starts_in_logarithms, starts_of
from insitu.measure.straying import Tails, components, tails_of, tidied
from insitu.measure.telegraph import FALL, JUMP, RISE, Jumps, beside, jumps_of, levelled, levels_of
from insitu.measure.varying import conditions_of

_EXPLORED = 100  #: points scattered about each start
_TRIED = np.linspace(0.01, 0.97, 25)  #: places at which the bounds of a device are looked for
CELL = ("step_up", "step_down")  #: what each device has of its own, beside its range
PLACE = {LOW: Free(0.02, 0.0, 1.0), HIGH: Free(0.02, 0.0, 1.0)}


class Model:
    """The likelihood of a family, and searches for its maximum.

    Attributes
    ----------
    free : the numbers that are searched. fixed : numbers that are held. Others of the law are 0.
    limits : (2, devices) extremes of the readings, S. place : (2, devices) where between the near extreme (0) and a third
        of the way to the other (1) the bounds of each cell lie: readings overshoot states.
    piled : (2, devices) whether readings pile up at an extreme, which is the bound of the cell then.
    first : where the search began.
    factors, errors : (2, devices) steps of each device relative to those of the law, and errors of their logarithms.
    place_errors : (2, devices) errors of the bounds of each device under the law, S; 0 at the end of what was seen.
    jumping : (devices,) which of them have telegraph noise, where that is the noise of readings.
    """

    def __init__(self, pulses: Pulses, family: Family, tail: str = "", limits: Doubles | None = None) -> None:
        """Take pulses; ``tail`` of the noise of readings is one of ``TAILS``, ``JUMP``, or none; ``limits`` go with it."""
        self.pulses, self.family, self.conditions = pulses, family, conditions_of(pulses)
        self.likelihood = Likelihood(pulses, self.conditions)
        self.tail, self._tidy = tail, tidied(pulses) if tail not in ("", JUMP) and limits is None else pulses
        self.limits = extremes(self._tidy) if limits is None else limits
        if family.logarithmic and not (self.limits[0] > 0).all():
            raise InputError(f"{family.name}: readings of 0 S have no logarithm; leave them out, or give another --law")
        self.piled = pulses.piled
        ends = np.log(self.limits) if family.logarithmic else self.limits
        self._inwards = (ends[1] - ends[0]) / 3 * [[1.0], [-1.0]]
        self._moving = np.where(self.piled, 0.0, self._inwards)
        self.place = np.full(self.limits.shape, 0.02)
        self.factors = np.ones(self.limits.shape)
        self.errors, self.place_errors = np.zeros((2, *self.limits.shape))
        self.jumping = np.ones(len(pulses.names), bool)
        self.first: dict[str, float] = {}
        self.fixed: dict[str, float] = {}
        wide = float(np.ptp(self.limits, axis=0).mean())
        self.free = {key: in_siemens(one, wide) for key, one in (family.free_of(pulses.signs) | READS).items()}
        if (
            self.piled.all(axis=0) & (self.limits[0] > 0)
        ).any():  # at two bounds the very same reading: it has no noise
            self.free |= {name: self.free[name]._replace(high=self.free[name].low) for name in READS}
        self.free |= beside(tail)
        growth = {} if self.conditions is None else self.conditions.free
        self.free |= {key: one for key, one in growth.items() if not (family.law.one_sided and key.endswith("_down"))}
        # a device costs a hundred times what the filter takes for a pulse: the search changes its numbers where they lie
        device = self.device({name: one.start for name, one in self.free.items()}, self.place)
        self._numbers = np.array(flat_parameters(device))
        how = self.likelihood
        self._of: Any = (how.of_jumps if tail == JUMP else how.of_tails if tail else how.of)(device)
        names = list(shared_fields(device))
        sizes = [len(value) if isinstance(value := getattr(device, name), tuple) else 1 for name in names]
        at = dict(zip(names, np.cumsum([0, *sizes[:-1]]).tolist(), strict=True))
        self._places = [(at[name], name) for name in self.free if name in at]
        self._places += [(at[name], source) for name, source in family.unmeasured(pulses.signs).items()]

    def ranges(self, place: Doubles) -> Doubles:
        """Return (2, devices) g_min and g_max, S; of several points, (2, devices, points), where ``place`` has such."""
        limits, moving = (one[:, :, None] if place.ndim > 2 else one for one in (self.limits, self._moving))
        return np.asarray(limits * np.exp(place * moving) if self.family.logarithmic else limits + place * moving)

    def inward(self, ranges: Doubles) -> Doubles:
        """Return (2, devices) by how much the bounds move inwards, S, where their places move by 1."""
        by = np.abs(self._inwards)
        return np.asarray(ranges * by if self.family.logarithmic else by)

    def device(self, numbers: Mapping[str, float], place: Doubles) -> Device:
        """Return the device with these numbers and the mean range of all."""
        low, high = self.ranges(place).mean(axis=1).tolist()
        return self.family.device({"g_min": low, "g_max": high} | dict(numbers), self.pulses.signs)

    def law(self, numbers: Mapping[str, Any], ranges: Doubles) -> Doubles:
        """Return the numbers of that device, flat, CELL_FIELDS first; what is neither given nor held is off.

        Of several points, ``numbers`` are arrays (points,), ``ranges`` are (2, devices, points), and this (numbers, points).
        """
        law = np.empty(self._numbers.shape + ranges.shape[2:])
        law.T[...] = self._numbers
        for at, name in self._places:
            law[at] = numbers.get(name, 0.0)
        law[:2] = np.add.reduce(ranges, axis=1) / ranges.shape[1]
        if self.family.law.one_sided:
            law[3] = law[1] - law[0]
        return law

    def score(self, numbers: Mapping[str, float], place: Doubles, factors: Doubles) -> float:
        """Return the log-likelihood of one point: (2, devices) places and factors, or such of all devices alike."""
        one = {name: np.array([value]) for name, value in numbers.items()}
        return float(self.scores(one, place[:, :, None], factors[:, :, None]).sum())

    def scores(self, numbers: Mapping[str, Doubles], place: Doubles, factors: Doubles) -> Doubles:
        """Return (devices, points) log-likelihoods; minus infinity where the law does not allow these numbers together.

        Parameters
        ----------
        numbers : of the law and the noise, each (points,). place, factors : (2, devices, points), or what is of all
            devices, or of all points, alike: 1 there.
        """
        points = len(next(iter(numbers.values())))
        numbers = {**numbers, **{name: np.full(points, value) for name, value in self.fixed.items()}}
        place = np.broadcast_to(place, (2, len(self.pulses.names), points))
        ranges = self.ranges(place)
        law = self.law(numbers, ranges)
        found = self.seen(law, np.concatenate([ranges, law[2:4, None] * factors]), numbers)
        if self.family.tied:
            found[:, [not self._allowed(one, place[:, :, i]) for i, one in enumerate(each(numbers))]] = -np.inf
        return found

    def _allowed(self, numbers: Mapping[str, float], place: Doubles) -> bool:
        try:
            self.device(numbers, place)
        except InputError:
            return False
        return True

    def seen(self, law: Doubles, cells: Doubles, numbers: Mapping[str, Doubles]) -> Doubles:
        """Return (devices, points) log-likelihoods of laws, flat, (numbers, points), and of cells, (4, devices, points)."""
        cells, nothing = self._at_all(cells, numbers), np.zeros(law.shape[1])
        if self.tail != JUMP:
            noises = np.stack([numbers.get(name, nothing) for name in (READ_CV, READ_SD)])
            return np.asarray(self._of(law, cells, noises, *([components(numbers)] if self.tail else [])))
        laws, every = np.ascontiguousarray(law.T), np.ascontiguousarray(np.moveaxis(cells, 2, 0))
        found = [self._of(*one, *self._noise(noise)) for *one, noise in zip(laws, every, each(numbers), strict=True)]
        return np.stack(found, axis=1)

    def _noise(self, numbers: Mapping[str, float]) -> tuple[Any, ...]:
        """Return the noise of readings as the likelihood takes it: read_sd, read_cv, and what ``tail`` has beside them."""
        normal = numbers.get(READ_SD, 0.0), numbers.get(READ_CV, 0.0)
        if self.tail == JUMP:
            return (*normal, (numbers[JUMP] * self.jumping, (numbers[RISE], numbers[FALL])))
        return (*normal, components({self.tail: np.array([numbers[self.tail]])})) if self.tail else normal

    def _at_all(self, cells: Doubles, numbers: Mapping[str, Any]) -> Doubles:
        """Return the cells, (4, devices) or (4, devices, points), at each of the conditions, all of the first first."""
        if self.conditions is None:
            return cells
        factors, up = self.conditions.factors(numbers), self.conditions.sign > 0
        found, n = np.repeat(cells, up.size, axis=1), cells.shape[1]
        for row, mine in ((2, up), (3, ~up)):
            grown = np.where(mine if factors.ndim < 2 else mine[:, None], factors, 1.0)
            found[row] *= np.concatenate([grown] * n)
        return found

    def growth(self) -> dict[str, float]:
        """Return how mean steps grow with amplitude and width, as numbers of this model."""
        if self.conditions is None:
            return {}
        return {name: value for name, value in self.conditions.starts(self.pulses).items() if name in self.free}

    def cells(self, numbers: Mapping[str, float]) -> Doubles:
        """Return (4, devices) CELL_FIELDS of each device, S."""
        ranges = self.ranges(self.place)
        return np.concatenate([ranges, self.law(numbers, ranges)[2:4, None] * self.factors])

    def foreseen(self, numbers: Mapping[str, float]) -> Doubles:
        """Return (4, n) of :meth:`insitu.measure.likelihood.Likelihood.follow`."""
        cells, device = self._at_all(self.cells(numbers), numbers), self.device(numbers, self.place)
        if self.tail == JUMP:
            return self.likelihood.follow_jumps(device, cells, *self._noise(numbers))[0]
        return self.likelihood.follow(device, cells, *self._noise(numbers))

    def tails(self, numbers: Mapping[str, float]) -> Tails | None:
        """Return the heavy tails of the noise of readings, if they are in the model."""
        if self.tail in ("", JUMP):
            return None
        cells = self._at_all(self.cells(numbers), numbers)
        seen, core = self.likelihood.follow_tails(self.device(numbers, self.place), cells, *self._noise(numbers))
        return tails_of(self.tail, numbers[self.tail], self.pulses.after - seen[0], core)

    def _levels(self, numbers: Mapping[str, float]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return whether the readings before, and after, each pulse are at the upper level."""
        cells, device = self._at_all(self.cells(numbers), numbers), self.device(numbers, self.place)
        return levels_of(self.likelihood.follow_jumps(device, cells, *self._noise(numbers))[1], self.pulses)

    def jumps(self, numbers: Mapping[str, float]) -> Jumps | None:
        """Return the telegraph noise of the readings, if it is in the model."""
        if self.tail != JUMP:
            return None
        return jumps_of(numbers, self.jumping, *self._levels(numbers), self.pulses)

    def levelled(self, numbers: Mapping[str, float]) -> Pulses:
        """Return the pulses without their jumps."""
        return levelled(self.pulses, numbers[JUMP] * self.jumping, *self._levels(numbers))

    def place_as(self, other: Model) -> None:
        """Take ranges and steps of the devices from another model, whose extremes may be others."""
        places = place_of(other.ranges(other.place), self.limits, self.family.logarithmic)
        self.place[:], self.factors[:] = np.clip(places, 0.0, 1.0), other.factors

    def hold(self, names: Sequence[str]) -> None:
        """Search these numbers only."""
        self.free = {name: one for name, one in self.free.items() if name in names}

    def wide(self) -> Found:
        """Return the best numbers of the law, with equal steps and one place of the range for all, from anywhere."""
        if self.family.logarithmic:
            starts = starts_in_logarithms(self._tidy, self.limits, self.free)
        else:
            starts = starts_of(self._tidy, self.limits, self.free, conditions_of(self._tidy))
        self.first = {name: starts[0].get(name, one.start) for name, one in self.free.items()}
        return self.together(*starts, errors=False, thorough=True, explore=_EXPLORED)

    def together(self, *starts: Mapping[str, float], **options: Any) -> Found:
        """Return the same that a search from any of some starts finds."""
        now = {LOW: float(self.place[0].mean()), HIGH: float(self.place[1].mean())}

        def scores(given: dict[str, Doubles]) -> Doubles:
            place = np.stack([given[LOW], given[HIGH]])[:, None]
            return np.asarray(self.scores(given, place, self.factors[:, :, None]).sum(axis=0))

        found = maximise(scores, self.free | PLACE, [now | dict(one) for one in starts], **options)
        self._refuse(found)
        self.place[:] = [[found.values[LOW]], [found.values[HIGH]]]
        return found

    def shared(self, start: Mapping[str, float], **options: Any) -> Found:
        """Return the best numbers of the law, given the range and the steps of each device."""

        def scores(given: dict[str, Doubles]) -> Doubles:
            return np.asarray(self.scores(given, self.place[:, :, None], self.factors[:, :, None]).sum(axis=0))

        found = maximise(scores, self.free, [start], **options)
        self._refuse(found)
        return found

    def _refuse(self, found: Found) -> None:
        if found.score < -1e29:
            raise InputError(f"{self.family.name}: no numbers of this law give the readings a likelihood")

    def alone(self, k: int) -> Model:
        """Return the model of one of the devices."""
        found = Model(self.pulses.only([k]), self.family, self.tail, self.limits[:, [k]])
        found.jumping = self.jumping[[k]]
        return found

    def apart(self, numbers: Mapping[str, float]) -> None:
        """Give each device the range and the steps that are most likely under a law.

        Its range is looked for near and far from the extremes of its readings too, for there are local maxima.
        """
        names = [name for name in CELL if name in self.free]
        free = {name: Free(1.0, 0.02, 50.0, True) for name in names} | PLACE
        law = self.law(numbers, self.ranges(self.place))
        for k in range(len(self.pulses.names)):
            alone = self.alone(k)

            def scores(given: dict[str, Doubles], alone: Model = alone) -> Doubles:
                points = given[LOW].size
                ends = alone.ranges(np.stack([given[LOW], given[HIGH]])[:, None])
                steps = [law[row] * given.get(name, np.ones(points)) for row, name in enumerate(CELL, 2)]
                noise = {name: np.full(points, value) for name, value in numbers.items()}
                laws = np.ascontiguousarray(np.tile(law[:, None], points))
                return alone.seen(laws, np.concatenate([ends, np.array(steps)[:, None]]), noise)[0, :]

            start = dict(zip(CELL, self.factors[:, k], strict=True))
            start |= {LOW: float(self.place[0, k]), HIGH: float(self.place[1, k])}
            lows, highs = (_peaks(scores, start, end) for end in (LOW, HIGH))
            begins = [start, *(start | {LOW: low, HIGH: high} for low in lows for high in highs)]
            found = maximise(scores, free, [{name: one[name] for name in free} for one in begins])
            self.place[:, k] = found.values[LOW], found.values[HIGH]
            for row, name in enumerate(CELL):
                if name in names:
                    self.factors[row, k] = found.values[name]
                    self.errors[row, k] = (found.estimates[name].error or 0.0) / found.values[name]


def place_of(ranges: Doubles, limits: Doubles, logarithmic: bool) -> Doubles:
    """Return (2, devices) the places of bounds, S, within extremes of readings."""
    ranges, limits = (np.log(ranges), np.log(limits)) if logarithmic else (ranges, limits)
    return np.asarray((ranges - limits) * [[1.0], [-1.0]] / (limits[1] - limits[0]) * 3)


def _peaks(scores: Scores, start: Mapping[str, float], name: str) -> list[float]:
    """Return the two best places of a bound among those that are more likely than the places beside them."""
    seen = scores({**{key: np.full(_TRIED.size, value) for key, value in start.items()}, name: _TRIED})
    beside = np.maximum(np.append(seen[1:], -np.inf), np.append(-np.inf, seen[:-1]))
    peaks = np.flatnonzero(seen >= beside)
    return [float(_TRIED[i]) for i in peaks[np.argsort(-seen[peaks])][:2]]
