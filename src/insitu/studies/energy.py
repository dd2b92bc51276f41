"""The claims on energy: which runs each needs, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from insitu import datasets, terminal
from insitu.datasets import Dataset
from insitu.errors import InputError, RunError, suggest
from insitu.ledger import costset
from insitu.runs.folder import require_no_run
from insitu.runs.writing import atomic_write, to_json
from insitu.studies.priced import FILE, Priced, Told, priced
from insitu.studies.study import Study, for_file
from insitu.studies.sweep import run_cases
from insitu.studies.swept import Sweep
from insitu.terminal import say

#: claim -> module with ``WORDS``, ``tell(cases)`` and, where the words name no cases, ``cases()``
CLAIMS = {
    "shi2018": "insitu.studies.energy_shi",
    "yi2022": "insitu.studies.energy_yi",
    "cristiano2018": "insitu.studies.energy_cristiano",
    "across": "insitu.studies.energy_across",
}


def energy(
    claim: str,
    *,
    seeds: int = 3,
    epochs: int | None = None,
    quick: bool = False,
    costs: str | Sequence[str] = (),
    dataset: Dataset | None = None,
    data_dir: str | Path | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    quiet: bool = False,
) -> Study:
    """Carry out the runs of a claim, price them, and leave tables, sentences and a figure in a folder.

    Parameters
    ----------
    claim : of :data:`CLAIMS`. costs : sets that take the place of those of the devices.
    epochs : passes over the data where a case does not say it. quick : small networks, a trial that says nothing.

    All others are as in :func:`insitu.sweep`.

    Raises
    ------
    InputError : the claim is unknown, or a cost set unusable.
    RunError : no run succeeded, or the folder cannot be written.
    """
    if claim not in CLAIMS:
        raise InputError(f"claim: unknown name '{claim}'; {suggest(claim, CLAIMS)}")
    costs = [costs] if isinstance(costs, str) else costs
    for item in costs:
        costset.load(item.rpartition("=")[2])  # refused now, not after hours
    folder = require_no_run(Path("sweeps") / f"energy-{claim}{'-quick' * quick}" if out is None else Path(out))
    if dataset is None:
        dataset = datasets.load_digits() if quick else datasets.find(data_dir)
        say(terminal.console(stderr=True, quiet=quiet), dataset.note)
    module: Any = import_module(CLAIMS[claim])
    wanted = module.WORDS.runs() or module.cases()
    how: dict[str, Any] = {"dataset": dataset, "seeds": seeds, "workers": workers, "quiet": quiet, "trial": quick}
    sweeps = []
    found: dict[str, list[Priced]] = {}
    for recipe, cases in wanted.items():
        overrides = [
            *(FILE["quick"][recipe] if quick else ()),
            *([f"{FILE['epochs'][recipe]}={epochs}"] if epochs else ()),
        ]
        sweeps.append(run_cases(recipe, cases, out=folder / recipe, overrides=overrides, **how))
        found |= priced(sweeps[-1], costs)
    missing = [case.labels["case"] for cases in wanted.values() for case in cases if case.labels["case"] not in found]
    if missing and (claim != "across" or not found):
        errors = [error for sweep in sweeps for error in sweep.errors]
        raise RunError(f"{claim}: no run of {', '.join(missing)} succeeded; the first failed with: {errors[0]}")
    told = module.tell(found)
    facts = {"claim": claim, "title": told.title, "data": dataset.name}
    facts |= {"tables": list(map(for_file, told.tables)), "sentences": list(told.sentences)}
    beneath = _beneath(told, sweeps, folder)
    result = Study(f"energy of {claim}: {told.title}", folder, sweeps, facts, told.tables, beneath, quick)
    atomic_write(folder / "energy.json", to_json(result.as_dict()) + "\n")
    told.draw(folder / "energy.png")
    return result


def _beneath(told: Told, sweeps: Sequence[Sweep], folder: Path) -> list[str]:
    """Return what is said after the tables."""
    failed = [
        f"Cannot be carried out: {one['case']}, seed {one['seed']}: {one['error']}"
        for sweep in sweeps
        for one in sweep.failed
    ]
    places = f"Figure: {folder / 'energy.png'}; all numbers: {folder / 'energy.json'}"
    return [*(f"{sentence}\n" for sentence in told.sentences), *failed, places]
