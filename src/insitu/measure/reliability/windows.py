"""The window of a cell over its cycles: where it was open, and when it closed for good."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.errors import InputError
from insitu.measure.answering import Fault
from insitu.measure.reading.series import Series

_FIRST = 3  #: readings of which the median is the window at first
_NONE = 0.3  #: of the median window of all devices: less at first is none
_FEWEST = 4  #: readings of a device


@dataclass(frozen=True)
class Window:
    """The window of one device.

    Parameters
    ----------
    name : of the device. cycles : (n,) at which both states were read. low, high : (n,) S.
    opened : the window at first, S.
    last_open, first_closed : cycles between which it closed for good; infinity where it did not.
    """

    name: str
    cycles: Doubles
    low: Doubles
    high: Doubles
    opened: float
    last_open: float
    first_closed: float

    @property
    def failed(self) -> bool:
        """Whether it closed for good."""
        return bool(np.isfinite(self.first_closed))

    @property
    def relative(self) -> Doubles:
        """(n,) the window over that at first."""
        return (self.high - self.low) / self.opened


def windows_of(series: Series, part: float) -> tuple[list[Window], list[Fault]]:
    """Return the window of each device, and those that never had one as faults.

    A window is closed where it is less than a ``part`` of what it was at first, the median of three readings, and for good
    from the first reading on after which it is never open again.

    Raises
    ------
    InputError : there are not two states, or too few readings.
    """
    states = _states(series)
    found = []
    for name in series.names:
        mine = series.device == name
        (at_low, g_low), (at_high, g_high) = (_over_cycles(series, mine & (series.level == level)) for level in states)
        cycles = np.intersect1d(at_low, at_high)
        if cycles.size < _FEWEST:
            raise InputError(
                f"cycle: {cycles.size} of {name or 'the device'} have both states read; measure at least {_FEWEST}"
            )
        g_low, g_high = g_low[np.searchsorted(at_low, cycles)], g_high[np.searchsorted(at_high, cycles)]
        opened = float(np.median((g_high - g_low)[:_FIRST]))
        is_open = np.flatnonzero((g_high - g_low >= part * opened) & (opened > 0))
        last = int(is_open[-1]) if is_open.size else -1
        closed = float(cycles[last + 1]) if last + 1 < cycles.size else np.inf
        found.append(Window(name, cycles, g_low, g_high, opened, float(cycles[last]) if last >= 0 else 0.0, closed))
    usual = float(np.median([one.opened for one in found]))
    if usual <= 0:
        raise InputError("cycle: the two states read alike from the start; there is no window that could close")
    none = [one for one in found if one.opened < _NONE * usual or not one.last_open]
    left = [one for one in found if one not in none]
    low, high = (float(np.median([np.median(getattr(one, state)) for one in left])) for state in ("low", "high"))
    return left, [_fault(one, low, high) for one in none]


def _fault(window: Window, low: float, high: float) -> Fault:
    """Return what is wrong with a device without a window, beside the states of the others."""
    at = float(np.median(np.r_[window.low, window.high]))
    return Fault(window.name, "dead" if at < low / 3 else "stuck_low" if at < (low + high) / 2 else "stuck_high", at)


def _states(series: Series) -> tuple[str, str]:
    """Return the names of the two states, the one of lower conductance first."""
    names = list(dict.fromkeys(series.level.tolist()))
    if len(names) != 2:
        given = ", ".join(f"'{name}'" for name in names if name) or "one"
        raise InputError(
            f"cycle: there are {len(names)} states ({given}); wanted are two, as columns g_low_S and g_high_S (or currents, "
            "resistances, HRS and LRS), or as rows with a column state"
        )
    low, high = sorted(names, key=lambda name: float(np.median(series.g[series.level == name])))
    return low, high


def _over_cycles(series: Series, mine: NDArray[np.bool_]) -> tuple[Doubles, Doubles]:
    """Return cycles, each once and rising, and the mean of what was read there."""
    cycles, of = np.unique(series.at[mine], return_inverse=True)
    return cycles, np.bincount(of, series.g[mine]) / np.maximum(np.bincount(of), 1)
