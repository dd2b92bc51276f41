"""What the studies leave in their folder: a table for people, the same as CSV and JSON, and a figure."""

from __future__ import annotations

from typing import Any

from insitu.reports.study_figures import Axis, Curve, draw_ladder, draw_requirements
from insitu.reports.study_tables import REFERENCES
from insitu.studies.ladder import Ladder
from insitu.studies.requirements import Requirement, Requirements
from insitu.studies.rows import Row, write_rows
from insitu.studies.tables import tables


def title(found: Ladder | Requirements, what: str) -> str:
    """Return the title of a table or figure."""
    return f"{found.sweep.recipe} on {found.sweep.dataset}: {what}"


def named(key: str, how: str = "correctly") -> str:
    """Return what the result ``key`` is the share of."""
    return f"{'test' if key == 'accuracy' else 'held-back training'} images named {how}"


def ladder_rows(found: Ladder) -> list[Row]:
    """Return one entry a rung; accuracies are fractions, a spread of one seed is None."""
    keys = ("mean", "sd", "difference", "difference_sd")
    return [
        {"rung": name, "seeds": len(rung.values)} | {key: getattr(rung, key) for key in keys}
        for name, rung in found.rungs.items()
    ]


def write_ladder(found: Ladder) -> None:
    """Write ladder.csv, ladder.json and ladder.png; RunError if that is not possible."""
    write_rows(found.sweep.folder, ladder_rows(found), "ladder")
    draw_ladder(
        {name: rung.values for name, rung in found.rungs.items()},
        found.sweep.folder / "ladder.png",
        title=title(found, "from floating point to the whole system") + "\n"
        "dots: one seed each; diamond: mean ± 1 standard deviation; dashed: floating point\n"
        "numbers: images named correctly (%), in brackets against floating point",
        xlabel=f"{named(found.key, 'wrongly')} (%)",
    )


def requirement_rows(found: Requirements) -> list[Row]:
    """Return one entry a factor."""
    panels = tables(found.sweep.recipe).PANELS
    rows = []
    for one in found.found:
        panel = panels[one.factor.panel]
        row = {"factor": one.factor.name, "property": panel.title, "unit": panel.xlabel}
        row |= {key: getattr(one, key) for key in ("tolerance", "early", "late", "failing", "unsteady")}
        rows.append(row | {"says": verdict(one)})
    return rows


def verdict(one: Requirement) -> str:
    """Return a tolerance in words, with what one standard error of the accuracies makes of it."""
    first, last = _short(one.values[0]), _short(one.values[-1])
    if one.failing:
        return f"too much already at {first}"
    if one.tolerance is None:
        doubt = "" if one.early is None else f" (perhaps at {_short(one.early)})"
        return f"never from {first} to {last}{doubt}"
    late = f"beyond {last}" if one.late is None else _short(one.late)
    alone = all(len(point.values) == 1 for point in one.points)
    spread = "one seed" if alone or one.early is None else f"{_short(one.early)} to {late}"
    return f"{_short(one.tolerance)} ({spread})" + (", unsteady: more seeds" if one.unsteady else "")


def _short(value: float) -> str:
    """Return three digits of a number, without an exponent where it is large."""
    return f"{value:.3g}" if value < 1000 else f"{float(f'{value:.3g}'):,.0f}"


def write_requirements(found: Requirements) -> None:
    """Write requirements.csv, requirements.json and requirements.png; RunError if that is not possible."""
    write_rows(found.sweep.folder, requirement_rows(found), "requirements")
    panels = []
    for number, panel in tables(found.sweep.recipe).PANELS.items():
        curves = [_curve(one) for one in found.found if one.factor.panel == number]
        if curves:
            panels.append(Axis(panel.title, panel.xlabel, panel.log, curves))
    reference = REFERENCES[found.against]
    draw_requirements(
        panels,
        found.limit,
        found.sweep.folder / "requirements.png",
        title=title(found, "how bad one property may be") + "\n"
        f"mean ± standard error over the seeds; grey: within {100 * found.limit:g} points of {reference};\n"
        "triangle: the tolerance, where that is left first",
        ylabel=f"to {reference} (points)",
    )


def _curve(one: Requirement) -> Curve:
    means, errors = zip(*((100 * point.difference, 100 * point.error) for point in one.points), strict=True)
    return Curve(one.factor.name, one.values, means, errors, one.tolerance)


def as_json(found: Ladder | Requirements) -> dict[str, Any]:
    """Return what --json prints of a study."""
    sweep = found.sweep
    head = {"recipe": sweep.recipe, "dataset": sweep.dataset, "folder": sweep.folder, "of": found.key}
    if isinstance(found, Ladder):
        return head | {"rungs": ladder_rows(found), "failed": sweep.failed}
    factors = [
        row
        | {
            "values": list(one.values),
            "difference": [point.difference for point in one.points],
            "standard_error": [point.error for point in one.points],
            "seeds": [len(point.values) for point in one.points],
        }
        for row, one in zip(requirement_rows(found), found.found, strict=True)
    ]
    base = None if found.base is None else found.base.difference
    return head | {"against": found.against, "recipe_to_float": base, "factors": factors, "failed": sweep.failed}
