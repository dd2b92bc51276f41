"""The command ``insitu assess``."""

from __future__ import annotations

from typing import Annotated

import typer

from insitu.cli.options import Changes, Costs, Data, DataDir, Json, Seeds, Study, Trial, Workers, quiet_output, tell


def assess(
    device: Annotated[str, typer.Argument(metavar="NAME|FILE", help="Memory device; a .py file is executed.")],
    system: Annotated[
        list[str] | None, typer.Option(help="shi2018, yi2022 or cristiano2018 alone; may be repeated.")
    ] = None,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="A,B|default",
            help="Map what is lost over two properties: steps,asymmetry. default: the three usual pairs. May be repeated.",
        ),
    ] = None,
    seeds: Seeds = 3,
    changes: Changes = None,
    costs: Costs = None,
    out: Study = None,
    data: Data = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    quick: Trial = False,
    as_json: Json = False,
) -> None:
    """Say what a device is good for: which systems learn on it, written how, at what price, what to improve first."""
    from insitu import pages, terminal
    from insitu.studies.assess import assess as carry_out

    with quiet_output():
        found = carry_out(
            device, systems=system or (), maps=maps or (), costs=costs or (), seeds=seeds, set=changes, quick=quick,
            data=data, data_dir=data_dir, out=out, workers=workers,
        )  # fmt: skip
        written = pages.report([found.folder])
    tell(found, as_json)
    terminal.say(terminal.console(stderr=as_json), f"Page: {written}")
