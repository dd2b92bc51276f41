"""What is wrong with real cells beside the law of a pulse: each group of numbers is off by default (None)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from insitu.errors import InputError, limits, require_limits, require_whole, store_plain_numbers


def number(low: float, high: float, unit: str = "") -> Any:
    """Return the field of a group for a number from ``low`` to ``high``, in ``unit``; None is off."""
    return field(default=None, metadata=limits(low, high, unit=unit))


@dataclass(frozen=True, kw_only=True)
class Imperfection:
    """A group of numbers, each of them checked against the limits of its field."""

    def __post_init__(self) -> None:
        store_plain_numbers(self)
        group = re.sub("(?<!^)([A-Z])", r"_\1", type(self).__name__).lower()  # the field of a device that holds it
        require_limits(self, f"{group}.")


@dataclass(frozen=True, kw_only=True)
class Spread(Imperfection):
    """Device-to-device (d2d) spread, drawn once a cell from its own counter-based stream; None is off.

    Parameters
    ----------
    step_cv : relative spread of both step sizes together (log-normal, mean 1).
    range_cv : relative spread of g_max and, independently, of g_min (log-normal, mean 1).
    range_sd : absolute spread of the same two, S (normal, cut at 0), for sources that give it about mid-range.
    low_sd : of g_min in place of range_sd, S, where the two bounds do not scatter alike.
    asymmetry_cv : relative spread of the ratio step_up / step_down (log-normal; the geometric mean of the two stays).
    anchor : conductance at which each cell makes its own steps wherever its bounds fall, S, see
        :mod:`insitu.devices.anchoring`; None: step_up and step_down of a cell are those from the bound that a pulse leaves.
    """

    step_cv: float | None = number(0, 3)
    range_cv: float | None = number(0, 3)
    asymmetry_cv: float | None = number(0, 3)
    range_sd: float | None = number(0, 1, "S")
    low_sd: float | None = number(0, 1, "S")
    anchor: float | None = number(0, 1, "S")

    @property
    def on(self) -> bool:
        """Whether any cell differs from any other."""
        return any(value for name, value in vars(self).items() if name != "anchor")


@dataclass(frozen=True, kw_only=True)
class Faults(Imperfection):
    """Cells that never work, as fractions of the array; None is off.

    Parameters
    ----------
    dead : conduct nothing (broken access), 0 S for ever.
    stuck_low, stuck_high : stay at g_min or g_max for ever.
    """

    dead: float | None = number(0, 1)
    stuck_low: float | None = number(0, 1)
    stuck_high: float | None = number(0, 1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.total > 1:
            raise InputError(
                f"faults: dead + stuck_low + stuck_high is {self.total:g}; the sum of fractions is at most 1"
            )

    @property
    def total(self) -> float:
        """Fraction of the cells that never work."""
        return (self.dead or 0.0) + (self.stuck_low or 0.0) + (self.stuck_high or 0.0)


@dataclass(frozen=True, kw_only=True)
class Endurance(Imperfection):
    """Writes a cell survives; after them it stays where it is for ever.

    Parameters
    ----------
    writes : median number of pulses until the cell stops to answer; None is unlimited.
    writes_cv : relative spread of that number from cell to cell (log-normal); None is no spread.
    """

    writes: float | None = number(1, 1e15, "pulses")
    writes_cv: float | None = number(0, 10)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.writes is None and self.writes_cv is not None:
            raise InputError(
                "endurance.writes_cv is set but endurance.writes is None; give the median number of pulses"
            )


@dataclass(frozen=True, kw_only=True)
class Retention(Imperfection):
    """What time does to a cell that takes no pulse; None is off. Time is physical, in seconds.

    Leak, as of a capacitor: ``g(t) = rest + (g(0) - rest) exp(-t / tau)``.
    Drift, as of a phase-change cell: ``g(t) = g(0) (1 + t / t0)**-nu``, t since its last write.

    Parameters
    ----------
    tau : time constant of the leak, s.
    tau_cv : relative spread of tau from cell to cell (log-normal, mean 1).
    rest : conductance towards which a cell leaks, S.
    nu : drift exponent.
    nu_sd : its absolute spread from cell to cell (normal, cut at 0).
    t0 : time at which the conductance of a write counts as read, s; drift starts after about so long.

    References
    ----------
    Leak: S. Ambrogio et al., Nature 558, 60 (2018), Extended Data Fig. 9. Drift: I. Boybat et al., NVMTS (2018), here
    shifted by t0 so that g(0) is what the write left.
    """

    tau: float | None = number(1e-12, 1e18, "s")
    tau_cv: float | None = number(0, 3)
    rest: float | None = number(0, 1, "S")
    nu: float | None = number(0, 2)
    nu_sd: float | None = number(0, 2)
    t0: float | None = number(1e-12, 1e12, "s")

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.tau is None) != (self.rest is None):
            raise InputError("retention: tau and rest belong together; give both, or neither for a cell that keeps")
        if (self.nu is None) != (self.t0 is None):
            raise InputError("retention: nu and t0 belong together; give both, or neither for a cell without drift")
        for spread, of in (("tau_cv", "tau"), ("nu_sd", "nu")):
            if getattr(self, spread) is not None and getattr(self, of) is None:
                raise InputError(f"retention.{spread} is set but retention.{of} is None; give {of} too")

    @property
    def drifts(self) -> bool:
        """Whether cells drift."""
        return bool(self.nu or self.nu_sd)

    @property
    def on(self) -> bool:
        """Whether time leaves a mark."""
        return self.tau is not None or self.drifts


@dataclass(frozen=True, kw_only=True)
class ReadNoise(Imperfection):
    """Normal noise of one read of one cell, ``sd(g) = cv g + sd``; None is off.

    Parameters
    ----------
    cv : part in proportion to the conductance.
    sd : constant part, S.
    """

    cv: float | None = number(0, 10)
    sd: float | None = number(0, 1, "S")

    @property
    def on(self) -> bool:
        """Whether two reads of a cell differ."""
        return bool(self.cv or self.sd)

    def of(self, g: Any) -> Any:
        """Return the standard deviation of a read of conductances, S, of any shape."""
        return (self.cv or 0.0) * g + (self.sd or 0.0)


@dataclass(frozen=True, kw_only=True)
class Programming(Imperfection):
    """What closed-loop writing leaves, as a statistical law: ``g = target + error_sd z``.

    None: no such law is known of the device, and closed loops are carried out pulse by pulse. 0 is exact.

    Parameters
    ----------
    error_sd : standard deviation of the finished write about its target, S, drawn anew at every write of the cell.
    tolerance : of the verify, S: a cell whose target has moved by no more since its last write is left alone.
    tries : pulses, each with its verify read, that one write is counted as.
    """

    error_sd: float | None = number(0, 1, "S")
    tolerance: float | None = number(0, 1, "S")
    tries: int | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.tries is not None:
            require_whole("programming.tries", self.tries, 1, 10_000)


@dataclass(frozen=True, kw_only=True)
class Telegraph(Imperfection):
    """Two-level jumps (random telegraph noise, RTN) of some cells, quicker than the time between two reads; None is off.

    A jumping cell reads ``g (1 + jump / 2)`` or ``g (1 - jump / 2)``, each half of the time.

    Parameters
    ----------
    fraction : of the cells that jump.
    jump : distance of the two levels, relative to the conductance.
    """

    fraction: float | None = number(0, 1)
    jump: float | None = number(0, 2)

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.fraction is None) != (self.jump is None):
            raise InputError(
                "telegraph: fraction and jump belong together; give both, or neither for cells that are quiet"
            )
