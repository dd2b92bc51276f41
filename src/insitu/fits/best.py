"""From a file of measured pulses to the device that foresees them best: all laws that make sense, on all cores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from types import NoneType
from typing import Any

from rich.console import Console

from insitu import terminal
from insitu.devices import library
from insitu.errors import InputError, require_kind, suggest
from insitu.fits.fitted import Fitted, choices, new_folder, require_name
from insitu.kernels.threads import cores
from insitu.measure.answering import Fault, set_aside
from insitu.measure.comparing import Candidate, compare, extended, part, seconds
from insitu.measure.families import ABRUPT, GEOMETRIC, GRADUAL, Family, families_for, family_of
from insitu.measure.pulses import Pulses
from insitu.measure.reading import read_pulses
from insitu.measure.straying import tidied
from insitu.measure.switching import TWO_LEVELS, answering, levels_of
from insitu.measure.tabulating import table_of
from insitu.progress import duration, progress
from insitu.recipes.workers import Outcome, run_all, run_here

_ALONE = 20.0  #: seconds under which one core does


def fit(
    pulses: str | PathLike[str] | Pulses | None = None,
    *,
    up: str | PathLike[str] | None = None,
    down: str | PathLike[str] | None = None,
    unit: float | str | None = None,
    zero: float = 0.0,
    read_voltage: float | None = None,
    magnitude: bool = False,
    where: Mapping[str, Any] | Sequence[str] | None = None,
    skip_bad: bool = False,
    at: str | Mapping[str, float | Sequence[float]] | None = None,
    without: str | Sequence[str] = (),
    law: str | Sequence[str] | None = None,
    name: str | None = None,
    out: str | Path | None = None,
    quiet: bool = False,
) -> Fitted:
    """Fit devices to measured pulses: which law, and its numbers with their errors.

    Parameters
    ----------
    pulses : file of measured pulses, or what :func:`insitu.measure.pulses` makes of arrays; docs/fit.md has the layouts.
    up, down, unit, zero, read_voltage, magnitude, skip_bad : of files, as in :func:`insitu.measure.read_pulses`.
    where : column -> value, or a list of them: only these rows of the file.
    at : amplitude and width of the device where pulses of several are fitted together, ``"amplitude_V=1.4"``, or ``"most"``,
        the most frequent.
    without : names of measured devices to leave out; those that do not answer are set aside anyway, as faults.
    law : fit this law only, or that of a device in a ``.py`` file, or several; None is all that make sense.
    name : of the device; None is that of the file.
    out : folder of all fits, in which this one gets its own with device file, figure and page; None writes nothing.
    quiet : whether to say nothing on standard error.

    Raises
    ------
    InputError : the file or an option cannot be used, or no law gives the readings a likelihood.
    RunError : the folder cannot be written; nothing is fitted then.
    """
    console = terminal.console(stderr=True, quiet=quiet)
    if not isinstance(pulses, Pulses):
        for given, file in (("pulses", pulses), ("up", up), ("down", down)):
            require_kind(given, file, (str, PathLike, Pulses, NoneType), "give the path of a file")
        name = Path(fspath(pulses or up or down or "")).stem if name is None else name
        said: dict[str, Any] = {"unit": unit, "zero": zero, "read_voltage": read_voltage, "magnitude": magnitude}
        pulses = read_pulses(pulses, up=up, down=down, where=choices(where), skip_bad=skip_bad, at=at, **said)
    name = require_name("fitted" if name is None else name)
    for sentence in pulses.told():
        terminal.say(console, sentence)
    pulses = pulses.without([without] if isinstance(without, str) else without)
    pulses, faults = answering(pulses) or _set_aside(pulses)
    families = _families(pulses, [law] if isinstance(law, str) else law or ())
    with nullcontext() if out is None else new_folder(Path(out), name) as folder:
        found = Fitted.of(name, pulses, _judged(console, pulses, families), faults)
        return found if folder is None else found.write(folder)


def _set_aside(pulses: Pulses) -> tuple[Pulses, tuple[Fault, ...]]:
    """Set aside devices that do not answer, stray readings left out of it."""
    answer, faults = set_aside(tidied(pulses))
    return pulses.without([name for name in pulses.names if name not in answer.names]), faults


def _families(pulses: Pulses, wanted: Sequence[str]) -> tuple[Family, ...]:
    tidy = tidied(pulses)
    table = table_of(tidy) if pulses.at is None else None  # of identical pulses
    if not wanted:
        usual = families_for(tidy)
        if levels_of(pulses) is not None:
            return (TWO_LEVELS, *usual)
        return usual + ((table,) if table and usual != ABRUPT else ())
    every = (*GRADUAL, GEOMETRIC, *ABRUPT, TWO_LEVELS, *([table] if table else ()))
    known, found = {family.name: family for family in every}, []
    for one in dict.fromkeys(wanted):
        if one.endswith(".py"):
            own = library.load(one)
            found.append(family_of(own.name, own.device))
        elif one in known:
            found.append(known[one])
        else:
            raise InputError(f"--law: unknown law '{one}'; {suggest(one, known)}; a file of your own ends in .py")
    return tuple(found)


def _judged(console: Console, pulses: Pulses, families: Sequence[Family]) -> list[Candidate]:
    """Return the laws, the best first; of very many pulses, all laws are fitted to a part, and the best to all."""
    some = part(pulses) if len(families) > 1 else pulses
    if some is not pulses:
        terminal.say(console, f"Laws are compared on the first {len(some.names)} devices; the best is fitted to all.")
    carry_out = partial(_carried_out, console, seconds(some, families))
    found = compare(some, families, carry_out, partial(terminal.say, console))
    if some is pulses:
        return found
    return [extended(found[0], pulses), *found[1:]]


def _carried_out(
    console: Console, long: float, one: Callable[[Family], Candidate], families: Sequence[Family]
) -> list[Candidate]:
    """Fit all families, on all cores where that is worth the start of a process; those that cannot be are left out."""
    shared = all(family.ours for family in families)
    count = min(cores(), len(families)) if long > _ALONE and shared else 1
    if long > _ALONE:
        terminal.say(console, f"{len(families)} laws, {count} at a time, about {duration(long / count)} on idle cores")
    with progress(console, len(families), len(families), long / count, unit="laws") as advance:

        def done(family: Family, outcome: Outcome) -> None:
            advance(1)
            if isinstance(outcome, InputError):
                terminal.say(console, f"{family.name} left out: {outcome}")

        if count > 1:
            outcomes = run_all(one, families, workers=count, threads=1, done=done)
        else:
            outcomes = run_here(one, families, done=done)
    found = [outcome for outcome in outcomes if isinstance(outcome, Candidate)]
    for outcome in outcomes:
        if isinstance(outcome, Exception) and (not found or not isinstance(outcome, InputError)):
            raise outcome
    return found
