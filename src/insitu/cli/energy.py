"""The command ``insitu energy``."""

from __future__ import annotations

from typing import Annotated

import typer

from insitu.cli.options import Costs, DataDir, Epochs, Json, Seeds, Study, Trial, Workers, quiet_output, tell


def energy(
    claim: Annotated[str, typer.Argument(help="shi2018, yi2022, cristiano2018, or across for all of them.")],
    seeds: Seeds = 3,
    epochs: Epochs = None,
    costs: Costs = None,
    out: Study = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    quick: Trial = False,
    as_json: Json = False,
) -> None:
    """Check a claim on energy: run what it needs, price it, say where it holds and where not."""
    from insitu.studies.energy import energy as carry_out

    with quiet_output():
        found = carry_out(
            claim, seeds=seeds, epochs=epochs, quick=quick, costs=costs or (), data_dir=data_dir, out=out,
            workers=workers,
        )  # fmt: skip
    tell(found, as_json, found.errors)
