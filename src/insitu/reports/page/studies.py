"""What a page says of a study: its table, and its figure. The files of the folder say what kind of study it is."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from insitu.recipes import registry
from insitu.recipes.running import is_number
from insitu.reports.captions import caption
from insitu.reports.curves import plot_curves
from insitu.reports.page.blocks import Block, Card, Fold, Picture, Section, Table, Text
from insitu.reports.page.loading import large, spread, value_text
from insitu.reports.page.pictures import picture, within_limit
from insitu.reports.page.study import Row, Study
from insitu.units import micro, si

_SHOWN = 8  #: results of a plain sweep in its table; rows.csv has them all


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


def study_section(study: Study, key: str, alone: bool, limit: int) -> Section:
    """Return table and figure of a study; its heading is short where the title of the page says the rest.

    Parameters
    ----------
    limit : characters that its figure may take.
    """
    make = {"ladder": _ladder, "requirements": _requirements, "sweep": _sweep}.get(study.kind)
    blocks: list[Block] = _energy(study) if make is None else [make(study)]
    found = _curves(study) if study.kind == "sweep" else picture(study.path, study.kind)
    if found is not None:
        found = replace(found, caption=caption("energy_claim")) if study.kind == "energy" else found
        blocks += within_limit([[found]], limit)
    failed = [one for about in study.about for one in about.get("failed", []) if isinstance(one, dict)]
    if failed:
        rows = tuple(
            (", ".join(f"{k} = {v}" for k, v in one.items() if k != "error"), str(one.get("error"))) for one in failed
        )
        blocks.append(Table(caption="Points that failed", head=("Point", "Why"), rows=rows, words=(0, 1)))
    return Section(key, study.kind.capitalize() if alone else study.title, tuple(blocks))


def study_fields(study: Study) -> list[Fold]:
    """Return what the study was asked for, by recipe."""
    folds = []
    for about in study.about:
        rows = tuple(
            (key, json.dumps(value, ensure_ascii=False))
            for key, value in about.items()
            if key not in ("failed", "versions")
        )
        table = Table(
            caption=f"As sweep.json says, {about['recipe']}", head=("Field", "Value"), rows=rows, words=(0, 1)
        )
        folds.append(Fold(f"What the study of {about['recipe']} was asked for", (table,)))
    return folds


def _energy(study: Study) -> list[Block]:
    """Return the sentences and tables of a claim on energy."""
    blocks: list[Block] = [Text(str(sentence)) for sentence in study.told.get("sentences", [])]
    for table in study.rows:
        rows = [row for row in table["rows"] if isinstance(row, dict)]
        head = tuple(dict.fromkeys(key for row in rows for key in row if not isinstance(row[key], list | dict)))
        words = tuple(i for i, key in enumerate(head) if any(isinstance(row.get(key), str) for row in rows))
        texts = tuple(tuple(_plain(key, row.get(key)) for key in head) for row in rows)
        if "text" in table and "columns" in table:
            head, texts, words = tuple(table["columns"]), tuple(map(tuple, table["text"])), (0,)
        names = tuple(key.replace("_", " ") for key in head)
        blocks.append(Table(caption=str(table["title"]), head=names, rows=texts, words=words or (0,)))
    return blocks


def _plain(key: str, value: Any) -> str:
    if key == "energy" and is_number(value):
        return micro(si(value, "J"))
    return "–" if value is None else large(value) if is_number(value) else str(value)


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
    lost = f"{100 * study.about[0]['limit']:g} points" if is_number(study.about[0].get("limit")) else "the limit"
    against = {"float": "floating point", "recipe": "the recipe as it stands"}.get(
        str(study.about[0].get("against")), "it"
    )
    return Table(
        caption=f"Where {lost} are lost against {against}",
        head=("Factor", "Property", "Tolerance (of one standard error)", "Unit"),
        rows=tuple((row["factor"], row["property"], row["says"], row["unit"]) for row in study.rows),
        words=(0, 1, 2, 3),
    )


def _curves(study: Study) -> Picture | None:
    """Return the first labelled result over a field, one curve for each value of another; None if there are more."""
    fields, labels = _fields(study), _labels(study)
    joined = any("+" in key for key in study.about[0].get("vary") or {})
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
    return [field for key in study.about[0].get("vary") or {} for field in key.split("+")]


def _labels(study: Study) -> Mapping[str, str]:
    return registry.labels(study.recipes[0]) or {}


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


def _with_sd(value: float, sd: float | None, unit: str, sign: bool = False) -> str:
    number = _signed(value) if sign else f"{value:.2f}"
    return number + ("" if sd is None else f" ± {100 * sd:.2f}") + unit


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _sd(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.2f}"
