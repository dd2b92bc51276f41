"""What a page says of a study: its table, and its figure. The files of the folder say what kind of study it is."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

from insitu.pages.blocks import Block, Card, Fold, Picture, Section, Text
from insitu.pages.pictures import picture, within_limit
from insitu.pages.study import Study
from insitu.recipes import registry
from insitu.reports import study_tables
from insitu.reports.curves import Axis, plot_curves
from insitu.reports.league import refused_table, whole_table
from insitu.reports.numbers import counted, is_number, typeset
from insitu.reports.study_tables import numbers_of, points
from insitu.reports.tables import Column, Table, words
from insitu.reports.tiles import tile_tables, tile_verdicts
from insitu.reports.tune import trials_table
from insitu.reports.wires import wires_table, wires_verdicts

_SHOWN = 8  #: results of a plain sweep in its table; rows.csv has them all


def study_card(study: Study) -> Card | None:
    """Return the headline of a ladder: the whole system against the first rung."""
    if study.kind != "ladder" or not study.rows:
        return None
    last = next((row for row in study.rows if row["rung"].startswith("all")), study.rows[-1])
    return Card(
        title="the whole system" if last["rung"].startswith("all") else last["rung"],
        value=f"{points(last['mean'], last['sd'], sign='')} %",
        what="named correctly",
        note=f"mean ± standard deviation of {last['seeds']} seeds" if last["sd"] is not None else "one seed, no spread",
        beside=(typeset(f"{points(last['difference'], last['difference_sd'])} points to {study.rows[0]['rung']}"),),
    )


def study_section(study: Study, key: str, alone: bool, limit: int) -> Section:
    """Return table and figure of a study; its heading is short where the title of the page says the rest.

    Parameters
    ----------
    limit : characters that its figure may take.
    """
    blocks = _tables(study)
    found = _curves(study) if study.kind == "sweep" else picture(study.path, study.kind)
    if found is not None:
        found = replace(found, name="energy_claim") if study.kind == "energy" else found
        maps = [one for path in sorted(study.path.glob("map-*.png")) if (one := picture(study.path, path.stem))]
        blocks += within_limit([[found], *([replace(one, name="map")] for one in maps)], limit)
    failed = [one for about in study.about for one in about.get("failed", []) if isinstance(one, dict)]
    rows = [(", ".join(f"{k} = {v}" for k, v in one.items() if k != "error"), str(one.get("error"))) for one in failed]
    blocks += [Table("Points that failed", words("Point", "Why"), rows)] if rows else []
    return Section(key, study.kind.capitalize() if alone else study.title, tuple(blocks))


def study_fields(study: Study) -> list[Fold]:
    """Return what the study was asked for, by recipe."""
    folds = []
    for about in study.about:
        asked = {key: value for key, value in about.items() if key not in ("failed", "versions")}
        rows = [(key, json.dumps(value, ensure_ascii=False)) for key, value in asked.items()]
        table = Table(f"As sweep.json says, {about['recipe']}", words("Field", "Value"), rows)
        folds.append(Fold(f"What the study of {about['recipe']} was asked for", (table,)))
    return folds


def _tables(study: Study) -> list[Block]:
    if study.kind == "ladder":
        title = "Named correctly (%), and the difference to the first rung (points), seed by seed"
        return [study_tables.ladder_table(title, study.rows)]
    about = study.about[0]
    if study.kind == "wires":
        title = "Named correctly, by resistance of the wires"
        return [wires_table(title, study.rows), *(Text(one) for one in wires_verdicts(study.rows))]
    if study.kind == "requirements":
        lost = counted(100 * about["limit"], "point") if is_number(about.get("limit")) else "the limit"
        title = f"Where {lost} are lost against {about.get('reference', 'it')}"
        return [study_tables.requirements_table(title, study.rows)]
    if study.kind == "tune":
        fields = [key for key in (study.rows or [{}])[0] if key not in ("trial", "mean", "seeds")]
        return [trials_table(study.title, "correct", study.rows, fields)]
    if study.kind == "tiles":
        limit = float(about["limit"]) if is_number(about.get("limit")) else 0.0
        return [*tile_tables(study.rows), *(Text(one) for one in tile_verdicts(study.rows, limit))]
    if study.kind == "sweep":
        title = "Mean ± sample standard deviation over the seeds"
        return [
            study_tables.sweep_table(title, study.rows, _fields(study), registry.about(study.recipes[0]).labels, _SHOWN)
        ]
    told: list[Block] = [Text(typeset(str(sentence))) for sentence in study.told.get("sentences", [])]
    if study.kind == "league":
        refused = [one for one in study.told.get("refused", []) if isinstance(one, dict)]
        told += [whole_table(study.rows)] if study.rows else []
        return told + ([refused_table(refused)] if refused else [])
    for one in study.rows:
        left = one.get("words", one["columns"][:1])
        columns = [Column(head, words=head in left) for head in map(str, one["columns"])]
        lines = [list(map(str, line)) for line in one["text"]]
        told.append(Table(one["title"], columns, lines, note=str(one.get("note", ""))))
    return told


def _curves(study: Study) -> Picture | None:
    """Return the first labelled result over a field, one curve for each value of another; None if there are more."""
    fields, known = _fields(study), numbers_of(study.rows, registry.about(study.recipes[0]).labels)
    joined = any("+" in key for key in study.about[0].get("vary") or {})
    if joined or not 1 <= len(fields) <= 2 or not known or len({str(row.get(fields[0])) for row in study.rows}) < 2:
        return None
    key, said = next(iter(known.items()))
    percent = "accuracy" in key
    with tempfile.TemporaryDirectory(prefix="insitu-") as scratch:
        y = Axis(key, said + " (%)" * percent, 100.0 if percent else 1.0)
        path = Path(scratch) / "sweep.png"
        plot_curves(study.rows, Axis(fields[0], fields[0]), y, path, title=study.title, series=fields[1:] or None)
        return picture(Path(scratch), "sweep")


def _fields(study: Study) -> list[str]:
    return [field for key in study.about[0].get("vary") or {} for field in key.split("+")]
