"""What is wrong with real cells beside the law of a pulse: each group of numbers is off by default (None)."""

from __future__ import annotations

from dataclasses import dataclass

from insitu.errors import InputError, require_between, require_whole, store_plain_numbers


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Device-to-device (d2d) spread, drawn once a cell from its own counter-based stream; None is off.

    Parameters
    ----------
    step_cv : relative spread of both step sizes together (log-normal, mean 1).
    range_cv : relative spread of g_max and, independently, of g_min (log-normal, mean 1).
    range_sd : absolute spread of the same two, S (normal, cut at 0), for sources that give it about mid-range.
    asymmetry_cv : relative spread of the ratio step_up / step_down (log-normal; the geometric mean of the two stays).
    """

    step_cv: float | None = None
    range_cv: float | None = None
    asymmetry_cv: float | None = None
    range_sd: float | None = None

    def __post_init__(self) -> None:
        store_plain_numbers(self)
        for name in ("step_cv", "range_cv", "asymmetry_cv"):
            require_between(f"spread.{name}", getattr(self, name), 0, 3)
        require_between("spread.range_sd", self.range_sd, 0, 1, unit="S")

    @property
    def on(self) -> bool:
        """Whether any cell differs from any other."""
        return any(vars(self).values())


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Cells that never work, as fractions of the array; None is off.

    Parameters
    ----------
    dead : conduct nothing (broken access), 0 S for ever.
    stuck_low, stuck_high : stay at g_min or g_max for ever.
    """

    dead: float | None = None
    stuck_low: float | None = None
    stuck_high: float | None = None

    def __post_init__(self) -> None:
        store_plain_numbers(self)
        for name in ("dead", "stuck_low", "stuck_high"):
            require_between(f"faults.{name}", getattr(self, name), 0, 1)
        if self.total > 1:
            raise InputError(
                f"faults: dead + stuck_low + stuck_high is {self.total:g}; the sum of fractions is at most 1"
            )

    @property
    def total(self) -> float:
        """Fraction of the cells that never work."""
        return sum(getattr(self, name) or 0.0 for name in ("dead", "stuck_low", "stuck_high"))


@dataclass(frozen=True, kw_only=True)
class Endurance:
    """Writes a cell survives; after them it stays where it is for ever.

    Parameters
    ----------
    writes : median number of pulses until the cell stops to answer; None is unlimited.
    writes_cv : relative spread of that number from cell to cell (log-normal); None is no spread.
    """

    writes: float | None = None
    writes_cv: float | None = None

    def __post_init__(self) -> None:
        store_plain_numbers(self)
        require_between("endurance.writes", self.writes, 1, 1e15, unit="pulses")
        require_between("endurance.writes_cv", self.writes_cv, 0, 10)
        if self.writes is None and self.writes_cv is not None:
            raise InputError(
                "endurance.writes_cv is set but endurance.writes is None; give the median number of pulses"
            )


@dataclass(frozen=True, kw_only=True)
class Retention:
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

    tau: float | None = None
    tau_cv: float | None = None
    rest: float | None = None
    nu: float | None = None
    nu_sd: float | None = None
    t0: float | None = None

    def __post_init__(self) -> None:
        store_plain_numbers(self)
        require_between("retention.tau", self.tau, 1e-12, 1e18, unit="s")
        require_between("retention.tau_cv", self.tau_cv, 0, 3)
        require_between("retention.rest", self.rest, 0, 1, unit="S")
        require_between("retention.nu", self.nu, 0, 2)
        require_between("retention.nu_sd", self.nu_sd, 0, 2)
        require_between("retention.t0", self.t0, 1e-12, 1e12, unit="s")
        if (self.tau is None) != (self.rest is None):
            raise InputError("retention: tau and rest belong together; give both, or neither for a cell that keeps")
        if (self.nu is None) != (self.t0 is None):
            raise InputError("retention: nu and t0 belong together; give both, or neither for a cell without drift")
        for spread, of in (("tau_cv", "tau"), ("nu_sd", "nu")):
            if getattr(self, spread) is not None and getattr(self, of) is None:
                raise InputError(f"retention.{spread} is set but retention.{of} is None; give {of} too")


@dataclass(frozen=True, kw_only=True)
class ReadNoise:
    """Normal noise of one read of one cell, ``sd(g) = cv g + sd``; None is off.

    Parameters
    ----------
    cv : part in proportion to the conductance.
    sd : constant part, S.
    """

    cv: float | None = None
    sd: float | None = None

    def __post_init__(self) -> None:
        store_plain_numbers(self)
        require_between("read_noise.cv", self.cv, 0, 10)
        require_between("read_noise.sd", self.sd, 0, 1, unit="S")

    @property
    def on(self) -> bool:
        """Whether two reads of a cell differ."""
        return bool(self.cv or self.sd)


@dataclass(frozen=True, kw_only=True)
class Programming:
    """What closed-loop writing leaves, as a statistical law: ``g = target + error_sd z``.

    None: no such law is known of the device, and closed loops are carried out pulse by pulse. 0 is exact.

    Parameters
    ----------
    error_sd : standard deviation of the finished write about its target, S, drawn anew at every write of the cell.
    tolerance : of the verify, S: a cell whose target has moved by no more since its last write is left alone.
    tries : pulses, each with its verify read, that one write is counted as.
    """

    error_sd: float | None = None
    tolerance: float | None = None
    tries: int | None = None

    def __post_init__(self) -> None:
        store_plain_numbers(self)
        require_between("programming.error_sd", self.error_sd, 0, 1, unit="S")
        require_between("programming.tolerance", self.tolerance, 0, 1, unit="S")
        if self.tries is not None:
            require_whole("programming.tries", self.tries, 1, 10_000)


@dataclass(frozen=True, kw_only=True)
class Telegraph:
    """Two-level jumps (random telegraph noise, RTN) of some cells, quicker than the time between two reads; None is off.

    A jumping cell reads ``g (1 + jump / 2)`` or ``g (1 - jump / 2)``, each half of the time.

    Parameters
    ----------
    fraction : of the cells that jump.
    jump : distance of the two levels, relative to the conductance.
    """

    fraction: float | None = None
    jump: float | None = None

    def __post_init__(self) -> None:
        store_plain_numbers(self)
        require_between("telegraph.fraction", self.fraction, 0, 1)
        require_between("telegraph.jump", self.jump, 0, 2)
        if (self.fraction is None) != (self.jump is None):
            raise InputError(
                "telegraph: fraction and jump belong together; give both, or neither for cells that are quiet"
            )
