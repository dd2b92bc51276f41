"""Which law do the pulses speak for: all candidates fitted, and judged by devices that they have not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from insitu.measure.families import TABLE, Family
from insitu.measure.fitting import MANY, Fit, fit, jumping, log_likelihood_of_others, searched
from insitu.measure.pulses import Pulses
from insitu.measure.searching import AT_HIGH
from insitu.measure.straying import tidied
from insitu.measure.tabulating import table_of

_FEWEST = 4  #: devices from which on some are held out
_EVERY = 4  #: of so many devices, one is held out


@dataclass(frozen=True)
class Candidate:
    """A law that was fitted.

    Parameters
    ----------
    fit : to all devices. of_part : where laws were compared on a part of the devices, the fit to those.
    held_out : log-likelihood a pulse of devices that were left out of another fit; None if there are too few devices.
    """

    fit: Fit
    held_out: float | None
    of_part: Fit | None = None

    @property
    def compared(self) -> Fit:
        """The fit by which laws are compared."""
        return self.of_part or self.fit

    @property
    def bic(self) -> float:
        """That of the fit by which laws are compared."""
        return self.compared.bic

    @property
    def strained(self) -> bool:
        """Whether its scatter is as large as its form allows: it may be likely, but its mean step means nothing then."""
        return any(key.startswith("c2c") and one.remark == AT_HIGH for key, one in self.fit.estimates.items())


def candidate(pulses: Pulses, family: Family, *, jumps: bool = False) -> Candidate:
    """Fit a family to all devices, and where there are four or more, to three of four to see what it makes of the others.

    Parameters
    ----------
    jumps : whether readings may have telegraph noise.
    """
    n = len(pulses.names)
    held = np.arange(n) % _EVERY == _EVERY - 1
    one, score = fit(pulses, family, jumps=jumps), None
    if n >= _FEWEST:
        known = pulses.only(np.flatnonzero(~held))
        trained = fit(known, (table_of(tidied(known)) or family) if family.name == TABLE else family, searched(one))
        score = log_likelihood_of_others(trained, pulses.only(np.flatnonzero(held)))
    return Candidate(one, score)


def part(pulses: Pulses) -> Pulses:
    """Return as many devices as tell laws apart: eight, with 20,000 pulses; the same pulses where there are no more."""
    held = np.cumsum(np.bincount(pulses.of))
    some = max(2 * _FEWEST, int(np.searchsorted(held, 2 * MANY)) + 1)
    return pulses if some >= len(pulses.names) else pulses.only(range(some))


def extended(best: Candidate, pulses: Pulses) -> Candidate:
    """Return a law that was fitted to a part of the pulses as fitted to all."""
    return Candidate(fit(pulses, best.fit.family, searched(best.fit)), best.held_out, best.fit)


def ranked(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Return candidates, the best first.

    Where devices were held out, the law is the better the more likely it makes them, given a range and steps of their own;
    else the lower its BIC. What is :attr:`Candidate.strained` comes last.
    """
    return sorted(candidates, key=lambda c: (c.strained, -c.held_out if c.held_out is not None else c.bic))


def compare(
    pulses: Pulses,
    families: Sequence[Family],
    carry_out: Callable[[Callable[[Family], Candidate], Sequence[Family]], Iterable[Candidate]] = map,
    say: Callable[[str], None] = lambda _: None,
) -> list[Candidate]:
    """Fit all families to pulses and return them, the best first; with telegraph noise, if the best has any.

    Only the best is asked for it: others find jumps in what they do not follow.

    Parameters
    ----------
    carry_out : fits each family; ``map`` one after the other. say : is told if all are fitted once more.
    """
    found = ranked(carry_out(partial(candidate, pulses), families))
    if not jumping(found[0].fit, pulses):
        return found
    say("Readings jump between two levels: all laws are fitted again, with that.")
    return ranked(carry_out(partial(candidate, pulses, jumps=True), families))


def seconds(pulses: Pulses, families: Sequence[Family]) -> float:
    """Return about how long :func:`compare` takes on one core, s."""
    n = pulses.of.size
    once = 0.6e-3 * min(n, MANY) + 0.3e-3 * n
    return len(families) * (1.5 + once * (2 if len(pulses.names) >= _FEWEST else 1))
