"""A device from measured pulses: maximum likelihood for one law, its noise, and the spread from device to device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from insitu.devices.base import Device, ReadNoise
from insitu.kernels.threads import one_blas_thread
from insitu.measure.ending import bounds_of, reached, said_of_range, with_wider
from insitu.measure.families import KINDS, READ_CV, READ_SD, SWITCH, Family
from insitu.measure.jointly import Joint, Sure, sure
from insitu.measure.modelling import CELL, Model, place_of
from insitu.measure.pulses import Pulses
from insitu.measure.restricting import mixed, restricted, widened
from insitu.measure.searching import AT_LOW, Estimate, Found
from insitu.measure.spreading import spread_of
from insitu.measure.starting import HIGH, LOW
from insitu.measure.straying import DEGREES, STRAYS, TAILS, Tails, noticed
from insitu.measure.suspecting import suspected, told_apart
from insitu.measure.telegraph import JUMP, JUMPS, Jumps, kind_in, telegraph_of
from insitu.measure.varying import GROWTH, Condition, growth_of, pulse_of

_ROUNDS = 6  #: most, of fitting the cells under a shared law and the law under the cells
_SURE = 3.0  #: of log-likelihood, beside the criterion, that speaks for heavy tails
_GAIN = 0.1  #: of log-likelihood, under which another round is not worth it
MANY = 10_000  #: pulses on which a search is thorough


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
    signs : of the pulses that were measured, +1 and -1. unmeasured : numbers of the device that nothing was measured of:
        field -> the number of the other direction that stands in for it.
    tails, jumps : heavy tails, or telegraph noise, of the readings; None if they have none.
    conditions : amplitudes and widths that were fitted together; empty if all pulses are alike. growth : that, in words.
    ends : what is said where trains that ended before the bounds leave these, or the spread of the range, open.
    """

    family: Family
    device: Device
    estimates: Mapping[str, Estimate]
    correlations: Mapping[tuple[str, str], float]
    cells: NDArray[np.float64]
    log_likelihood: float
    parameters: int
    foreseen: NDArray[np.float64]
    signs: tuple[int, ...] = (1, -1)
    unmeasured: Mapping[str, str] = field(default_factory=dict)
    tails: Tails | None = None
    jumps: Jumps | None = None
    conditions: tuple[Condition, ...] = ()
    growth: str = ""
    ends: str = ""

    @property
    def bic(self) -> float:
        """The Bayesian information criterion, ``parameters ln(pulses) - 2 ln L``: lower is better."""
        return self.parameters * float(np.log(self.foreseen.shape[1])) - 2 * self.log_likelihood


def fit(pulses: Pulses, family: Family, start: Mapping[str, float] | None = None, *, jumps: bool = True) -> Fit:
    """Fit a law to pulses.

    Parameters
    ----------
    pulses : of one device or several. family : the law.
    start : numbers of the law from which the search begins, which settle what kinds of noise there are; None is some starts
        made from the pulses themselves, and the kinds that the likelihood asks for.
    jumps : whether telegraph noise is one of these kinds.

    The range of a device lies within its readings, as far inside as is most likely. With several devices, all share the law,
    the scatter of steps and the noise of readings, while each has a range and steps of its own, which errors of the other
    numbers are for; the spread of those, less what their uncertainty explains, becomes
    :class:`insitu.devices.imperfections.Spread`.

    Raises
    ------
    InputError : the readings do not change, or no numbers of the law give them a likelihood.
    """
    if family.name == SWITCH:
        from insitu.measure.switching import fit_switch  # which is made of fits

        return fit_switch(pulses)
    from scipy import optimize  # noqa: F401  # a BLAS that is not there yet cannot be limited

    some = _some(pulses)
    if start is None and some is not pulses:  # where the maximum is shows on a part; how sharp it is, on all
        start = searched(fit(some, family, jumps=jumps))
    with one_blas_thread():  # matrices of a few numbers gain nothing from threads
        if start is None:
            model, found = _of_tails(pulses, family) or _wide(Model(pulses, family))
            model, found = _of_jumps(model, found) if jumps else (model, found)
        else:
            model, found = _from(pulses, family, start)
        few = pulses.of.size <= 2 * MANY  # of more, the means are too sure to take anything from the deviations
        if len(pulses.names) > 1:
            how = sure(model, model.shared(found.values))
            return _result(model, replace(how, found=widened(model, how.found, how.correlations)) if few else how)
        found = model.together(found.values, thorough=few)
        return _result(model, Sure(restricted(model, found) if few else found))


def _some(pulses: Pulses) -> Pulses:
    """Return the pulses of the first devices that hold ``MANY``; the same pulses where there are no more."""
    some = int(np.searchsorted(np.cumsum(np.bincount(pulses.of)), MANY)) + 1
    return pulses.only(range(some)) if some < len(pulses.names) else pulses


def _from(pulses: Pulses, family: Family, start: Mapping[str, float]) -> tuple[Model, Found]:
    """Return the best numbers from a start, with the kinds of noise that it has."""
    model = Model(pulses, family, kind_in(start))
    model.hold(list(start))
    model.first = dict(start)
    model.place[:] = [[start.get(LOW, 0.02)], [start.get(HIGH, 0.02)]]
    search = model.together if len(pulses.names) < 2 else model.shared
    return model, _settled(model, search(start, errors=False))


def jumping(found: Fit, pulses: Pulses) -> bool:
    """Return whether telegraph noise, in place of the kinds that a fit has, makes its readings by far the more likely."""
    if found.family.name == SWITCH:
        return False
    part = _some(pulses)
    start, cells = searched(found), found.cells[:, : len(part.names)]
    model = Model(part, found.family, kind_in(start))
    model.hold(list(start))
    model.place[:] = np.clip(place_of(cells[:2], model.limits, found.family.logarithmic), 0.0, 1.0)
    model.factors[:] = cells[2:] / np.maximum(model.law(start, cells[:2])[2:4, None], 1e-300)
    with one_blas_thread():
        return _of_jumps(model, model.shared(start, errors=False))[0].tail == JUMP


def _wide(model: Model) -> tuple[Model, Found]:
    """Return the best numbers from anywhere, without the kinds of noise that nothing asks for."""
    start = model.wide().values if model.conditions is None else _grown(model)
    return model, _simplified(model, _settled(model, _noisier(model, start)))


def _grown(model: Model) -> dict[str, float]:
    """Return the best numbers of pulses of several amplitudes with the growth that mean steps have, and that."""
    free, grown = model.free, model.growth()
    model.hold([name for name in free if name not in grown])
    model.fixed = dict(grown)
    found = model.wide()
    model.free, model.fixed = free, {}
    model.first |= grown
    return found.values | grown


def _noisier(model: Model, start: dict[str, float]) -> Found:
    """Return the best numbers from a start, and from the same with a little noise of readings.

    For there is a local maximum without, with all of it taken for a constant scatter, that a search from afar may end at.
    """
    noise = 0.1 * start.get("step_up", start.get("step_down", 0.0))
    inwards = 6 * noise / float(np.ptp(model.limits, axis=0).mean())
    noisy = start | {READ_SD: noise, "c2c_sd": 0.01 * noise, LOW: inwards, HIGH: inwards}
    ends = [model.together(one, errors=False) for one in (start, noisy)]
    return model.together(max(ends, key=lambda end: end.score).values, errors=False)


def _of_tails(pulses: Pulses, family: Family) -> tuple[Model, Found] | None:
    """Return the best numbers with heavy tails of the noise of readings; None where the pulses do not ask for them.

    Where changes are seen that are off, a part of stray readings is fitted, then, from there, a Student t, and then no tails:
    these only if they are by far the more likely, for a wrong law has tails too.
    """
    if noticed(pulses) is None:
        return None
    tried = [_wide(Model(pulses, family, STRAYS))]
    known, place = tried[0][1].values, tried[0][0].place
    for tail in (DEGREES, ""):
        model = Model(pulses, family, tail, tried[0][0].limits)
        start = {key: value for key, value in known.items() if key not in TAILS}
        start |= {tail: TAILS[tail].start} if tail else {}
        model.hold([*start])
        model.first, model.place[:] = {**tried[0][0].first, **start}, place
        model.factors[:] = tried[0][0].factors
        search = model.together if len(pulses.names) < 2 else model.shared
        tried.append((model, _settled(model, search(start, errors=False))))
    *tails, (_, plain) = tried
    best = max(tails, key=lambda one: one[1].score)
    return best if best[1].score > plain.score + np.log(pulses.of.size) / 2 + _SURE else None


def _of_jumps(model: Model, found: Found) -> tuple[Model, Found]:
    """Return the best numbers with telegraph noise, where it is by far the more likely; else those given.

    A search from numbers that were found without ends at local maxima, where scatter has part of the jumps. It tells the
    levels of the readings all the same: the law is fitted to readings without jumps, and then, from there, to all at once.
    """
    if (suspect := suspected(model, found)) is None:
        return model, found
    trial, starts = suspect
    trial.first, free = {**model.first, **starts[0]}, trial.free
    better = trial.together(*starts, errors=False)
    if better.score < found.score:
        return model, found
    search = trial.together if len(trial.pulses.names) < 2 else trial.shared
    for _ in range(_ROUNDS):
        jumping = trial.jumping.copy()
        plain, quiet = _wide(Model(trial.levelled(better.values), trial.family))
        trial.place_as(plain)
        start = {name: value for name, value in quiet.values.items() if name in free}
        start |= {name: better.values[name] for name in JUMPS}
        trial.free = free
        trial.hold(list(start))
        better = _settled(trial, search(start, errors=False))
        if (jumping == trial.jumping).all():
            break
    more = max(len(trial.free) - len(model.free), 1)
    worth = more * np.log(trial.pulses.of.size) / 2 + _SURE
    jumps = trial.jumps(better.values)
    enough = better.score > found.score + worth and jumps is not None and not jumps.of_the_state
    return (trial, better) if enough else (model, found)


def searched(found: Fit) -> dict[str, float]:
    """Return the numbers of a fit that were searched, and the place of its range in the readings, as the start of another."""
    named = found.family.free_of(found.signs).keys() | {READ_SD, READ_CV, *TAILS, *JUMPS}
    low, high = found.estimates["g_min"], found.estimates["g_max"]
    ranges, limits = np.array([[low.value], [high.value]]), np.array([[low.start], [high.start]])
    place = dict(zip((LOW, HIGH), place_of(ranges, limits, found.family.logarithmic)[:, 0].tolist(), strict=True))
    grown = {name for name in found.estimates if name.startswith(GROWTH)}
    return {name: one.value for name, one in found.estimates.items() if name in named | grown} | place


def log_likelihood_of_others(fit: Fit, pulses: Pulses) -> float:
    """Return the log-likelihood a pulse of devices that were not fitted, each with the likeliest steps and range."""
    if fit.family.name == SWITCH:
        from insitu.measure.switching import switch_of_others

        return switch_of_others(fit, pulses)
    values = searched(fit)
    model = Model(pulses, fit.family, kind_in(values))
    model.place[:] = [[values[LOW]], [values[HIGH]]]
    _apart(model, values)
    return model.score(values, model.place, model.factors) / pulses.of.size


def _settled(model: Model, found: Found) -> Found:
    """Return the best numbers once each device has steps and a range of its own, in turn with the law."""
    if len(model.pulses.names) < 2:
        return found
    for _ in range(_ROUNDS):
        _apart(model, found.values)
        if not (higher := Joint(model, found.values).climb()) or higher.score < found.score + _GAIN:
            return higher or found
        found = higher
    return found


def _apart(model: Model, numbers: Mapping[str, float]) -> None:
    """Give each device the range and the steps that are most likely, and tell which jump where that is the noise."""
    if model.tail == JUMP:
        told_apart(model, numbers)
    else:
        model.apart(numbers)


def _simplified(model: Model, found: Found) -> Found:
    """Return the best numbers without the kinds of noise that the pulses do not ask for.

    Scatter of steps, and noise of readings, each have a part in proportion and a constant one. Of either the part is left
    out without which the Bayesian information criterion is lower; its share goes to the other before the search goes on.
    So is what a RESET leaves above g_min: see :func:`_without_residue`.
    """
    worth, first = np.log(model.pulses.of.size) / 2, found
    found = _without_residue(model, found)
    for pair in KINDS:
        if not set(pair) <= set(model.free):
            continue
        left = [_left_out(model, found, *names) for names in (pair, pair[::-1])]
        best = int(left[1].score > left[0].score + _GAIN)
        if found.score - left[best].score < worth:
            model.hold([name for name in model.free if name != pair[best]])
            found = left[best]
    if found is first:
        return found
    return _settled(model, found) if len(model.pulses.names) > 1 else model.together(found.values, errors=False)


def _without_residue(model: Model, found: Found) -> Found:
    """Return the best numbers without the scatter of what a RESET leaves, and then without that, if they are as likely.

    A cell that is RESET again and again is at g_min + residue, and where steps hardly depend on the conductance either may
    have it all: the residue is 0 then, and g_min where it ends. Only RESETs tell of either, and they are counted.
    """
    worth = np.log(max(int((model.pulses.polarity < 0).sum()), 1)) / 2
    for name in ("residue_sd", "residue"):
        if name not in model.free:
            continue
        values, free, place = dict(found.values), model.free, model.place.copy()
        if name == "residue":
            third = (model.limits[1] - model.limits[0]) / 3
            model.place[0] = np.minimum(place[0] + values[name] / third, 1.0)
            values.pop(LOW, None)  # that of the model
        elif READ_SD in free:  # which scatters readings at the floor too
            values[READ_SD] = float(np.hypot(values[READ_SD], values[name]))
        model.hold([one for one in free if one != name])
        less = (
            model.together(values, errors=False) if len(model.pulses.names) < 2 else model.shared(values, errors=False)
        )
        if less.score < found.score - worth:
            model.free, model.place[:] = free, place
            break
        found = less
    return found


def _left_out(model: Model, found: Found, gone: str, kept: str) -> Found:
    """Return the best numbers without one part of a noise."""
    values, all_of_them = dict(found.values), model.free
    step = values.get("step_up", values.get("step_down", 1.0))
    size = float(np.abs(model.pulses.after).mean()) if gone.startswith("read") else step
    values[kept] += values[gone] * (size if gone.endswith("cv") else 1 / size)
    model.hold([name for name in all_of_them if name != gone])
    try:
        return model.shared(values, errors=False)
    finally:
        model.free = all_of_them


def _result(model: Model, how: Sure) -> Fit:
    """Return the fit, with the spread of the devices."""
    found, ranges, n = how.found, model.ranges(model.place), len(model.pulses.names)
    rows = [row for row, name in enumerate(CELL) if name in model.free]
    at = reached(model, found.values)
    nominal, spread, estimates = spread_of(
        model.pulses.names, ranges, model.factors, model.errors, rows, at, model.place_errors
    )
    known = {name: replace(found.estimates[name], start=model.first.get(name, 0.0)) for name in model.free}
    for row in rows:
        one, factor = known[CELL[row]], nominal[row]
        value = one.value * factor
        error = None if one.error is None else one.error * factor
        if CELL[row] in how.nominal:
            error = value * how.nominal[CELL[row]]
        known[CELL[row]] = replace(one, value=value, error=error)
    values = {name: one.value for name, one in known.items()}
    some = [name for name in (READ_SD, READ_CV) if name in known]
    noise = {name: None if known[name].remark == AT_LOW else known[name].value for name in some}
    if model.tail in TAILS:
        known |= {name: replace(known[name], remark=known[name].remark or "of the core") for name in noise}
    jumps = model.jumps(found.values)
    known |= mixed(model, known)
    telegraph, told = telegraph_of(jumps, model.jumping, known)
    known |= told
    device = replace(
        model.device(values, model.place),
        read_noise=ReadNoise(sd=noise.get(READ_SD), cv=noise.get(READ_CV)),
        telegraph=telegraph,
        spread=spread,
        pulse=pulse_of(model.conditions, values),
    )
    known |= bounds_of(model, how, at)
    remarked, open_ended = with_wider(device, known)
    known |= remarked
    held = {name: value for name, value in model.family.fixed.items() if not isinstance(value, tuple)}
    known |= {name: Estimate(value, None, value, "part of the law") for name, value in held.items()}
    return Fit(
        family=model.family,
        device=device,
        estimates=known | estimates,
        correlations={
            pair: r for pair, r in (how.correlations or found.correlations).items() if set(pair) <= set(known)
        },
        cells=model.cells(found.values),
        log_likelihood=found.score,
        parameters=len(model.free) + model.family.counted + (4 * n if n > 1 else 2),
        foreseen=model.foreseen(found.values),
        signs=model.pulses.signs,
        unmeasured=model.family.unmeasured(model.pulses.signs),
        tails=model.tails(found.values),
        jumps=jumps,
        ends=" ".join(filter(None, (open_ended, said_of_range(at)))),
        **growth_of(model.conditions, known, found.correlations, model.pulses, model.foreseen(found.values)),
    )
