"""At which amplitude and width a device is, where pulses of several are fitted together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from insitu.errors import InputError, suggest
from insitu.measure.pulses import SAME_CONDITION
from insitu.units import si

At = tuple[tuple[str, float], ...]  #: (amplitude_V or width_s, value) as often as they are given
Chosen = tuple[tuple[float, float], tuple[float, float]]  #: (V, s) of up and of down pulses
_COLUMNS = {"amplitude_V": "V", "width_s": "s"}


def at_of(given: str | Mapping[str, float | Sequence[float]] | None) -> At | None:
    """Return what is asked for with ``--at``: ``most``, or ``amplitude_V=1.4,width_s=1e-6``; None is nothing."""
    if given is None:
        return None
    pairs: list[tuple[str, str]] = []
    if isinstance(given, Mapping):
        for column, values in given.items():
            several = list(values) if isinstance(values, list | tuple | np.ndarray) else [values]
            pairs += [(column, str(one)) for one in several]
    elif not isinstance(given, str):
        raise InputError(f"--at: got {given!r}; allowed is text or a dictionary, such as {{'amplitude_V': 1.4}}")
    elif given.strip().lower() != "most":
        parts = [one.partition("=") for one in given.split(",")]
        pairs = [(column.strip(), value) for column, _, value in parts]
    found = []
    for column, value in pairs:
        if column not in _COLUMNS:
            raise InputError(f"--at: there is no '{column}'; {suggest(column, _COLUMNS)}, for example amplitude_V=1.4")
        try:
            found.append((column, float(value)))
        except ValueError as error:
            raise InputError(
                f"--at: {column} is {value!r}; allowed is a number, as in amplitude_V=1.4,width_s=1e-6"
            ) from error
        if column == "width_s" and found[-1][1] <= 0:
            raise InputError(f"--at: width_s has to be above 0, got {found[-1][1]:g}")
    return tuple(found)


def reference(
    name: str,
    polarity: NDArray[np.int8],
    amplitude: NDArray[np.float64] | None,
    width: NDArray[np.float64] | None,
    at: At,
    line: NDArray[np.intp] | None = None,
) -> tuple[str, Chosen]:
    """Return the conditions of pulses in words, and amplitude and width of the device: as asked for, else the most frequent.

    An amplitude above 0 is that of up pulses, and of down pulses too if they have it and no other is given for them.

    Raises
    ------
    InputError : amplitudes or widths are not in the file, or no pulse has the one that is asked for.
    """
    chosen, told = [], []
    met: set[tuple[str, float]] = set()
    for sign, direction in ((1, "up"), (-1, "down")):
        of_side, parts = [], []
        for (column, unit), values in zip(_COLUMNS.items(), (amplitude, width), strict=True):
            mine = None if values is None else np.abs(values[polarity == sign])
            wanted = [one for key, one in at if key == column]
            if mine is None or not mine.size:
                of_side.append(np.nan)
                continue
            bad = np.flatnonzero(~(mine > 0))
            if bad.size:
                first = "" if line is None else f", line {line[polarity == sign][bad[0]]}"
                what = "not known" if np.isnan(mine[bad[0]]) else "0"
                raise InputError(
                    f"{name}{first}: {column} is {what}, here and in {bad.size - 1} other row(s) of {direction} pulses, over "
                    "which nothing can be fitted; leave these rows out, or --at"
                )
            own = [one for one in wanted if unit == "s" or np.sign(one) == sign] or wanted
            near = [one for one in own if np.isclose(mine, abs(one), rtol=SAME_CONDITION).any()]
            met |= {(column, one) for one in near}
            if len({abs(one) for one in near}) > 1:
                both = " and ".join(f"{one:g}" for one in near)
                raise InputError(
                    f"--at: the device has one {column} for {direction} pulses, got {both}; give one of them"
                )
            found, count = np.unique(mine, return_counts=True)
            value = abs(near[0]) if near else float(found[count.argmax()])
            of_side.append(value)
            many = found[-1] - found[0] > SAME_CONDITION * found[-1]
            parts.append(
                f"{si(value, unit)} (of {si(found[0], unit)} to {si(found[-1], unit)})" if many else si(value, unit)
            )
        chosen.append((float(of_side[0]), float(of_side[1])))
        told += [f"{direction} pulses of {' and '.join(parts)}"] if parts else []
    lost = [one for one in at if one not in met]
    if lost:
        raise InputError(f"--at: no pulse has {lost[0][0]} {lost[0][1]:g}; give one that is in the file, or --at most")
    if not told:
        raise InputError(f"--at: {name} has neither amplitudes nor widths; leave it out")
    return ", ".join(told), (chosen[0], chosen[1])
