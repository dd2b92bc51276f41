"""Which law do the pulses speak for: all candidates fitted, and judged by devices that they have not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from insitu.measure.families import Family
from insitu.measure.fitting import Fit, fit, log_likelihood_of_others
from insitu.measure.pulses import Pulses

_FEWEST = 4  #: devices from which on some are held out
_EVERY = 4  #: of so many devices, one is held out


@dataclass(frozen=True)
class Candidate:
    """A law that was fitted.

    Parameters
    ----------
    fit : to all devices.
    bic : see :meth:`insitu.measure.fitting.Fit.bic`.
    held_out : log-likelihood a pulse of devices that were left out of another fit; None if there are too few devices.
    """

    fit: Fit
    bic: float
    held_out: float | None

    @property
    def strained(self) -> bool:
        """Whether its scatter is as large as its form allows: it may be likely, but its mean step means nothing then."""
        return any(
            key.startswith("c2c") and one.remark == "at its upper bound" for key, one in self.fit.estimates.items()
        )


def compare(
    pulses: Pulses, families: Sequence[Family], done: Callable[[Family], None] = lambda _: None
) -> list[Candidate]:
    """Fit all families and return them, the best first.

    With four devices and more, every fourth is held out of a second fit, and the law is the better the more likely it makes
    them, given a range and steps of their own; with fewer, the lower its BIC. What is :attr:`Candidate.strained` comes last.
    """
    n = len(pulses.names)
    held = np.arange(n) % _EVERY == _EVERY - 1
    found = []
    for family in families:
        one = fit(pulses, family)
        score = None
        if n >= _FEWEST:
            trained = fit(pulses.only(np.flatnonzero(~held)), family)
            score = log_likelihood_of_others(trained, pulses.only(np.flatnonzero(held)))
        found.append(Candidate(one, one.bic(pulses.of.size), score))
        done(family)
    return sorted(found, key=lambda c: (c.strained, -c.held_out if c.held_out is not None else c.bic))
