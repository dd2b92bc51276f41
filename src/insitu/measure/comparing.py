"""Which law do the pulses speak for: all candidates fitted, and judged by devices that they have not seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from insitu.measure.families import TABLE, Family
from insitu.measure.fitting import MANY, Fit, fit, log_likelihood_of_others, searched
from insitu.measure.pulses import Pulses
from insitu.measure.searching import AT_HIGH
from insitu.measure.tabulating import table_of

_FEWEST = 4  #: devices from which on some are held out
_EVERY = 4  #: of so many devices, one is held out


@dataclass(frozen=True)
class Candidate:
    """A law that was fitted.

    Parameters
    ----------
    fit : to all devices.
    held_out : log-likelihood a pulse of devices that were left out of another fit; None if there are too few devices.
    """

    fit: Fit
    held_out: float | None

    @property
    def bic(self) -> float:
        """That of the fit."""
        return self.fit.bic

    @property
    def strained(self) -> bool:
        """Whether its scatter is as large as its form allows: it may be likely, but its mean step means nothing then."""
        return any(key.startswith("c2c") and one.remark == AT_HIGH for key, one in self.fit.estimates.items())


def candidate(pulses: Pulses, family: Family) -> Candidate:
    """Fit a family to all devices, and where there are four or more, to three of four to see what it makes of the others."""
    n = len(pulses.names)
    held = np.arange(n) % _EVERY == _EVERY - 1
    one, score = fit(pulses, family), None
    if n >= _FEWEST:
        known = pulses.only(np.flatnonzero(~held))
        trained = fit(known, (table_of(known) or family) if family.name == TABLE else family, searched(one))
        score = log_likelihood_of_others(trained, pulses.only(np.flatnonzero(held)))
    return Candidate(one, score)


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates, the best first.

    Where devices were held out, the law is the better the more likely it makes them, given a range and steps of their own;
    else the lower its BIC. What is :attr:`Candidate.strained` comes last.
    """
    return sorted(candidates, key=lambda c: (c.strained, -c.held_out if c.held_out is not None else c.bic))


def compare(pulses: Pulses, families: Sequence[Family]) -> list[Candidate]:
    """Fit all families to pulses and return them, the best first."""
    return ranked(candidate(pulses, family) for family in families)


def seconds(pulses: Pulses, families: Sequence[Family]) -> float:
    """Return about how long :func:`compare` takes on one core, s."""
    n = pulses.of.size
    once = 0.6e-3 * min(n, MANY) + 0.3e-3 * n
    return len(families) * (1.5 + once * (2 if len(pulses.names) >= _FEWEST else 1))
