"""The command ``insitu fit``. What is heavy is imported when needed."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insitu import terminal
from insitu.errors import InputError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from insitu.measure.comparing import Candidate
    from insitu.measure.diagnosing import Diagnosis
    from insitu.measure.families import Family
    from insitu.measure.pulses import Pulses
    from insitu.measure.residuals import Residuals


_ALONE = 20.0  #: seconds under which one core does


def fit(
    file: Annotated[Path, typer.Argument(help="CSV of measured pulses; docs/fit.md has the columns.")],
    unit: Annotated[float | None, typer.Option(help="If readings are not in siemens: one unit of them, S.")] = None,
    zero: Annotated[float, typer.Option(help="And their 0, S.")] = 0.0,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=VALUE", help="Only rows with this value, or one of several: 1.2,-1.5. May be repeated."
        ),
    ] = None,
    law: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Fit this law only, or that of a device in a .py file; may be repeated.",
            show_default="all that make sense",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of all fits.")] = Path("fits"),
    name: Annotated[str | None, typer.Option(help="Name of the device.", show_default="that of the file")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Fit devices to measured pulses: which law, its numbers with their errors, and a device file to train on."""
    from rich.console import Console

    from insitu.measure.diagnosing import diagnose
    from insitu.measure.reading import read_pulses
    from insitu.measure.residuals import residuals

    console = Console(stderr=True)
    pulses = read_pulses(file, unit=unit, zero=zero, where=_choices(where or []))
    called = _name(name if name is not None else file.stem)
    terminal.say(console, f"Pulses: {pulses.describe()}; {pulses.conditions}.")
    families = _families(pulses, law or [])
    with _new_folder(out, called) as folder:
        candidates = _compared(console, pulses, families)
        best = candidates[0].fit
        diagnosis, left = diagnose(best.device), residuals(best, pulses)
        numbers = _as_dict(candidates, pulses, diagnosis, left)
        _save(folder, called, candidates, pulses, diagnosis, left, numbers)
    if as_json:
        terminal.emit_json(numbers | {"folder": str(folder)})
    else:
        _show(Console(), candidates, diagnosis, left, folder, called)


def _choices(where: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in where:
        column, equals, value = one.partition("=")
        if not equals or not column.strip() or not value.strip():
            raise InputError(f"--where: got {one!r}; allowed is COLUMN=VALUE, for example amplitude_V=1.2")
        found[column.strip()] = value.strip()
    return found


def _name(name: str) -> str:
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise InputError(f"--name: got {name!r}; allowed are letters, digits, - and _")
    return name


def _families(pulses: Pulses, wanted: Sequence[str]) -> tuple[Family, ...]:
    from insitu.devices.library import load
    from insitu.measure.families import ABRUPT, GRADUAL, families_for, family_of

    if not wanted:
        return families_for(pulses)
    known, found = {family.name: family for family in (*GRADUAL, *ABRUPT)}, []
    for one in dict.fromkeys(wanted):
        if one.endswith(".py"):
            own = load(one)
            found.append(family_of(own.name, own.device))
        elif one in known:
            found.append(known[one])
        else:
            raise InputError(f"--law: unknown law '{one}'; {suggest(one, known)}; a file of your own ends in .py")
    return tuple(found)


def _compared(console: Console, pulses: Pulses, families: Sequence[Family]) -> list[Candidate]:
    """Fit all families, on all cores where that is worth the start of a process, and return them, the best first."""
    from insitu.measure.comparing import ranked, seconds
    from insitu.recipes.workers import Outcome, run_all, run_here
    from insitu.runs.manifest import cores
    from insitu.studies.progress import duration, progress

    long, shared = seconds(pulses, families), all(family.ours for family in families)
    count = min(cores(), len(families)) if long > _ALONE and shared else 1
    if long > _ALONE:
        terminal.say(console, f"{len(families)} laws, {count} at a time, about {duration(long / count)}")
    with progress(console, len(families), len(families), long / count, unit="laws") as advance:

        def done(family: Family, outcome: Outcome) -> None:
            advance(1)
            if isinstance(outcome, InputError):
                terminal.say(console, f"{family.name} left out: {outcome}")

        one = partial(_one, pulses=pulses)
        if count > 1:
            outcomes = run_all(one, families, workers=count, threads=1, done=done)
        else:
            outcomes = run_here(one, families, done=done)
    found = [outcome["candidate"] for outcome in outcomes if isinstance(outcome, dict)]
    for outcome in outcomes:
        if isinstance(outcome, Exception) and (not found or not isinstance(outcome, InputError)):
            raise outcome
    return ranked(found)


def _one(family: Family, pulses: Pulses) -> dict[str, Any]:
    from insitu.measure.comparing import candidate

    return {"candidate": candidate(pulses, family)}


@contextmanager
def _new_folder(out: Path, name: str) -> Iterator[Path]:
    """Make a new folder before the work begins; it goes again if nothing comes of it."""
    from insitu.runs.writing import cannot_write

    folder, again = out / name, 1
    try:
        out.mkdir(parents=True, exist_ok=True)
        while folder.exists():
            again += 1
            folder = out / f"{name}-{again}"
        folder.mkdir()
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        yield folder
    finally:
        with suppress(OSError):  # it holds a fit
            folder.rmdir()


def _save(
    folder: Path,
    name: str,
    candidates: Sequence[Candidate],
    pulses: Pulses,
    diagnosis: Diagnosis,
    left: Residuals,
    numbers: dict[str, Any],
) -> None:
    """Write device, figure, page and numbers."""
    import json

    from insitu.measure.writing import device_file
    from insitu.reports.canvas import save
    from insitu.reports.fit_figures import fit_figure
    from insitu.reports.page.fit import fit_page
    from insitu.runs.writing import atomic_write, plain, read_bytes

    text = device_file(candidates[0].fit, pulses)
    atomic_write(folder / f"{name}.py", text)
    atomic_write(folder / "fit.json", json.dumps(plain(numbers), indent=2, allow_nan=False))
    drawn = read_bytes(save(fit_figure(candidates, pulses), folder / "fit.png").with_suffix(".svg"))
    atomic_write(folder / "report.html", fit_page(name, candidates, pulses, diagnosis, left, drawn, text))


def _as_dict(candidates: Sequence[Candidate], pulses: Pulses, diagnosis: Diagnosis, left: Residuals) -> dict[str, Any]:
    from dataclasses import asdict

    best = candidates[0].fit
    return {
        "law": best.family.name,
        "family": best.family.law.__name__,
        "data": pulses.describe(),
        "source": pulses.source,
        "conditions": pulses.conditions,
        "numbers": {key: asdict(one) for key, one in best.estimates.items()},
        "correlations": {f"{a}, {b}": r for (a, b), r in best.correlations.items()},
        "merit": asdict(diagnosis),
        "residuals": asdict(left),
        "laws": [
            {
                "law": c.fit.family.name,
                "free": c.fit.parameters,
                "log_likelihood": c.fit.log_likelihood,
                "bic": c.bic,
                "held_out": c.held_out,
                "strained": c.strained,
            }
            for c in candidates
        ],
    }


def _show(
    console: Console,
    candidates: Sequence[Candidate],
    diagnosis: Diagnosis,
    left: Residuals,
    folder: Path,
    name: str,
) -> None:
    from insitu.reports.device_tables import estimates_table, laws_table, merit_table

    best = candidates[0].fit
    title = f"{best.family.name} law: {best.family.law.__name__}"
    numbers = estimates_table(title, best.estimates, best.device.units)
    terminal.show(console, laws_table(candidates), numbers, merit_table(diagnosis))
    close = [f"{a} and {b} ({r:.2f})" for (a, b), r in best.correlations.items() if abs(r) > 0.9]
    if close:
        terminal.say(console, f"Hardly told apart: {', '.join(close)}.")
    for sentence in left.sentences():
        terminal.say(console, sentence)
    terminal.say(console, f"Device: {folder / name}.py; page: {folder / 'report.html'}")
    terminal.say(console, f"Train on it: insitu run shi2018 --device {folder / name}.py")
