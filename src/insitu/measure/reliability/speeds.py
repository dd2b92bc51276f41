"""How fast the conductances of many cells go: the mean over devices, their spread, and what temperature does to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.errors import InputError
from insitu.measure.reliability.courses import LEAK, Courses
from insitu.measure.reliability.population import Population, population
from insitu.measure.reliability.traces import Traces

BOLTZMANN = 8.617333262e-5  #: eV / K (CODATA 2018)
_CHANCE = 0.003  #: probability, under which levels differ


@dataclass(frozen=True)
class Speed:
    """The speed of a law, over all traces of which it is found: nu, or ln tau.

    Parameters
    ----------
    found : (traces,) of which it is found. levels : places of the levels that have such traces.
    of : the population; one mean a level, at the ``reference`` temperature, K, and the slope over temperature where there
        are several, of nu over K, of ln tau over 1 / kT, eV. reference is None where no temperature is known.
    mean, error : over all levels alike.
    """

    found: NDArray[np.bool_]
    levels: NDArray[np.intp]
    of: Population
    mean: float
    error: float
    reference: float | None

    @property
    def slope(self) -> tuple[float, float] | None:
        """That over temperature, with its error; None of a single temperature."""
        n = self.levels.size
        return (float(self.of.mean[n]), float(self.of.errors[n])) if self.of.mean.size > n else None

    @property
    def unlike(self) -> bool:
        """Whether levels differ by more than chance."""
        from scipy.stats import chi2

        n = self.levels.size
        differ = np.eye(n)[1:] - np.eye(n)[:1]
        off = differ @ self.of.mean[:n]
        spread = differ @ self.of.covariance[:n, :n] @ differ.T
        return n > 1 and float(chi2.sf(off @ np.linalg.pinv(spread) @ off, n - 1)) < _CHANCE


def speed_of(traces: Traces, courses: Courses, reference: float | None) -> Speed:
    """Return the speed of courses over all traces, at a reference temperature, K.

    Raises
    ------
    InputError : it is found of no trace.
    """
    found = np.isfinite(courses.error)
    if not found.any():
        raise InputError(
            "time: no trace tells how fast its conductance goes; measure for longer, or more readings of each"
        )
    levels, of = np.unique(traces.of_level[found], return_inverse=True)
    design = np.eye(levels.size)[of]
    heat = traces.temperature[found]
    if reference is not None and np.unique(heat).size > 1:
        design = np.column_stack([design, over_heat(heat, reference, courses.law)])
    names = [traces.device[k] for k in np.flatnonzero(found)]
    every = population(courses.speed[found], courses.error[found], design, names)
    weights = np.r_[np.full(levels.size, 1 / levels.size), np.zeros(design.shape[1] - levels.size)]
    mean, error = float(weights @ every.mean), float(np.sqrt(weights @ every.covariance @ weights))
    return Speed(found, levels, every, mean, error, reference)


def over_heat(heat: Doubles, reference: float, law: str) -> Doubles:
    """Return what the speed of a law goes in proportion to, 0 at the reference: 1 / kT, 1/eV, of a leak, else T, K."""
    return (1 / heat - 1 / reference) / BOLTZMANN if law == LEAK else heat - reference
