"""The command ``insitu sweep``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from insitu.cli import options
from insitu.cli.options import quiet_output, tell


def sweep(
    recipe: options.Recipe,
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="KEY=V1,V2,...",
            help="Vary a field of the recipe; may be repeated, for all combinations. Fields that change together: "
            "KEY1+KEY2=A+B,C+D.",
        ),
    ],
    seeds: options.Seeds = 1,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of the sweep; the same command again goes on in it.", show_default="sweeps/RECIPE"),
    ] = None,
    changes: options.Changes = None,
    device: options.Device = None,
    quick: options.Quick = False,
    data: options.Data = None,
    data_dir: options.DataDir = None,
    workers: options.Workers = None,
    cluster: options.Cluster = None,
    as_json: options.Json = False,
) -> None:
    """Carry a recipe out at many settings and seeds; leave one table, rows.csv, in a folder."""
    from insitu import studies

    axes = studies.parse_vary(vary)
    with quiet_output():
        found = studies.sweep(
            recipe, axes, seeds=seeds, set=changes, device=device, quick=quick, data=data, data_dir=data_dir, out=out,
            workers=workers, cluster=cluster,
        )  # fmt: skip
    tell(found, as_json, found.errors)
    found.raise_failures()
