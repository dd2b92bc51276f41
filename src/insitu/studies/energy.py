"""The claims on energy: which runs each needs, and what they come to."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from insitu.datasets import Dataset
from insitu.errors import InputError, RunError, suggest
from insitu.ledger import costset
from insitu.runs.writing import atomic_write, to_json
from insitu.studies.priced import Priced, Told, priced
from insitu.studies.sweep import Sweep, run_cases

if TYPE_CHECKING:
    from rich.console import Console

#: claim -> module with ``cases()`` and ``tell(cases)``
CLAIMS = {
    "shi2018": "insitu.studies.energy_shi",
    "yi2022": "insitu.studies.energy_yi",
    "cristiano2018": "insitu.studies.energy_cristiano",
    "across": "insitu.studies.energy_across",
}
#: recipe -> fields for a trial of seconds
QUICK = {
    "shi2018": ("network.neurons=20", "training.presentations=1", "wta.presentations=2"),
    "yi2022": ("images.epochs=1", "images.shift=0", "two_layer.updates=40", "one_layer.updates=20", "data.examples=20"),
    "cristiano2018": ("network.hidden=[32]", "training.epochs=2", "transfer.every=500"),
}
_EPOCHS = {"shi2018": "training.epochs", "yi2022": "images.epochs", "cristiano2018": "training.epochs"}


def energy(
    claim: str,
    *,
    dataset: Dataset,
    out: str | Path,
    seeds: int = 3,
    epochs: int | None = None,
    quick: bool = False,
    costs: Sequence[str] = (),
    workers: int | None = None,
    console: Console | None = None,
) -> tuple[Told, list[Sweep]]:
    """Carry out the runs of a claim, price them, and leave tables, sentences and a figure in the folder ``out``.

    Parameters
    ----------
    claim : of :data:`CLAIMS`. costs : sets that take the place of those of the devices.
    epochs : passes over the data where a case does not say it. quick : small networks, a trial that says nothing.

    All others are as in :func:`insitu.studies.sweep.sweep`.

    Raises
    ------
    InputError : the claim is unknown, or a cost set unusable.
    RunError : no run succeeded, or the folder cannot be written.
    """
    if claim not in CLAIMS:
        raise InputError(f"claim: unknown name '{claim}'; {suggest(claim, CLAIMS)}")
    for item in costs:
        costset.load(item.rpartition("=")[2])  # refused now, not after hours
    module: Any = import_module(CLAIMS[claim])
    sweeps = []
    found: dict[str, list[Priced]] = {}
    for recipe, cases in module.cases().items():
        overrides = [*(QUICK[recipe] if quick else ()), *([] if epochs is None else [f"{_EPOCHS[recipe]}={epochs}"])]
        sweeps.append(
            run_cases(
                recipe,
                cases,
                dataset=dataset,
                out=Path(out) / recipe,
                seeds=seeds,
                overrides=overrides,
                workers=workers,
                console=console,
            )
        )
        found |= priced(sweeps[-1], costs)
    missing = [
        case.labels["case"] for cases in module.cases().values() for case in cases if case.labels["case"] not in found
    ]
    if missing and (claim != "across" or not found):
        errors = [error for sweep in sweeps for error in sweep.errors]
        raise RunError(f"{claim}: no run of {', '.join(missing)} succeeded; the first failed with: {errors[0]}")
    told: Told = module.tell(found)
    record = {
        "claim": claim,
        "title": told.title,
        "data": dataset.name,
        "tables": [
            {
                "title": table.title,
                "columns": [column.head for column in table.columns],
                "words": [column.head for column in table.columns if column.words],
                "text": table.texts,
                "rows": table.records(),
            }
            for table in told.tables
        ],
        "sentences": list(told.sentences),
        "failed": [failed for sweep in sweeps for failed in sweep.failed],
    }
    atomic_write(Path(out) / "energy.json", to_json(record) + "\n")
    told.draw(Path(out) / "energy.png")
    return told, sweeps
