"""The command ``insitu run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from insitu.cli.options import Changes, Data, DataDir, Device, Json, Quick, Runs, ThenAge, Tuned, quiet_output, tell
from insitu.errors import InputError


def run(
    recipe: Annotated[str | None, typer.Argument(help="Which recipe; `insitu recipes` lists them.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random numbers.", show_default="the recipe's")] = None,
    seeds: Annotated[int | None, typer.Option(min=1, help="Run this many seeds; report mean and spread.")] = None,
    data: Data = None,
    data_dir: DataDir = None,
    changes: Changes = None,
    device: Device = None,
    tuned: Tuned = None,
    quick: Quick = False,
    out: Runs = Path("runs"),
    name: Annotated[str | None, typer.Option(help="Name of the run folder.", show_default="recipe, time, seed")] = None,
    resume: Annotated[str | None, typer.Option(metavar="RUN", help="Go on with an interrupted run.")] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="With --resume: execute Python files that the run names, known here or not.")
    ] = False,
    as_json: Json = False,
    then_age: ThenAge = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes for --seeds.", show_default="all cores")] = None,
) -> None:
    """Train as a recipe says; leave the result, the arrays and the figures in a run folder."""
    from insitu.studies import run as running

    if resume is not None:
        _alone(seeds=seeds, set=changes, device=device, tuned=tuned, quick=quick, name=name, workers=workers)
        with quiet_output():
            found = running.resume(
                resume, recipe=recipe, seed=seed, data=data, data_dir=data_dir, out=out, trust=trust,
                then_age=then_age or (),
            )  # fmt: skip
        return tell(found, as_json)
    if trust:
        raise InputError("--trust: has an effect with --resume alone; a new run executes the files that you name")
    if workers is not None and seeds is None:
        raise InputError(f"--workers: got {workers}, but a single run is one process; leave it out, or add --seeds")
    if recipe is None:
        raise InputError("run: which recipe? For example `insitu run shi2018`; `insitu recipes` lists them all")
    with quiet_output():
        trained = running.run(
            recipe, set=changes, seed=seed, seeds=seeds or 1, device=device, tuned=tuned, quick=quick,
            data=data, data_dir=data_dir, out=out, name=name, workers=workers, then_age=then_age or (),
        )  # fmt: skip
    if seeds is None:
        return tell(trained, as_json)
    many = trained.as_runs()
    tell(many, as_json, many.errors)
    many.raise_failures()


def _alone(**options: object) -> None:
    given = [f"--{option}" for option, value in options.items() if value]
    if given:
        raise InputError(
            f"--resume: goes on with the settings of the run, so {' and '.join(given)} cannot be given too"
        )
