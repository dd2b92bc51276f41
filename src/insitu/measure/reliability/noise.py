"""Noise of reads, from traces of cells at constant state: how large, in proportion to what, and which cells jump."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from insitu.devices.imperfections import Imperfection, ReadNoise, Telegraph
from insitu.errors import InputError
from insitu.measure.families import READ_CV, READ_SD, Free
from insitu.measure.reliability.finding import Finding
from insitu.measure.reliability.resting import JUMPS, WANDERS, Resting, resting
from insitu.measure.reliability.traces import Traces
from insitu.measure.searching import AT_LOW, Estimate, Found, maximise, one_by_one
from insitu.measure.spreading import standard_error
from insitu.units import si

_FEWEST = 50  #: readings of a trace
_ALIKE = 1.2  #: ratio of the largest to the least conductance, below which nothing is said of what noise goes with
_UNLIKE = "unlike"  #: relative spread of the noise from trace to trace


@dataclass(frozen=True, kw_only=True)
class NoiseFit(Finding):
    """What was found, with what is behind it.

    Parameters
    ----------
    traces : that were fitted. found : what each does.
    """

    traces: Traces
    found: tuple[Resting, ...]


def fit_noise(traces: Traces, advance: Callable[[int], None] = lambda _: None) -> NoiseFit:
    """Fit read noise and telegraph noise to traces at constant state.

    Each trace is white noise, or wanders, or jumps between two levels, whichever its readings make likeliest. The deviation
    of a reading, jumps apart, is ``cv g + sd`` with a relative spread from trace to trace; of cv and sd that part is left
    out without which the Bayesian information criterion is lower.

    Parameters
    ----------
    advance : told of each trace that is done, as 1.

    Raises
    ------
    InputError : there are too few readings of each state, or they are all the same.
    """
    traces, said = _usable(traces)
    found = []
    for row in traces.g:
        found.append(resting(row[~np.isnan(row)]))
        advance(1)
    noise, laws = _noise(found)
    jumps = _telegraph(found, len(set(traces.device)))
    fields: dict[str, dict[str, float]] = {"read_noise": {}, "telegraph": {}}
    for key, one in (noise | jumps).items():
        group, dot, name = key.partition(".")
        if dot and one.remark != AT_LOW:
            fields[group][name] = one.value
    groups: dict[str, Imperfection] = {
        "read_noise": ReadNoise(**fields["read_noise"]), "telegraph": Telegraph(**fields["telegraph"]),
    }  # fmt: skip
    low, high = min(one.mean for one in found), max(one.mean for one in found)
    return NoiseFit(
        groups=groups,
        estimates=noise | jumps,
        units={},
        rows=[_row(traces, k, one) for k, one in enumerate(found)],
        laws=laws,
        sentences=tuple(said + _sentences(found)),
        conditions=f"noise of reads from {si(low, 'S')} to {si(high, 'S')}, up to {traces.g.shape[1]:,} readings of a state",
        traces=traces,
        found=tuple(found),
    )


def _usable(traces: Traces) -> tuple[Traces, list[str]]:
    """Return the traces with enough readings that are not all the same, and sentences on the others."""
    enough = traces.sizes >= _FEWEST
    if not enough.any():
        raise InputError(
            f"readings: {int(traces.sizes.max())} of a state at most; noise needs {_FEWEST} or more of a state that is left "
            "alone, and what conductance does over time is for --kind retention"
        )
    moves = np.nanmax(traces.g, axis=1) > np.nanmin(traces.g, axis=1)
    if not (enough & moves).any():
        raise InputError("readings: those of a state are all the same; the noise is below what was written down")
    said = []
    few = f"for fewer than {_FEWEST} readings"
    for left, why in ((~enough, few), (enough & ~moves, "for all readings are the same")):
        names = [traces.named(k) for k in np.flatnonzero(left).tolist()]
        said += [f"Left aside, {why}: {', '.join(names[:5])}{', ...' * (len(names) > 5)}."] if names else []
    return traces.only(enough & moves), said


def _noise(found: Sequence[Resting]) -> tuple[dict[str, Estimate], list[dict[str, Any]]]:
    """Return the numbers of the read noise, and the kinds that were compared, the best first."""
    g = np.array([one.mean for one in found])
    x, error = np.log([one.sd for one in found]), np.array([one.error for one in found])
    n, level = g.size, float(np.exp(x.mean()))
    free = {READ_SD: Free(level, level / 1e3, level * 10, True)}
    free[READ_CV] = Free(level / float(g.mean()), level / float(g.max()) / 1e3, 10.0, True)
    unlike = Free(0.2, 1e-3, 3.0, True)
    kinds: list[tuple[str, ...]] = [(READ_SD,)]
    if g.max() > _ALIKE * g.min() > 0:
        kinds += [(READ_CV,), (READ_CV, READ_SD)]

    def fitted(kind: tuple[str, ...]) -> Found:
        def score(a: dict[str, float]) -> float:
            variance = error**2 + a.get(_UNLIKE, 0.0) ** 2
            off = x - np.log(a.get(READ_CV, 0.0) * g + a.get(READ_SD, 0.0))
            return float(-0.5 * (np.log(2 * np.pi * variance) + off**2 / variance).sum())

        some = {name: free[name] for name in kind} | ({_UNLIKE: unlike} if n > len(kind) else {})
        starts = [{name: free[name].start * part for name in kind} for part in (1.0, 0.3)]
        return maximise(one_by_one(score), some, starts)

    every = sorted((fitted(kind) for kind in kinds), key=lambda one: len(one.estimates) * np.log(n) - 2 * one.score)
    laws = [
        {
            "law": " and ".join(name.removeprefix("read_noise.") for name in one.estimates if name != _UNLIKE),
            "free": len(one.estimates),
            "log_likelihood": one.score,
            "bic": float(len(one.estimates) * np.log(n) - 2 * one.score),
        }
        for one in every
    ]
    best = dict(every[0].estimates)
    spread = best.pop(_UNLIKE, None)
    if spread is not None and spread.remark != AT_LOW:
        best["noise_spread"] = Estimate(spread.value, spread.error, spread.start, f"of {n} traces, relative")
    return best, laws


def _telegraph(found: Sequence[Resting], devices: int) -> dict[str, Estimate]:
    """Return the numbers of the telegraph noise; none where no trace jumps."""
    n, jumps = len(found), np.array([one.jump for one in found if one.jump is not None])
    if not jumps.size:
        return {}
    part = jumps.size / n
    error = float(np.sqrt(part * (1 - part) / devices)) or None  # traces of one device are not independent
    mean = float(jumps.mean())
    alone = next(one.jump_error for one in found if one.jump is not None)
    unsure = standard_error(jumps) if jumps.size > 1 else alone
    return {
        "telegraph.fraction": Estimate(part, error, part, f"{jumps.size} of {n} traces"),
        "telegraph.jump": Estimate(min(mean, 2.0), unsure, mean, "" if mean <= 2 else "more than a device may have"),
    }


def _row(traces: Traces, k: int, one: Resting) -> dict[str, Any]:
    heat = float(traces.temperature[k])
    row: dict[str, Any] = {"device": traces.device[k], "level": traces.level[k]}
    row |= {} if np.isnan(heat) else {"temperature_K": heat}
    row |= {"readings": one.n, "mean_S": one.mean, "noise": one.kind, "sd_S": one.sd, "cv": one.sd / one.mean}
    return row | {"jump": one.jump, "jump_error": one.jump_error, "time_high": one.high, "jumps": one.jumps}


def _sentences(found: Sequence[Resting]) -> list[str]:
    """Return what has to be known beside the numbers."""
    said, n = [], len(found)
    means = [one.mean for one in found]
    if max(means) <= _ALIKE * min(means):
        said.append(
            "All states are alike: whether noise is in proportion to the conductance is not told. Taken as constant."
        )
    slow, jumps = [one for one in found if one.kind == WANDERS], [one for one in found if one.kind == JUMPS]
    if slow:
        said.append(
            f"{len(slow)} of {n} traces wander (1/f noise, drift), and would scatter more over a longer time. Counted as "
            "noise of reads."
        )
    if not jumps:
        said.append(
            f"No trace jumps between two levels; if {min(3 / n, 1):.0%} of cells did, that would be chance in 5 %."
        )
    elif not 0.25 < float(np.mean([one.high or 0.0 for one in jumps])) < 0.75:
        said.append("Jumping traces prefer one level; a device jumps between two that it is in half of the time each.")
    return said
