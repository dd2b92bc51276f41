"""The command ``insitu energy``. What is heavy is imported when needed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from insitu import terminal
from insitu.cli_sweep import DataDir, Json, Workers, print_bugs


def energy(
    claim: Annotated[str, typer.Argument(help="shi2018, yi2022, cristiano2018, or across for all of them.")],
    seeds: Annotated[int, typer.Option(min=1, help="Seeds a case.")] = 3,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes over the data.", show_default="the recipe's")
    ] = None,
    costs: Annotated[
        list[str] | None,
        typer.Option(metavar="SET|FILE", help="Cost set to price with; `insitu costs` lists them. May be repeated."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the study; the same command again goes on in it.", show_default="sweeps/energy-..."
        ),
    ] = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A minute: small networks, embedded digits. A trial only.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Check a claim on energy: run what it needs, price it, say where it holds and where not."""
    from rich.console import Console

    from insitu import datasets
    from insitu.runs.writing import read_json
    from insitu.studies.energy import energy as carry_out

    console = Console(stderr=True)
    folder = out or Path("sweeps") / f"energy-{claim}{'-quick' * quick}"
    dataset = datasets.load_digits() if quick else datasets.find(data_dir)
    terminal.say(console, dataset.note)
    told, sweeps = carry_out(
        claim, dataset=dataset, out=folder, seeds=seeds, epochs=epochs, quick=quick, costs=costs or (), workers=workers,
        console=console,
    )  # fmt: skip
    for found in sweeps:
        print_bugs(found)
    if as_json:
        terminal.emit_json(read_json(folder / "energy.json"))
        return
    shown = Console()
    trial = "; a trial that says nothing about the paper" if quick else ""
    terminal.show(shown, *(replace(table, title=table.title + trial) for table in told.tables))
    for sentence in told.sentences:
        terminal.say(shown, f"{sentence}\n")
    for failed in (failed for found in sweeps for failed in found.failed):
        terminal.say(shown, f"Cannot be carried out: {failed['case']}, seed {failed['seed']}: {failed['error']}")
    terminal.say(shown, f"Figure: {folder / 'energy.png'}; all numbers: {folder / 'energy.json'}")
