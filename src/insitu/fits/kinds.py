"""From a file of retention, endurance or noise to a device that has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from rich.console import Console

from insitu import terminal
from insitu.devices import library
from insitu.errors import InputError, require_between, require_kind, suggest
from insitu.fits.fitted import choices, new_folder, require_name
from insitu.fits.measured import Measured
from insitu.ledger.costset import written_for
from insitu.measure.reading.quantities import Given
from insitu.measure.reading.series import Series, read_series
from insitu.measure.reliability.endurance import fit_endurance
from insitu.measure.reliability.faulty import set_aside, with_faults
from insitu.measure.reliability.finding import Finding
from insitu.measure.reliability.noise import fit_noise
from insitu.measure.reliability.retention import LAWS, fit_retention
from insitu.measure.reliability.traces import traces_of
from insitu.progress import progress

KINDS = ("retention", "endurance", "noise")
_ONLY = {"temperature": "retention", "window": "endurance", "writes_a_cycle": "endurance"}  #: option -> its kind


def fit_kind(
    file: str | PathLike[str],
    kind: str,
    *,
    device: str | PathLike[str] | None = None,
    unit: float | str | None = None,
    zero: float = 0.0,
    read_voltage: float | None = None,
    magnitude: bool = False,
    where: Mapping[str, Any] | Sequence[str] | None = None,
    skip_bad: bool = False,
    without: str | Sequence[str] = (),
    temperature: float | None = None,
    window: float | None = None,
    writes_a_cycle: float | None = None,
    name: str | None = None,
    out: str | Path | None = None,
    quiet: bool = False,
) -> Measured:
    """Fit retention, endurance or read noise to readings, and put it into a device.

    Parameters
    ----------
    file : of readings, see docs/fit.md. kind : ``retention``, ``endurance`` or ``noise``.
    device : that it belongs to, by name or file; None gives numbers, but no device file.
    unit, zero, read_voltage, magnitude, where, skip_bad, without, name, out, quiet : as in :func:`insitu.fit`.
    temperature : of retention, to which its numbers are carried by what several temperatures say, K; None is the lowest.
    window : of endurance, part of the first window under which one is closed; None is 0.5.
    writes_a_cycle : of endurance, pulses that a cell takes in a cycle; None is 2.

    Raises
    ------
    InputError : the file, the device or an option cannot be used. RunError : the folder cannot be written.
    """
    require_kind("file", file, (str, PathLike), "give the path of a file")
    if kind not in KINDS:
        raise InputError(f"--kind: unknown kind '{kind}'; {suggest(kind, ('pulses', *KINDS))}")
    options = {"temperature": temperature, "window": window, "writes_a_cycle": writes_a_cycle}
    given = {key: value for key, value in options.items() if value is not None}
    for key in given:
        if _ONLY[key] != kind:
            raise InputError(f"--{key.replace('_', '-')}: is of --kind {_ONLY[key]}; leave it out for {kind}")
    require_between("temperature", temperature, 150, 1000, unit="K", hint="85 °C is 358 K")
    name = require_name(Path(fspath(file)).stem if name is None else name)
    base = None if device is None else library.load(device)
    costs = None if device is None else written_for(fspath(device))
    console = terminal.console(stderr=True, quiet=quiet)
    series = read_series(
        file, "cycle" if kind == "endurance" else "time", needed=kind != "noise", where=choices(where), skip_bad=skip_bad,
        given=Given(unit, zero, read_voltage, magnitude),
    )  # fmt: skip
    for sentence in series.told():
        terminal.say(console, sentence)
    series = series.without([without] if isinstance(without, str) else without)
    with nullcontext() if out is None else new_folder(Path(out), name) as folder:
        found = Measured(name, kind, series, _found(console, series, kind, given), base)
        return found if folder is None else found.write(folder, costs)


def _found(console: Console, series: Series, kind: str, options: Mapping[str, Any]) -> Finding:
    if kind == "endurance":
        return fit_endurance(series, **options)
    traces, faults = set_aside(traces_of(series), kind)
    n, working = len(traces.device), len(set(traces.device))
    if kind == "retention":
        with progress(console, len(LAWS), len(LAWS), 1 + 0.05 * n, unit="laws") as advance:
            return with_faults(fit_retention(traces, advance=advance, **options), faults, working)
    with progress(console, n, n, 1 + 1e-4 * series.g.size, unit="traces") as advance:
        return with_faults(fit_noise(traces, advance), faults, working)
