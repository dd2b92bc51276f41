"""Cells with two levels that pulses switch at random: recognised, and their probabilities counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.devices.base import ReadNoise, Spread
from insitu.devices.switch import StochasticSwitch
from insitu.errors import InputError
from insitu.measure.answering import Fault
from insitu.measure.families import READ_CV, READ_SD, SWITCH, Family
from insitu.measure.fitting import Fit
from insitu.measure.pulses import START, Pulses
from insitu.measure.searching import AT_HIGH, AT_LOW, Estimate
from insitu.measure.spreading import standard_error

Bools = NDArray[np.bool_]

TWO_LEVELS = Family(SWITCH, StochasticSwitch)
CHANCES = {1: "probability_up", -1: "probability_down"}
_MIDDLE, _EMPTY = 0.25, 0.01  #: of the distance of the levels, each side, between which so few of the readings lie
_NARROW = 0.125  #: of their distance: the largest deviation of readings at a level
_LEAST, _SURE = 5, 4.0  #: readings at a level, and errors of a move that is there
_STILL, _DRIFT = 0.01, 0.03  #: of the distance: move of a level by a pulse that does not switch, and by all of a train
_SEEN = 1e-3  #: of the distance: scatter of a level that is worth a word
_EXACT = 1e-9  #: of the distance: no reading is held to be more exact


@dataclass(frozen=True)
class Levels:
    """Pulses of cells with two levels.

    Parameters
    ----------
    before, after : (n,) whether a cell was high. at : (2, devices) the low and the high level of each, S.
    """

    before: Bools
    after: Bools
    at: Doubles

    def level(self, pulses: Pulses) -> Doubles:
        """Return (n,) the level at which the cell is after each pulse, S."""
        return np.asarray(np.where(self.after, self.at[1][pulses.of], self.at[0][pulses.of]))

    def could(self, pulses: Pulses, sign: int) -> Bools:
        """Return (n,) which are the pulses of a direction that could switch the cell."""
        return np.asarray((pulses.polarity == sign) & (self.before == (sign < 0)))

    def against(self, pulses: Pulses) -> int:
        """Return how many pulses switched a cell against their direction."""
        return int(((self.before != self.after) & (self.after != (pulses.polarity > 0))).sum())


def levels_of(pulses: Pulses) -> Levels | None:
    """Return the two levels of all devices; None if one of them has others in between, or moves at its levels.

    Readings are parted where the variance within both parts is least (N. Otsu, IEEE Trans. SMC 9, 62 (1979)). There are two
    levels if at most 1 % of the readings lie in the middle half between their medians, readings at either deviate by less
    than an eighth of their distance, and pulses that do not switch do not move them. A cell that is gradual after a first
    large step, or before a last one, is none.
    """
    n, names = pulses.of.size, len(pulses.names)
    before, after, at = np.zeros(n, bool), np.zeros(n, bool), np.empty((2, names))
    for k in range(names):
        own = np.flatnonzero(pulses.of == k)
        readings = np.r_[pulses.before[own][pulses.link[own] == START], pulses.after[own]]
        cut = _parted(readings)
        high = readings > cut
        if min(high.sum(), (~high).sum()) < _LEAST:
            return None
        low, top = (_middle(readings[part]) for part in (~high, high))
        wide = top - low
        between = np.abs(readings - (low + top) / 2) < (0.5 - _MIDDLE) * wide
        if between.mean() > _EMPTY or max(_core(readings[~high]), _core(readings[high])) > _NARROW * wide:
            return None
        before[own], after[own], at[:, k] = pulses.before[own] > cut, pulses.after[own] > cut, (low, top)
        if _moves(pulses, own, before[own], after[own], wide):
            return None
    return Levels(before, after, at)


def _parted(readings: Doubles) -> float:
    """Return between which readings the variance within both parts is least."""
    low, high = np.quantile(readings, (0.01, 0.99))
    g = np.sort(readings[(readings >= low) & (readings <= high)])
    if g.size < 2 or g[0] == g[-1]:
        return float(g[-1]) if g.size else 0.0
    k, total = np.arange(1, g.size), np.cumsum(g)
    apart = k * (g.size - k) * (total[:-1] / k - (total[-1] - total[:-1]) / (g.size - k)) ** 2
    best = int(apart.argmax())
    return float(g[best] + g[best + 1]) / 2


def _core(readings: Doubles) -> float:
    return 1.48 * float(np.median(np.abs(readings - np.median(readings))))


def _middle(readings: Doubles) -> float:
    """Return the mean of readings but for those five deviations off."""
    middle = float(np.median(readings))
    return float(readings[np.abs(readings - middle) <= max(5 * _core(readings), 1e-9 * middle)].mean())


def _moves(pulses: Pulses, own: NDArray[np.intp], before: Bools, after: Bools, wide: float) -> bool:
    """Whether pulses that do not switch a cell move it all the same, each, or all together after the one that did."""
    sign, change = pulses.polarity[own], pulses.after[own] - pulses.before[own]
    still = before == after
    begins = ~still | pulses.begins[own]
    run = np.cumsum(begins) - 1
    since = np.bincount(
        run, np.where(still, change, 0.0)
    )  # by pulses of one polarity in turn, the first that switched not
    first = np.flatnonzero(begins)
    for way in (1, -1):
        for high in (False, True):
            at = after == high
            each = change[(sign == way) & still & at]
            for moved, most in ((each, _STILL), (since[(sign[first] == way) & at[first] & ~still[first]], _DRIFT)):
                error = float(moved.std(ddof=1)) / np.sqrt(moved.size) if moved.size > 2 else np.inf
                if moved.size > 2 and abs(float(moved.mean())) > max(_SURE * error, most * wide):
                    return True
    return False


def answering(pulses: Pulses) -> tuple[Pulses, tuple[Fault, ...]] | None:
    """Return cells with two levels, and those among them that stay at one as faults; None if these are no such cells."""
    found = [levels_of(pulses.only([k])) for k in range(len(pulses.names))]
    two = [k for k, one in enumerate(found) if one is not None]
    if 2 * len(two) <= len(found):
        return None
    low, high = np.mean([one.at[:, 0] for one in found if one is not None], axis=0).tolist()
    faults = []
    for k, name in enumerate(pulses.names):
        readings = pulses.after[pulses.of == k]
        if found[k] is None and _core(readings) > _NARROW * (high - low):
            return None
        if found[k] is None:
            at = float(np.median(readings))
            kind = "dead" if at < low / 2 else "stuck_low" if at < (low + high) / 2 else "stuck_high"
            faults.append(Fault(name, kind, at))
    return pulses.only(two) if faults else pulses, tuple(faults)


def fit_switch(pulses: Pulses) -> Fit:
    """Return the fit of a stochastic switch to pulses of cells with two levels.

    Probabilities are k / n of the pulses that could switch a cell, with the binomial error; noise of readings is that about
    the mean of a stay at a level; levels are means over the devices.

    Raises
    ------
    InputError : the readings of a device do not lie at two levels.
    """
    seen = levels_of(pulses)
    if seen is None:
        raise InputError("switch: the readings do not lie at two levels with nothing between; fit another law")
    known = _chances(pulses, seen)
    off, free = _off_stays(pulses, seen)
    noise, s = _noise(off, seen, pulses)
    exact = _EXACT * float((seen.at[1] - seen.at[0]).mean())
    level = seen.level(pulses)
    whole = np.array([max(float((pulses.after - level)[seen.after == high].std()), exact) for high in (False, True)])
    n = len(pulses.names)
    for row, (name, high) in enumerate((("g_min", False), ("g_max", True))):
        mine = seen.after == high
        stays = np.unique(np.cumsum(_begins(pulses, seen))[mine]).size
        error = standard_error(seen.at[row]) if n > 1 else float(whole[row]) * 1.25 / np.sqrt(max(stays, 1))
        known[name] = Estimate(float(seen.at[row].mean()), error, float(seen.at[row].mean()))
    error = 1 / np.sqrt(2 * max(free, 1))
    for name, value in noise.items():
        small = s.max() <= exact
        known[name] = Estimate(value, None if small else value * error, value, AT_LOW if small else "")
    spread, estimates = Spread(), {}
    if n > 1 and (wide := float(np.sqrt(seen.at.var(axis=1, ddof=1).mean()))) > 1e-4 * float(np.ptp(seen.at)):
        spread = Spread(range_sd=wide)
        estimates["spread.range_sd"] = Estimate(wide, wide / np.sqrt(2 * (n - 1)), wide, f"of {n} devices")
    values: dict[str, Any] = {name: one.value for name, one in known.items() if name not in (READ_SD, READ_CV)}
    gone = {CHANCES[sign]: CHANCES[-sign] for sign in (1, -1) if CHANCES[sign] not in known}
    values |= {name: values[source] for name, source in gone.items()}
    read = {name.partition(".")[2]: value for name, value in noise.items() if s.max() > exact}
    device = StochasticSwitch(**values, read_noise=ReadNoise(**read), spread=spread)
    variance = whole[seen.after.astype(int)] ** 2
    return Fit(
        family=TWO_LEVELS,
        device=device,
        estimates=known | estimates,
        correlations={},
        cells=np.concatenate([seen.at, np.tile(seen.at[1] - seen.at[0], (2, 1))]),
        log_likelihood=_score(pulses, seen, values, variance),
        parameters=len(known) - 2 + 2 * n + 1,
        foreseen=np.stack([level, variance, level, np.zeros(level.size)]),
        signs=pulses.signs,
        unmeasured=gone,
    )


def switch_of_others(fit: Fit, pulses: Pulses) -> float:
    """Return the log-likelihood a pulse of devices that were not fitted, each with levels of its own."""
    seen = levels_of(pulses)
    if seen is None:
        return -np.inf
    chances = {name: getattr(fit.device, name) for name in CHANCES.values()}
    noise = [float(fit.foreseen[1][fit.foreseen[0] == level].mean()) for level in np.unique(fit.foreseen[0])[[0, -1]]]
    return _score(pulses, seen, chances, np.array(noise)[seen.after.astype(int)]) / pulses.of.size


def _chances(pulses: Pulses, seen: Levels) -> dict[str, Estimate]:
    found = {}
    for sign, name in CHANCES.items():
        could = seen.could(pulses, sign)
        n, k = int(could.sum()), int((could & (seen.after != seen.before)).sum())
        if not n:
            continue
        p = k / n
        remark = AT_LOW if k == 0 else AT_HIGH if k == n else f"{k} of {n} pulses"
        found[name] = Estimate(p, float(np.sqrt(p * (1 - p) / n)) if 0 < k < n else None, p, remark)
    return found


def _begins(pulses: Pulses, seen: Levels) -> Bools:
    """Return (n,) whether the cell is at a level anew after a pulse."""
    return np.asarray((pulses.link == START) | (seen.after != seen.before))


def _off_stays(pulses: Pulses, seen: Levels) -> tuple[Doubles, int]:
    """Return (n,) readings less the mean of their stay at a level, made up for the mean; and how many are free."""
    stay = np.cumsum(_begins(pulses, seen)) - 1
    size = np.bincount(stay)
    off = pulses.after - (np.bincount(stay, pulses.after) / size)[stay]
    return off * np.sqrt(size / np.maximum(size - 1, 1))[stay] * np.where(size > 1, 1.0, np.nan)[stay], int(
        (size - 1).sum()
    )


def _noise(off: Doubles, seen: Levels, pulses: Pulses) -> tuple[dict[str, float], Doubles]:
    """Return the noise of readings, constant or in proportion, and (2,) its deviation at the low and the high level."""
    s = np.zeros(2)
    for row, high in enumerate((False, True)):
        mine = off[(seen.after == high) & ~np.isnan(off)]
        s[row] = float(np.sqrt((mine**2).mean())) if mine.size else 0.0
    good = ~np.isnan(off)
    level = seen.level(pulses)[good]
    constant = float(np.sqrt((off[good] ** 2).mean())) if good.any() else 0.0
    if not constant or level.min() <= 0:
        return {READ_SD: constant}, s
    relative = float(np.sqrt(((off[good] / level) ** 2).mean()))
    in_proportion = np.log(relative * level).sum() < level.size * np.log(constant)
    return {READ_CV: relative} if in_proportion else {READ_SD: constant}, s


def _score(pulses: Pulses, seen: Levels, chances: Mapping[str, float], variance: Doubles) -> float:
    """Return the log-likelihood: of switching or not, and of each reading about its level, at its median of it."""
    total = 0.0
    for sign, name in CHANCES.items():
        could = seen.could(pulses, sign)
        switched = could & (seen.after != seen.before)
        if could.any():
            p = min(max(chances[name], 1e-6), 1 - 1e-6)
            total += float(switched.sum() * np.log(p) + (could & ~switched).sum() * np.log1p(-p))
    level = seen.level(pulses)
    error = (pulses.after - level) ** 2 / variance
    return (
        total + seen.against(pulses) * float(np.log(1e-6)) - 0.5 * float((error + np.log(2 * np.pi * variance)).sum())
    )


def said_of(fit: Fit, pulses: Pulses) -> list[str]:
    """Return what is known of a switch beside its numbers: pulses against their direction, levels and chances that differ."""
    seen = levels_of(pulses) if fit.family.name == SWITCH else None
    if seen is None:
        return []
    found = ["The cells have two levels, and pulses switch them with a probability: a StochasticSwitch."]
    if against := seen.against(pulses):
        found.append(f"{against} pulses switched a cell against their direction, which the device does not.")
    off, _ = _off_stays(pulses, seen)
    read = float(np.sqrt(np.nanmean(off**2))) if (~np.isnan(off)).any() else 0.0
    whole = float(np.sqrt(fit.foreseen[1].mean()))
    scatter = np.sqrt(max(whole**2 - read**2, 0.0)) / float(np.ptp(seen.at))
    if whole > 1.5 * read > 0 and scatter > _SEEN:
        found.append(
            f"A level scatters from switch to switch by {scatter:.1%} of the distance of the levels, which the device does "
            "not."
        )
    for sign, name in CHANCES.items():
        p = getattr(fit.device, name)
        could = seen.could(pulses, sign)
        n = np.bincount(pulses.of[could], minlength=len(pulses.names))
        k = np.bincount(pulses.of[could & (seen.after != seen.before)], minlength=n.size)
        if n.size > 1 and 0 < p < 1:
            chi = float(((k - n * p) ** 2 / np.maximum(n * p * (1 - p), 1e-12))[n > 0].sum())
            if chi > n.size + _SURE * np.sqrt(2 * n.size):
                part = k[n > 0] / n[n > 0]
                found.append(
                    f"{name} differs from device to device ({part.min():.2g} to {part.max():.2g}): the device has one."
                )
    return found
