"""The command ``insitu ladder``."""

from __future__ import annotations

from insitu.cli.options import (
    Changes,
    Data,
    DataDir,
    Epochs,
    Json,
    Recipe,
    Seeds,
    Study,
    Trial,
    Workers,
    conclude,
    quiet_output,
)


def ladder(
    recipe: Recipe,
    seeds: Seeds = 5,
    epochs: Epochs = None,
    changes: Changes = None,
    out: Study = None,
    data: Data = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    quick: Trial = False,
    as_json: Json = False,
) -> None:
    """Add one imperfection and one technique after the other, from an ideal network to the whole system."""
    from insitu.studies.ladder import ladder as carry_out

    with quiet_output():
        found = carry_out(
            recipe, seeds=seeds, epochs=epochs, set=changes, quick=quick, data=data, data_dir=data_dir, out=out,
            workers=workers,
        )  # fmt: skip
    conclude(found, as_json)
