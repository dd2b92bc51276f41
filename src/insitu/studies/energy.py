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
from insitu.studies.priced import FILE, Priced, priced
from insitu.studies.study import Study, for_file
from insitu.studies.sweep import run_cases

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
    costset.require_known(costs)
    folder = require_no_run(Path("sweeps") / f"energy-{claim}{'-quick' * quick}" if out is None else Path(out))
    if dataset is None:
        dataset = datasets.load_digits() if quick else datasets.find(data_dir)
        terminal.note(dataset.note, quiet=quiet)
    module: Any = import_module(CLAIMS[claim])
    wanted = module.WORDS.runs() or module.cases()
    how: dict[str, Any] = {"dataset": dataset, "seeds": seeds, "workers": workers, "quiet": quiet, "trial": quick}
    sweeps = []
    found: dict[str, list[Priced]] = {}
    for recipe, cases in wanted.items():
        overrides = [*FILE["quick"][recipe]] if quick else []
        overrides += [f"{FILE['epochs'][recipe]}={epochs}"] if epochs else []
        sweeps.append(run_cases(recipe, cases, out=folder / recipe, overrides=overrides, **how))
        found |= priced(sweeps[-1], costs)
    missing = [case.labels["case"] for cases in wanted.values() for case in cases if case.labels["case"] not in found]
    if missing and (claim != "across" or not found):
        errors = [error for sweep in sweeps for error in sweep.errors]
        raise RunError(f"{claim}: no run of {', '.join(missing)} succeeded; the first failed with: {errors[0]}")
    told = module.tell(found)
    facts = {"claim": claim, "title": told.title, "data": dataset.name}
    facts |= {"tables": list(map(for_file, told.tables)), "sentences": list(told.sentences)}
    says = [f"{sentence}\n" for sentence in told.sentences]
    for one in (one for sweep in sweeps for one in sweep.failed):
        says.append(f"Cannot be carried out: {one['case']}, seed {one['seed']}: {one['error']}")
    says.append(f"Figure: {folder / 'energy.png'}; all numbers: {folder / 'energy.json'}")
    result = Study(f"energy of {claim}: {told.title}", folder, sweeps, facts, told.tables, says)
    result.write("energy")
    told.draw(folder / "energy.png")
    return result
