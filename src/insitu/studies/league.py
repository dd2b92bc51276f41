"""Schemes, devices and networks against each other: tuned with equal budgets, on the same data, priced by one ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Unpack

from insitu import datasets, terminal
from insitu.datasets import Dataset
from insitu.errors import InputError, require_whole
from insitu.progress import duration
from insitu.recipes import registry
from insitu.recipes.pace import pace
from insitu.reports.captions import TITLES
from insitu.reports.league import draw_league, refused_table, sentences, standings
from insitu.reports.numbers import counted
from insitu.runs.folder import require_no_run
from insitu.studies.assessed import of_system
from insitu.studies.axes import Case
from insitu.studies.entries import Division, divisions
from insitu.studies.executors import Executor, opened
from insitu.studies.search import require_optuna
from insitu.studies.standings import Refused, again, rows_of
from insitu.studies.study import Study
from insitu.studies.sweep import run_cases
from insitu.studies.swept import Row, Sweep, write_rows
from insitu.studies.tables import Wishes
from insitu.studies.tuned import Tuned, tuned


def league(
    devices: Sequence[str | PathLike[str]],
    *,
    systems: Sequence[str] = (),
    schemes: Sequence[str] = (),
    trials: int = 12,
    examples: int | None = None,
    costs: Sequence[str] = (),
    **wishes: Unpack[Wishes],
) -> Study:
    """Compare schemes on devices in systems; leave league.csv, league.json and league.png in a folder, and below it the runs.

    Each entry is a scheme on a device in a system, where the device takes the place of its own, as in
    :func:`insitu.studies.assess.assess`. It is tuned on images that are held back from training, one seed a trial, over the
    fields that recipe and scheme call tunable, and then trained on all of them with several seeds and tested.

    Parameters
    ----------
    devices : names in the library, or files; see :func:`insitu.load`.
    systems, schemes : see :func:`insitu.studies.entries.divisions`.
    trials : settings tried of each entry, the first of them as it stands; 0: it is not tuned.
    examples : training images, drawn once and for all from the data; None is all.
    costs : sets that price the runs, see :func:`insitu.ledger.statement.choose`.
    wishes : see :class:`insitu.studies.tables.Wishes`; by default three seeds, on the embedded digits. ``set`` and ``epochs``
        are of all systems.

    Raises
    ------
    InputError : nobody takes part, or a device, scheme, system or field is unusable. RunError : the folder cannot be written.
    """
    require_whole("trials", trials, 0, 100_000)
    if trials:
        require_optuna()
    quick, quiet = wishes.get("quick", False), wishes.get("quiet", False)
    wishes.setdefault("seeds", 3)
    folder = wishes["out"] = Path(wishes.get("out") or Path("sweeps") / f"league{'-quick' * quick}")
    require_no_run(folder)
    where = opened(wishes.get("cluster"), wishes.get("workers"))
    asked = divisions(devices, systems, schemes, costs, **wishes)
    data = _data(examples, **wishes)
    terminal.note(data.note, quiet=quiet)
    able, refused = zip(*map(_able, asked), strict=True)
    repeat = partial(again, examples=examples, costs=costs, **wishes)
    rows: list[Row] = []
    sweeps: list[Sweep] = []
    told = [one for some in refused for one in some]
    with where as executor:
        for division in able:
            division.placed.plan.update(dataset=data, data=None, data_dir=None, cluster=executor)
        terminal.note(_announced(able, trials, wishes["seeds"], executor), quiet=quiet)
        for division in able:
            found = tuned(division, trials) if trials else {one.case: Tuned({}) for one in division.entries}
            sweep = _last(division, found)
            cases = [entry.case for entry in division.entries]
            system = of_system(division.system, division.placed.judged, cases, sweep, costs)
            placed, left = rows_of(division, system, found, repeat)
            rows, told, sweeps = rows + placed, told + left, [*sweeps, sweep]
    title = f"League on {data.name}: {counted(trials, 'trial')} and {counted(wishes['seeds'], 'seed')} each"
    return _study(rows, told, sweeps, folder, title)


def _data(examples: int | None, **wishes: Unpack[Wishes]) -> Dataset:
    """Return what is learned from: the embedded digits unless other data are given."""
    given, folder = wishes.get("data"), wishes.get("data_dir")
    datasets.require_one(given, folder)
    found = wishes.get("dataset")
    if found is None and folder is not None:
        found = datasets.find(folder)
    elif found is None and given is not None:
        found = given if isinstance(given, Dataset) else datasets.load(given)
    found = found or datasets.load_digits()
    return found if examples is None else found.reduced(examples)


def _able(division: Division) -> tuple[Division, list[Refused]]:
    """Return a system with those who can take part, and the others."""
    able, refused = [], []
    for entry in division.entries:
        try:
            division.resolved(entry.changes)
            able.append(entry)
        except InputError as error:
            refused.append(Refused.of(entry, str(error)))
    return replace(division, entries=tuple(able)), refused


def _announced(able: Sequence[Division], trials: int, seeds: int, executor: Executor) -> str:
    """Return how much there is to do, and how long it may take."""
    seconds = 0.0
    for one in able:
        module, data = registry.module_name(one.system), one.placed.plan["dataset"]
        recipes = (one.resolved(entry.changes) for entry in one.entries)
        told = sum(registry.estimate_seconds(module, recipe, data) or 0.0 for recipe in recipes)
        seconds += told * (pace(one.system) or 1.0)
    entries = sum(len(one.entries) for one in able)
    time = duration(seconds * (trials + seeds) / executor.at_once(max(1, entries)))
    each = f"{counted(trials, 'trial')} and {counted(seeds, 'seed')} each"
    return f"Entries: {entries}, {each}; about {time} in all, less what an earlier call has finished"


def _last(division: Division, found: dict[str, Tuned]) -> Sweep:
    """Carry out the runs that are tested, beside those on ideal devices."""
    plan = division.placed.plan
    terminal.note(f"{division.system}: {counted(plan['seeds'], 'seed')}, tested", quiet=plan.get("quiet", False))
    cases = [Case({"case": one.case}, one.changes | found[one.case].changes) for one in division.entries]
    return run_cases(division.system, [Case({"case": "ideal"}, division.placed.ideal), *cases], **plan)


def _study(rows: list[Row], refused: list[Refused], sweeps: list[Sweep], folder: Path, title: str) -> Study:
    out = [vars(one) for one in refused]
    says = sentences(rows, out)
    facts: dict[str, Any] = {"title": title, "sentences": says, "rows": rows, "refused": out}
    figure = folder / "league.png"
    if rows:
        write_rows(folder, rows, "league")
        draw_league(rows, figure, title=TITLES["league"].format(of=title))
    tables = [standings(rows), *([refused_table(out)] if out else [])]
    places = f"Figure: {figure}; all numbers: {folder / 'league.csv'}"
    study = Study(title, folder, sweeps, facts, tables, [*says, places])
    study.write("league")
    return study
