"""Cells that do not work, in files of retention, endurance and noise: set aside by name, and counted as faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.measure.answering import Fault, fault_numbers, said_aside
from insitu.measure.reliability.finding import Finding
from insitu.measure.reliability.traces import Traces

Some = TypeVar("Some", bound=Finding)

_FEWEST = 3  #: devices from which on one can be unlike the others
_FAR = 3.0  #: times below or beyond the others
_SPREAD = 6.0  #: robust deviations of the others
_PART = 0.1  #: of what the others do: less is nothing
_SURE = 4.0  #: standard errors of a change that is there


def set_aside(traces: Traces, kind: str) -> tuple[Traces, tuple[Fault, ...]]:
    """Return the traces of the cells that work, and the others as faults.

    Of three devices and more, a cell is at fault that conducts a third of the lowest level of the others and less, far beyond
    their scatter (dead, or in files of noise one whose mean is noise); that has not the levels that the others have; whose
    readings are all the same where those of the others are not; or that begins far from the others and stays there where
    they move. A cell that only keeps better than others is none.
    """
    names = list(dict.fromkeys(traces.device))
    if len(names) < _FEWEST:
        return traces, ()
    first, last, noise, same = _ends(traces)
    of, level = np.array([names.index(name) for name in traces.device]), traces.of_level
    usual, late = (np.array([np.median(g[level == k]) for k in range(len(traces.levels))]) for g in (first, last))
    lowest, highest = min(float(usual.min()), float(late.min())), max(float(usual.max()), float(late.max()))
    middle = np.array([float(np.nanmedian(traces.g[of == k])) for k in range(len(names))])
    broken = np.zeros(len(names), bool)
    for k in range(len(names)):
        mine = of == k
        if kind == "noise":
            broken[k] = bool((np.abs(first[mine]) < 2 * noise[mine]).all()) and middle[k] < lowest / _FAR
            continue
        far = _far(first, mine, level)
        dead = far and bool((np.nanmax(traces.g[mine], axis=1) < lowest / _FAR).all())
        alike = bool(same[mine].all() and not same[~mine].any())
        still = far and _still(first, last, noise, mine)
        broken[k] = dead or alike or still or _without_levels(first, mine, level, usual)
    if not broken.any() or broken.sum() > len(names) / 2:
        return traces, ()
    half = (lowest + highest) / 2
    kinds = np.where(middle < lowest / _FAR, "dead", np.where(middle < half, "stuck_low", "stuck_high"))
    faults = [Fault(names[k], str(kinds[k]), float(middle[k])) for k in np.flatnonzero(broken).tolist()]
    return traces.only(~broken[of]), tuple(faults)


def _ends(traces: Traces) -> tuple[Doubles, Doubles, Doubles, NDArray[np.bool_]]:
    """Return (traces,) medians of the first and of the last third of the readings, noise, S, and whether all are equal."""
    found = []
    for row in traces.g:
        g = row[~np.isnan(row)]
        third = max(g.size // 3, 1)
        step = np.diff(g)
        noise = float(np.median(np.abs(step - np.median(step)))) * 1.48 / 2**0.5 if step.size else 0.0
        found.append(
            (float(np.median(g[:third])), float(np.median(g[-third:])), noise, float(np.ptp(g) == 0 and g.size > 2))
        )
    first, last, noises, same = np.array(found).T
    return first, last, noises, same.astype(bool)


def _far(first: Doubles, mine: NDArray[np.bool_], level: NDArray[np.intp]) -> bool:
    """Whether a cell is far from the others at all of its levels: in ln g, or with nothing to take a logarithm of."""
    found = []
    for k in np.flatnonzero(mine).tolist():
        others = first[(level == level[k]) & ~mine]
        middle = float(np.median(others)) if others.size else 0.0
        if not middle > 0 or first[k] <= 0:
            found.append(middle > 0)
            continue
        off = np.abs(np.log(np.maximum(others, 1e-3 * middle) / middle))
        far = abs(float(np.log(first[k] / middle)))
        found.append(far > max(_SPREAD * 1.48 * float(np.median(off)), float(np.log(1 + _FAR * _PART))))
    return all(found)


def _without_levels(first: Doubles, mine: NDArray[np.bool_], level: NDArray[np.intp], usual: Doubles) -> bool:
    """Whether a cell is at one place where the others have levels apart."""
    own = level[mine]
    if np.unique(own).size < 2:
        return False
    wanted = usual[own]
    apart = float(np.ptp(wanted))
    away = float(np.median(np.abs(first[~mine] - usual[level[~mine]])))
    return apart > _SPREAD * away and float(np.ptp(first[mine])) < _PART * apart


def _still(first: Doubles, last: Doubles, noise: Doubles, mine: NDArray[np.bool_]) -> bool:
    """Whether a cell does not move where the others do."""
    moved = np.abs(last - first) / np.maximum(np.abs(first), 1e-300)
    usual = float(np.median(moved[~mine]))
    seen = usual > _SURE * float(np.median(noise[~mine] / np.maximum(np.abs(first[~mine]), 1e-300)))
    return bool(seen and (moved[mine] < _PART * usual).all())


def with_faults(finding: Some, faults: Sequence[Fault], working: int) -> Some:
    """Return what was found with the faults among the groups and numbers of the device."""
    if not faults:
        return finding
    group, numbers = fault_numbers(faults, working)
    return replace(
        finding,
        groups={**finding.groups, "faults": group},
        estimates={**finding.estimates, **numbers},
        sentences=(*said_aside(faults), *finding.sentences),
    )
