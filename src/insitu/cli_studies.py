"""The commands ``insitu ladder`` and ``insitu requirements``. What is heavy is imported when needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from insitu import terminal
from insitu.cli_sweep import Changes, DataDir, Json, Recipe, Workers, carried_out, print_bugs, refuse_failures
from insitu.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from insitu.datasets import Dataset
    from insitu.studies.ladder import Ladder
    from insitu.studies.requirements import Requirement, Requirements

Out = Annotated[
    Path | None,
    typer.Option(help="Folder of the study; the same command again goes on in it.", show_default="sweeps/RECIPE-..."),
]
Seeds = Annotated[int, typer.Option(min=1, help="Seeds a setting.")]
Epochs = Annotated[int | None, typer.Option(min=1, help="Passes over the data.", show_default="the recipe's")]
Quick = Annotated[
    bool, typer.Option("--quick", help="Minutes, not hours: small network, embedded digits. A trial only.")
]


def ladder(
    recipe: Recipe,
    seeds: Seeds = 5,
    epochs: Epochs = None,
    changes: Changes = None,
    out: Out = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    quick: Quick = False,
    as_json: Json = False,
) -> None:
    """Add one imperfection and one technique after the other, from floating point to the whole system."""
    from insitu.studies.ladder import ladder as carry_out

    folder, overrides, data = _prepared(recipe, "ladder", out, changes, epochs, quick, data_dir)

    def call(dataset: Dataset, console: Console) -> Ladder:
        wishes: dict[str, Any] = {"out": folder, "seeds": seeds, "overrides": overrides, "workers": workers}
        return carry_out(recipe, dataset=dataset, console=console, **wishes)

    found = carried_out(recipe, overrides, data_dir, folder, call, data)
    print_bugs(found.sweep)
    if found.rungs:
        _write_ladder(found)
    if as_json:
        terminal.emit_json(_head(found) | {"rungs": _ladder_rows(found), "failed": found.sweep.failed})
    elif found.rungs:
        _show_ladder(found, quick)
    refuse_failures(found.sweep)


def requirements(
    recipe: Recipe,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="This factor, or all that begin with it; may be repeated.")
    ] = None,
    seeds: Seeds = 5,
    loss: Annotated[float, typer.Option(help="Points of accuracy that may be lost against the twin.")] = 0.3,
    alone: Annotated[bool, typer.Option("--alone", help="All other imperfections of the devices off.")] = False,
    epochs: Epochs = None,
    changes: Changes = None,
    out: Out = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    quick: Quick = False,
    as_json: Json = False,
) -> None:
    """Sweep one property of the devices after the other; say how bad it may be."""
    from insitu.studies.requirements import requirements as carry_out

    folder, overrides, data = _prepared(recipe, "requirements", out, changes, epochs, quick, data_dir)

    def call(dataset: Dataset, console: Console) -> Requirements:
        wishes: dict[str, Any] = {"out": folder, "seeds": seeds, "overrides": overrides, "workers": workers}
        wishes |= {"only": only or [], "alone": alone, "limit": loss / 100}
        return carry_out(recipe, dataset=dataset, console=console, **wishes)

    found = carried_out(recipe, overrides, data_dir, folder, call, data)
    print_bugs(found.sweep)
    if found.found:
        _write_requirements(found)
    if as_json:
        terminal.emit_json(_head(found) | {"factors": _requirement_rows(found), "failed": found.sweep.failed})
    elif found.found:
        _show_requirements(found, quick)
    refuse_failures(found.sweep)


def _prepared(
    recipe: str,
    study: str,
    out: Path | None,
    changes: list[str] | None,
    epochs: int | None,
    quick: bool,
    data_dir: str | None,
) -> tuple[Path, list[str], Callable[[], Dataset] | None]:
    """Return the folder, the overrides (what was given last counts) and, for a trial, where its data is from."""
    from insitu import datasets
    from insitu.studies.tables import tables

    known = tables(recipe)
    if quick and data_dir is not None:
        raise InputError("--quick: is on the embedded digits, so --data-dir cannot be given too")
    overrides = [f"{key}={json.dumps(value)}" for key, value in known.QUICK.items()] if quick else []
    overrides += [*(changes or []), *([] if epochs is None else [f"training.epochs={epochs}"])]
    folder = out or Path("sweeps") / f"{recipe}-{study}{'-quick' * quick}"
    return folder, overrides, datasets.load_digits if quick else None


def _head(found: Ladder | Requirements) -> dict[str, Any]:
    return {"recipe": found.sweep.recipe, "dataset": found.sweep.dataset, "folder": found.sweep.folder, "of": found.key}


def _title(found: Ladder | Requirements, what: str, quick: bool = False) -> str:
    trial = ", a trial that says nothing about the paper" if quick else ""
    return f"{found.sweep.recipe} on {found.sweep.dataset}: {what}{trial}"


# -- ladder ------------------------------------------------------------------------------------------------------------


def _ladder_rows(found: Ladder) -> list[dict[str, Any]]:
    return [
        {
            "rung": name,
            "seeds": len(rung.values),
            "mean": rung.mean,
            "sd": rung.sd,
            "difference": rung.difference,
            "difference_sd": rung.difference_sd,
        }
        for name, rung in found.rungs.items()
    ]


def _write_ladder(found: Ladder) -> None:
    from insitu.reports.study_figures import draw_ladder
    from insitu.studies.rows import write_rows

    write_rows(found.sweep.folder, _ladder_rows(found), "ladder")
    draw_ladder(
        {name: rung.values for name, rung in found.rungs.items()},
        found.sweep.folder / "ladder.png",
        title=_title(found, "from floating point to the whole system") + "\n"
        "dots: one seed each; diamond: mean ± 1 standard deviation; dashed: floating point\n"
        "numbers: images named correctly (%), in brackets against floating point",
        xlabel=f"{_words(found.key).replace('correctly', 'wrongly')} (%)",
    )


def _words(key: str) -> str:
    return "test images named correctly" if key == "accuracy" else "held-back training images named correctly"


def _show_ladder(found: Ladder, quick: bool) -> None:
    from rich.console import Console

    shown = terminal.table(
        _title(found, _words(found.key), quick), "rung", "seeds", "%", "sd", "to float", "sd of that"
    )
    for column in shown.columns[1:]:
        column.justify = "right"
    for row in _ladder_rows(found):
        numbers = [f"{100 * row['mean']:.2f}", _points(row["sd"]), f"{100 * row['difference']:+.2f}"]
        shown.add_row(row["rung"], str(row["seeds"]), *numbers, _points(row["difference_sd"]))
    Console().print(shown)
    folder = found.sweep.folder
    terminal.say(Console(), f"Figure: {folder / 'ladder.png'}; this table: ladder.csv; one row a run: rows.csv")


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.2f}"


# -- requirements ------------------------------------------------------------------------------------------------------


def _requirement_rows(found: Requirements) -> list[dict[str, Any]]:
    return [
        {
            "factor": one.factor.name,
            "property": _panel(found, one).title,
            "unit": _panel(found, one).xlabel,
            "tolerance": one.tolerance,
            "early": one.early,
            "late": one.late,
            "unsteady": one.unsteady,
            "says": verdict(one),
            "values": list(one.values),
            "difference": [point.difference for point in one.points],
            "standard_error": [point.error for point in one.points],
            "seeds": [len(point.values) for point in one.points],
        }
        for one in found.found
    ]


def verdict(one: Requirement) -> str:
    """Return the tolerance in words, with what one standard error of the accuracies makes of it."""
    first, last = f"{one.values[0]:,.4g}", f"{one.values[-1]:,.4g}"
    if one.failing:
        return f"too much already at {first}"
    if one.tolerance is None:
        doubt = "" if one.early is None else f" (perhaps at {one.early:,.3g})"
        return f"never from {first} to {last}{doubt}"
    late = f"beyond {last}" if one.late is None else f"{one.late:,.3g}"
    alone = all(len(point.values) == 1 for point in one.points)
    spread = "one seed" if alone else f"{one.early:,.3g} to {late}"
    return f"{one.tolerance:,.3g} ({spread})" + (", unsteady: more seeds" if one.unsteady else "")


def _panel(found: Requirements, one: Requirement) -> Any:
    from insitu.studies.tables import tables

    return tables(found.sweep.recipe).PANELS[one.factor.panel]


def _write_requirements(found: Requirements) -> None:
    from insitu.reports.study_figures import Axis, Curve, draw_requirements
    from insitu.studies.rows import write_rows
    from insitu.studies.tables import tables

    rows = _requirement_rows(found)
    lists = {key for key, value in rows[0].items() if isinstance(value, list)}
    write_rows(found.sweep.folder, [{k: v for k, v in row.items() if k not in lists} for row in rows], "requirements")
    panels = []
    for number, panel in tables(found.sweep.recipe).PANELS.items():
        curves = [
            Curve(
                one.factor.name,
                one.values,
                [100 * point.difference for point in one.points],
                [100 * point.error for point in one.points],
                one.tolerance,
            )
            for one in found.found
            if one.factor.panel == number
        ]
        if curves:
            panels.append(Axis(panel.title, panel.xlabel, panel.log, curves))
    draw_requirements(
        panels,
        found.limit,
        found.sweep.folder / "requirements.png",
        title=_title(found, "how bad one property may be")
        + f"\nmean ± standard error over the seeds; grey: within {100 * found.limit:g} points of floating point;\n"
        "triangle: the tolerance, where that is left first",
    )


def _show_requirements(found: Requirements, quick: bool) -> None:
    from rich.console import Console

    title = _title(found, f"where {100 * found.limit:g} points are lost against floating point", quick)
    shown = terminal.table(title, "factor", "what", "in", "tolerance (one standard error)")
    for row in _requirement_rows(found):
        shown.add_row(row["factor"], row["property"], row["unit"], row["says"])
    Console().print(shown)
    folder = found.sweep.folder
    terminal.say(
        Console(), f"Figure: {folder / 'requirements.png'}; this table: requirements.csv; one row a run: rows.csv"
    )
