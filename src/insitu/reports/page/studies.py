"""What a page says of a study: its table, and its figure. The files of the folder say what kind of study it is."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from insitu.errors import RunError
from insitu.recipes import registry
from insitu.recipes.running import is_number
from insitu.reports.curves import plot_curves
from insitu.reports.page.blocks import Block, Card, Fold, Picture, Section, Table
from insitu.reports.page.loading import DATASETS, spread, value_text
from insitu.reports.page.pictures import FIGURES, picture, within_limit
from insitu.runs.writing import read_bytes, read_json

_SHOWN = 8  #: results of a plain sweep in its table; rows.csv has them all

_WHAT = {
    "ladder": "from floating point to the whole system",
    "requirements": "how bad one property may be",
    "sweep": "a sweep",
}

Row = dict[str, Any]


@dataclass(frozen=True)
class Study:
    """A ladder, a list of requirements, or a plain sweep.

    Parameters
    ----------
    kind : ladder, requirements or sweep.
    about : what sweep.json says. rows : of the table of verdicts, of a plain sweep one a run.
    """

    path: Path
    kind: str
    about: dict[str, Any]
    rows: list[Row]

    @property
    def title(self) -> str:
        """What was done, on which data."""
        name = self.about["dataset"]["name"]
        return f"{self.about['recipe']} on {DATASETS.get(name, name)}: {_WHAT[self.kind]}"


def is_study(path: Path) -> bool:
    """Return whether a folder holds a study, finished or not."""
    return (path / "sweep.json").is_file() or ((path / "points").is_dir() and not (path / "manifest.json").exists())


def load_study(path: Path) -> Study:
    """Return a study; RunError if it has not ended or is damaged."""
    if not (path / "sweep.json").is_file():
        raise RunError(f"{path}: the study is not finished, it has no sweep.json; the command that began it goes on")
    about = read_json(path / "sweep.json")
    dataset = about.get("dataset")
    if (
        not isinstance(about.get("recipe"), str)
        or not isinstance(dataset, dict)
        or not {"name", "sha256"} <= {*dataset}
    ):
        raise RunError(f"{path / 'sweep.json'}: damaged, it does not say recipe and data set")
    kind = next((kind for kind in ("ladder", "requirements") if (path / f"{kind}.json").is_file()), "sweep")
    rows = _rows(path / ("rows.json" if kind == "sweep" else f"{kind}.json"))
    wanted = {"ladder": {"rung", "seeds", "mean", "sd", "difference", "difference_sd"},
              "requirements": {"factor", "property", "unit", "says"}}.get(kind, set())  # fmt: skip
    if any(wanted - row.keys() for row in rows):
        raise RunError(f"{path / f'{kind}.json'}: damaged, a row lacks one of {', '.join(sorted(wanted))}")
    return Study(path, kind, about, rows)


def study_card(study: Study) -> Card | None:
    """Return the headline of a ladder: the whole system against floating point."""
    if study.kind != "ladder" or not study.rows:
        return None
    last = next((row for row in study.rows if row["rung"] == "all"), study.rows[-1])
    return Card(
        title="the whole system" if last["rung"] == "all" else last["rung"],
        value=_with_sd(100 * last["mean"], last["sd"], " %"),
        what="images named correctly",
        note=f"mean ± standard deviation of {last['seeds']} seeds" if last["sd"] is not None else "one seed, no spread",
        beside=(
            f"{_with_sd(100 * last['difference'], last['difference_sd'], ' points', sign=True)} to floating point",
        ),
    )


def study_section(study: Study, key: str, alone: bool) -> Section:
    """Return table and figure of a study; its heading is short where the title of the page says the rest."""
    make = {"ladder": _ladder, "requirements": _requirements}.get(study.kind, _sweep)
    blocks: list[Block] = [make(study)]
    found = _curves(study) if study.kind == "sweep" else picture(study.path, study.kind)
    if found is not None:
        blocks += within_limit([[found]], FIGURES)
    if failed := study.about.get("failed"):
        rows = tuple((", ".join(f"{k} = {v}" for k, v in one.items() if k != "error"), one["error"]) for one in failed)
        blocks.append(Table(caption="Points that failed", head=("Point", "Why"), rows=rows, words=(0, 1)))
    return Section(key, study.kind.capitalize() if alone else study.title, tuple(blocks))


def study_fields(study: Study) -> Fold:
    """Return what the study was asked for."""
    rows = tuple(
        (k, json.dumps(v, ensure_ascii=False)) for k, v in study.about.items() if k not in ("failed", "versions")
    )
    table = Table(caption="As sweep.json says", head=("Field", "Value"), rows=rows, words=(0, 1))
    return Fold("What the study was asked for", (table,))


def _ladder(study: Study) -> Table:
    return Table(
        caption="Images named correctly (%), and the difference to floating point (points), seed by seed",
        head=("Rung", "Seeds", "%", "sd", "To floating point", "sd of that"),
        rows=tuple(
            (row["rung"], str(row["seeds"]), f"{100 * row['mean']:.2f}", _sd(row["sd"]),
             _signed(100 * row["difference"]), _sd(row["difference_sd"]))
            for row in study.rows
        ),
    )  # fmt: skip


def _requirements(study: Study) -> Table:
    lost = f"{100 * study.about['limit']:g} points" if is_number(study.about.get("limit")) else "the limit"
    against = {"float": "floating point", "recipe": "the recipe as it stands"}.get(study.about.get("against", ""), "it")
    return Table(
        caption=f"Where {lost} are lost against {against}",
        head=("Factor", "Property", "Tolerance (of one standard error)", "Unit"),
        rows=tuple((row["factor"], row["property"], row["says"], row["unit"]) for row in study.rows),
        words=(0, 1, 2, 3),
    )


def _curves(study: Study) -> Picture | None:
    """Return the first labelled result over a field, one curve for each value of another; None if there are more."""
    fields, labels = _fields(study), _labels(study)
    joined = any("+" in key for key in study.about.get("vary") or {})
    known = [key for key in labels if study.rows and all(is_number(row.get(key)) for row in study.rows)]
    if joined or not 1 <= len(fields) <= 2 or not known or len({str(row.get(fields[0])) for row in study.rows}) < 2:
        return None
    key, percent = known[0], "accuracy" in known[0]
    words: dict[str, Any] = {"xlabel": fields[0], "ylabel": labels[key] + " (%)" * percent, "title": study.title}
    with tempfile.TemporaryDirectory(prefix="insitu-") as scratch:
        plot_curves(
            study.rows, fields[0], fields[1:] or None, Path(scratch) / "sweep.png", y=key,
            y_factor=100.0 if percent else 1.0, **words,
        )  # fmt: skip
        return picture(Path(scratch), "sweep")


def _fields(study: Study) -> list[str]:
    return [field for key in study.about.get("vary") or {} for field in key.split("+")]


def _labels(study: Study) -> dict[str, str]:
    return getattr(registry.load_module(registry.module_name(study.about["recipe"])), "LABELS", {})


def _sweep(study: Study) -> Table:
    fields = _fields(study)
    groups: dict[str, list[Row]] = {}
    for row in study.rows:
        groups.setdefault(repr([row.get(field) for field in fields]), []).append(row)
    labels = _labels(study)
    known = [key for key in labels if study.rows and all(is_number(row.get(key)) for row in study.rows)][:_SHOWN]
    rows = tuple(
        (", ".join(value_text(rows[0].get(field)) for field in fields), str(len(rows)),
         *(spread(key, [row[key] for row in rows]) for key in known))
        for rows in groups.values()
    )  # fmt: skip
    head = (", ".join(fields), "Seeds", *(labels[key] for key in known))
    return Table(caption="Mean ± sample standard deviation over the seeds", head=head, rows=rows)


def _rows(path: Path) -> list[Row]:
    try:
        found = json.loads(read_bytes(path))
    except ValueError as error:
        raise RunError(f"{path}: damaged, not JSON ({error})") from error
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise RunError(f"{path}: damaged, not a list of rows")
    return found


def _with_sd(value: float, sd: float | None, unit: str, sign: bool = False) -> str:
    number = _signed(value) if sign else f"{value:.2f}"
    return number + ("" if sd is None else f" ± {100 * sd:.2f}") + unit


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _sd(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f}"
