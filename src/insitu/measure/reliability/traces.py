"""Readings of cells that were left alone, cell by cell, each from its writing on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from insitu.arraytypes import Doubles
from insitu.measure.reading.series import Series


@dataclass(frozen=True)
class Traces:
    """What was read of cells, one row each; NaN beyond the end of a shorter one.

    Parameters
    ----------
    device, level : name of each. temperature : (traces,) K; NaN where it is not known.
    at : (traces, longest) time, s, or number of the reading. g : (traces, longest) S.
    """

    device: tuple[str, ...]
    level: tuple[str, ...]
    temperature: Doubles
    at: Doubles
    g: Doubles

    @property
    def sizes(self) -> NDArray[np.intp]:
        """(traces,) readings of each."""
        return np.asarray((~np.isnan(self.g)).sum(axis=1), np.intp)

    @property
    def levels(self) -> tuple[str, ...]:
        """Names of the levels, in the order of the file."""
        return tuple(dict.fromkeys(self.level))

    @property
    def of_level(self) -> NDArray[np.intp]:
        """(traces,) which level each is of."""
        place = {name: k for k, name in enumerate(self.levels)}
        return np.array([place[name] for name in self.level])

    def only(self, kept: NDArray[np.bool_]) -> Traces:
        """Return some of the traces."""
        some = np.flatnonzero(kept)
        device, level = (tuple(column[k] for k in some) for column in (self.device, self.level))
        return Traces(device, level, self.temperature[some], self.at[some], self.g[some])

    def named(self, k: int) -> str:
        """Return which trace is meant, in words."""
        parts = (self.device[k], f"level {self.level[k]}" if self.level[k] else "")
        return ", ".join(filter(None, parts)) or "the cell"


def traces_of(series: Series) -> Traces:
    """Return readings as traces: of one device, level and temperature each, and anew where time goes back."""
    n = series.g.size
    heat = np.full(n, np.nan) if series.temperature is None else series.temperature
    keys = list(zip(series.device.tolist(), series.level.tolist(), heat.tolist(), strict=True))
    group = {key: k for k, key in enumerate(dict.fromkeys(map(str, keys)))}
    of = np.array([group[str(key)] for key in keys])
    order = np.argsort(of, kind="stable")
    at, of = series.at[order], of[order]
    new = np.append(True, (np.diff(of) != 0) | (np.diff(at) < 0))
    trace = np.cumsum(new) - 1
    place = np.arange(n) - np.flatnonzero(new)[trace]
    shape = (int(trace[-1]) + 1, int(place.max()) + 1)
    times, g = np.full(shape, np.nan), np.full(shape, np.nan)
    times[trace, place], g[trace, place] = at, series.g[order]
    first = order[new]
    return Traces(tuple(series.device[first].tolist()), tuple(series.level[first].tolist()), heat[first], times, g)
