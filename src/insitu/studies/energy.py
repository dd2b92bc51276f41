"""The claims on energy: which runs each needs, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console

from insitu import datasets, terminal
from insitu.datasets import Dataset
from insitu.errors import InputError, RunError, suggest
from insitu.ledger import costset
from insitu.runs.writing import atomic_write, to_json
from insitu.studies.priced import FILE, Priced, Told, priced
from insitu.studies.sweep import run_cases
from insitu.studies.swept import TRIAL, Sweep
from insitu.terminal import Shown, say, show

#: claim -> module with ``WORDS``, ``tell(cases)`` and, where the words name no cases, ``cases()``
CLAIMS = {
    "shi2018": "insitu.studies.energy_shi",
    "yi2022": "insitu.studies.energy_yi",
    "cristiano2018": "insitu.studies.energy_cristiano",
    "across": "insitu.studies.energy_across",
}


@dataclass(frozen=True, repr=False)
class Energy(Shown):
    """What a claim on energy comes to.

    Parameters
    ----------
    claim, dataset : their names. told : tables, sentences, figure. sweeps : the runs.
    folder : where energy.json and energy.png are. trial : whether it says nothing about the paper.
    """

    claim: str
    dataset: str
    told: Told
    sweeps: list[Sweep]
    folder: Path
    trial: bool = False

    @property
    def errors(self) -> list[Exception]:
        """What ended the points that could not be carried out."""
        return [error for sweep in self.sweeps for error in sweep.errors]

    @property
    def failed(self) -> list[dict[str, Any]]:
        """Those points."""
        return [failed for sweep in self.sweeps for failed in sweep.failed]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object of the study, which energy.json holds."""
        return {
            "claim": self.claim,
            "title": self.told.title,
            "data": self.dataset,
            "tables": [
                {
                    "title": table.title,
                    "columns": [column.head for column in table.columns],
                    "words": [column.head for column in table.columns if column.words],
                    "text": table.texts,
                    "rows": table.records(),
                }
                for table in self.told.tables
            ],
            "sentences": list(self.told.sentences),
            "failed": self.failed,
        }

    def show(self, console: Console) -> None:
        """Print tables and sentences, and what could not be carried out."""
        show(console, *(replace(table, title=table.title + TRIAL * self.trial) for table in self.told.tables))
        for sentence in self.told.sentences:
            say(console, f"{sentence}\n")
        for failed in self.failed:
            say(console, f"Cannot be carried out: {failed['case']}, seed {failed['seed']}: {failed['error']}")
        say(console, f"Figure: {self.folder / 'energy.png'}; all numbers: {self.folder / 'energy.json'}")

    def __repr__(self) -> str:
        return f"<energy of {self.claim}: {self.told.title}, in {self.folder}>"


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
) -> Energy:
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
    folder = Path("sweeps") / f"energy-{claim}{'-quick' * quick}" if out is None else Path(out)
    if dataset is None:
        dataset = datasets.load_digits() if quick else datasets.find(data_dir)
        say(terminal.console(stderr=True, quiet=quiet), dataset.note)
    module: Any = import_module(CLAIMS[claim])
    wanted = module.WORDS.runs() or module.cases()
    sweeps = []
    found: dict[str, list[Priced]] = {}
    for recipe, cases in wanted.items():
        overrides = [*(FILE["quick"][recipe] if quick else ())]
        overrides += [] if epochs is None else [f"{FILE['epochs'][recipe]}={epochs}"]
        sweeps.append(
            run_cases(
                recipe, cases, dataset=dataset, out=folder / recipe, seeds=seeds, overrides=overrides, workers=workers,
                quiet=quiet,
            )
        )  # fmt: skip
        found |= priced(sweeps[-1], costs)
    missing = [case.labels["case"] for cases in wanted.values() for case in cases if case.labels["case"] not in found]
    if missing and (claim != "across" or not found):
        errors = [error for sweep in sweeps for error in sweep.errors]
        raise RunError(f"{claim}: no run of {', '.join(missing)} succeeded; the first failed with: {errors[0]}")
    result = Energy(claim, dataset.name, module.tell(found), sweeps, folder, quick)
    atomic_write(folder / "energy.json", to_json(result.as_dict()) + "\n")
    result.told.draw(folder / "energy.png")
    return result
